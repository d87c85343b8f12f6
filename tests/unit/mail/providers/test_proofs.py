"""Whose calls are believed: every proof on the raw body, its age, and its secret."""

import base64
import json
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import ConfigurationError
from rapport.mail.providers.call import Call, CallRefused, Reading
from rapport.mail.providers.event import ProviderName
from rapport.mail.providers.registry import providers_of
from rapport.settings import Settings
from tests.unit.mail.providers.signing import (
    AT,
    LOGIN,
    MAILGUN_KEY,
    PROVIDERS,
    RESEND_SECRET,
    a_call,
    an_amazon,
    as_json,
    mailgun_proof,
    postmark_call,
    provider,
    public_text,
    resend_call,
    sendgrid_call,
    sendgrid_key,
    ses_call,
    settings,
    sns_key,
)

EVENTS: Mapping[ProviderName, Any] = {
    "sendgrid": {"event": "delivered", "email": "ana@people.example", "sg_event_id": "e1", "timestamp": 1772442000},
    "mailgun": {"event": "delivered", "id": "e1", "recipient": "ana@people.example"},
    "postmark": {"RecordType": "Delivery", "MessageID": "m1", "Recipient": "ana@people.example"},
    "ses": {"eventType": "Delivery", "mail": {"destination": ["ana@people.example"]}},
    "resend": {"type": "email.delivered", "data": {"to": ["ana@people.example"]}},
}
SIGNED: tuple[ProviderName, ...] = ("sendgrid", "mailgun", "ses", "resend")
# How old a call may be: what each provider needs to repeat one that was not taken.
WINDOWS = {
    "sendgrid": timedelta(minutes=5),
    "mailgun": timedelta(hours=8),
    "ses": timedelta(hours=8),
    "resend": timedelta(minutes=5),
}


async def _read(name: ProviderName, call: Call, **changes: Any) -> Reading:
    return await provider(name, **changes).read(call)


async def _reason(name: ProviderName, call: Call, **changes: Any) -> str:
    with pytest.raises(CallRefused) as refused:
        await _read(name, call, **changes)
    return refused.value.reason


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_call_with_its_proof_is_believed(name: ProviderName) -> None:
    """What the provider signed is read."""
    reading = await _read(name, a_call(name, EVENTS[name]))

    assert [("delivered", "ana@people.example")] == [(event.kind, event.address) for event in reading.events]


def _flip(text: str, place: int, mask: int) -> str:
    place %= len(text)
    return text[:place] + chr(ord(text[place]) ^ mask) + text[place + 1 :]


def _flip_byte(body: bytes, place: int, mask: int) -> bytes:
    changed = bytearray(body)
    changed[place % len(body)] ^= mask
    return bytes(changed)


places, masks = st.integers(0, 10_000), st.integers(1, 255)


@pytest.mark.parametrize("name", ["sendgrid", "ses", "resend"])
@given(place=places, mask=masks)
async def test_a_body_with_one_changed_byte_is_refused(name: ProviderName, place: int, mask: int) -> None:
    """Nobody between the provider and us can change a word."""
    call = a_call(name, EVENTS[name])
    changed = replace(call, body=_flip_byte(call.body, place, mask))

    with pytest.raises(CallRefused):
        await _read(name, changed, amazon=an_amazon())


@pytest.mark.parametrize("name", ["sendgrid", "resend"])
@given(data=st.data(), place=places, mask=st.integers(1, 127))
async def test_a_header_with_one_changed_letter_is_refused(
    name: ProviderName, data: st.DataObject, place: int, mask: int
) -> None:
    """Signature, time and id hold together."""
    call = a_call(name, EVENTS[name])
    header = data.draw(st.sampled_from(sorted(call.headers)))
    changed = replace(call, headers={**call.headers, header: _flip(call.headers[header], place, mask)})

    with pytest.raises(CallRefused):
        await _read(name, changed)


def _other_spellings(signature: str) -> list[str]:
    """The same bytes in base64 whose last letter has other bits in the part that nobody reads."""
    bare = signature.rstrip("=")
    letters = string.ascii_letters + string.digits + "+/"
    padding = signature[len(bare) :]
    others = [f"{bare[:-1]}{letter}{padding}" for letter in letters if letter != bare[-1]]
    return [other for other in others if base64.b64decode(other) == base64.b64decode(signature)]


@pytest.mark.parametrize("name", ["sendgrid", "ses", "resend"])
async def test_a_signature_has_one_spelling(name: ProviderName) -> None:
    """Not even a letter that decodes to the same bytes can be changed."""
    call = a_call(name, EVENTS[name])
    while not (spellings := _other_spellings(_signature(call))):  # some signatures of SendGrid fill their last letter
        call = a_call(name, EVENTS[name])

    for other in spellings:
        changed = replace(
            call,
            headers={key: value.replace(_signature(call), other) for key, value in call.headers.items()},
            body=call.body.replace(_signature(call).encode(), other.encode()),
        )
        assert "forged" == await _reason(name, changed)


def _signature(call: Call) -> str:
    told = call.header("x-twilio-email-event-webhook-signature", "svix-signature").removeprefix("v1,")
    return told or str(json.loads(call.body)["Signature"])


@given(field=st.sampled_from(["timestamp", "token", "signature"]), place=places, mask=st.integers(1, 127))
async def test_mailguns_proof_with_one_changed_letter_is_refused(field: str, place: int, mask: int) -> None:
    """Mailgun signs time and token; both and the signature hold together."""
    proof = mailgun_proof()
    proof[field] = _flip(proof[field], place, mask)
    call = Call(headers={}, body=as_json({"signature": proof, "event-data": EVENTS["mailgun"]}), at=AT)

    with pytest.raises(CallRefused):
        await _read("mailgun", call)


@given(place=places, mask=st.integers(1, 127))
async def test_postmarks_login_with_one_changed_letter_is_refused(place: int, mask: int) -> None:
    """A login is right or wrong as a whole."""
    call = postmark_call(EVENTS["postmark"])
    given = call.headers["authorization"].removeprefix("Basic ")
    changed = replace(call, headers={"authorization": f"Basic {_flip(given, place, mask)}"})

    assert "forged" == await _reason("postmark", changed)


@pytest.mark.parametrize("name", SIGNED)
async def test_a_call_is_believed_for_as_long_as_it_may_be_repeated(name: ProviderName) -> None:
    """A stale call is refused, and so is one from the future."""
    call = a_call(name, EVENTS[name])
    second, window = timedelta(seconds=1), WINDOWS[name]

    assert 1 == len((await _read(name, replace(call, at=AT + window))).events)
    assert 1 == len((await _read(name, replace(call, at=AT - timedelta(minutes=5)))).events)
    assert "stale" == await _reason(name, replace(call, at=AT + window + second))
    assert "stale" == await _reason(name, replace(call, at=AT - timedelta(minutes=5) - second))


async def test_sendgrids_window_can_be_wider() -> None:
    """Whoever was away for an hour may take what SendGrid repeats."""
    call = sendgrid_call([EVENTS["sendgrid"]])

    reading = await _read("sendgrid", replace(call, at=AT + timedelta(hours=1)), sendgrid_window=60)

    assert 1 == len(reading.events)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_call_without_proof_is_refused(name: ProviderName) -> None:
    """Knowing the address is not enough."""
    tree = EVENTS[name]
    bare = {"mailgun": {"event-data": tree}, "ses": {"Type": "Notification", "Message": "x"}}
    call = Call(headers={}, body=as_json(bare.get(name, tree)), at=AT)

    assert await _reason(name, call) in ("unsigned", "unreadable")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("sendgrid", {"sendgrid_public_key": "new"}),
        ("mailgun", {"mailgun_signing_key": "another-key"}),
        ("postmark", {"postmark_login": "rapport:another"}),
        ("resend", {"resend_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
    ],
)
async def test_while_a_secret_changes_both_are_believed(name: ProviderName, changes: dict[str, str]) -> None:
    """A secret is replaced without losing an event; afterwards the old one proves nothing."""
    [(setting, new)] = changes.items()
    old = {"mailgun_signing_key": "old-key"}.get(setting) or str(getattr(settings(), setting))
    new = public_text(_another_key()) if new == "new" else new
    call = a_call(name, EVENTS[name])
    if name == "mailgun":
        call = Call(
            headers={},
            body=as_json({"signature": mailgun_proof(key=old), "event-data": EVENTS["mailgun"]}),
            at=AT,
        )

    assert 1 == len((await _read(name, call, **{setting: f"{new} {old}"})).events)
    assert "forged" == await _reason(name, call, **{setting: new})


def _another_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


async def test_one_of_several_signatures_is_enough() -> None:
    """Resend signs with the old and the new secret while one replaces the other."""
    call = resend_call(EVENTS["resend"])
    right = call.headers["svix-signature"]
    both = replace(call, headers={**call.headers, "svix-signature": f"v1,{'A' * 43}= v1a,x {right}"})

    assert 1 == len((await _read("resend", both)).events)


async def test_standard_headers_are_read_as_well() -> None:
    """The same rules under the names of the Standard Webhooks."""
    assert 1 == len((await _read("resend", resend_call(EVENTS["resend"], prefix="webhook"))).events)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_both_signatures_of_sns_are_believed(version: str) -> None:
    """A topic signs with SHA-1 until somebody sets it to SHA-256."""
    assert 1 == len((await _read("ses", ses_call(EVENTS["ses"], version=version))).events)


async def test_mailgun_says_which_proof_may_be_used_once() -> None:
    """Its signature says nothing of the body, so that whoever takes it in remembers the token."""
    assert [True, False] == [
        (await _read(name, a_call(name, EVENTS[name]))).single_use is not None for name in ("mailgun", "resend")
    ]


def test_only_what_has_a_secret_is_set_up() -> None:
    """A provider that nobody uses has no door."""
    assert {} == dict(providers_of(Settings(), an_amazon()))
    assert {*PROVIDERS} == set(providers_of(settings(), an_amazon()))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("sendgrid_public_key", "not a key"),
        ("sendgrid_public_key", "TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FF"),
        ("postmark_login", "password-alone"),
        ("ses_topic", "arn:aws:sqs:eu-west-1:1:x"),
        ("resend_secret", RESEND_SECRET.removeprefix("whsec_")),
        ("resend_secret", "whsec_===="),
    ],
)
def test_a_secret_that_cannot_be_read_is_named(setting: str, value: str) -> None:
    """A mistake is told when the API starts, by the variable's name, and the secret is not repeated."""
    with pytest.raises(ConfigurationError, match=f"RAPPORT_{setting.upper()}") as error:
        providers_of(settings(**{setting: value}), an_amazon())

    assert setting == "ses_topic" or value not in str(error.value)


def test_a_key_of_another_kind_is_no_key_of_sendgrids() -> None:
    """An RSA key was copied from somewhere else."""
    with pytest.raises(ConfigurationError, match="RAPPORT_SENDGRID_PUBLIC_KEY"):
        providers_of(settings(sendgrid_public_key=public_text(sns_key())), an_amazon())


def test_secrets_are_not_printed() -> None:
    """A traceback shows no secret."""
    shown = repr(providers_of(settings(), an_amazon()))

    assert not any(secret in shown for secret in (MAILGUN_KEY, LOGIN, RESEND_SECRET, public_text(sendgrid_key())))
