"""A mail that a provider hands in is the mail that was sent to us, whichever way it was taken apart."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import ConfigurationError
from rapport.mail.classify import as_json
from rapport.mail.inbound import read_inbound
from rapport.mail.providers.call import Call, CallRefused
from rapport.mail.providers.form import form_of
from rapport.mail.providers.handed_in import HandedIn, MailSource
from rapport.mail.providers.rebuilt import Attached, Letter, rebuilt
from rapport.mail.providers.registry import mail_sources_of
from tests.unit.mail.answers import CORPUS, a_mail, a_report
from tests.unit.mail.builders import SIGNER
from tests.unit.mail.mutations import spoiled_mails
from tests.unit.mail.providers.handing_in import HANDING_IN, HandsIn, basic, form_call, parsed_call, raw_call
from tests.unit.mail.providers.signing import AT, LOGIN, mailgun_proof, sendgrid_call, settings
from tests.unit.mail.providers.signing import as_json as json_of

ESP = CORPUS.parent / "esp"
LETTERS = Path(__file__).parents[1] / "letters"
EXPECTED = json.loads((LETTERS / "expected.json").read_text())


def source(name: HandsIn, **changes: Any) -> MailSource:
    """The adapter of one provider."""
    return mail_sources_of(settings(**{"sendgrid_login": LOGIN, **changes}))[name]


def read(name: HandsIn, call: Call) -> HandedIn:
    """The mail of a call."""
    return source(name).read(call)


@pytest.mark.parametrize("name", HANDING_IN)
def test_a_raw_mail_comes_through_to_the_byte(name: HandsIn) -> None:
    """What a person wrote is not touched; what the envelope said stands before it."""
    raw = a_mail("Grüße, €\r\n")

    handed = read(name, raw_call(name, raw, to="r+token@reply.acme.example")).raw

    assert handed.endswith(raw)
    assert b"X-Original-To: r+token@reply.acme.example\r\n" in handed.removesuffix(raw)


@pytest.mark.parametrize("name", ["sendgrid", "mailgun"])
def test_a_raw_mail_in_an_old_charset_comes_through_to_the_byte(name: HandsIn) -> None:
    """Nobody decodes what is in it."""
    raw = b"From: ada@candidate.test\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\x80\r\n"

    assert read(name, raw_call(name, raw)).raw.endswith(raw)


@pytest.mark.parametrize("name", HANDING_IN)
@pytest.mark.parametrize("letter", EXPECTED)
def test_a_mail_that_was_taken_apart_is_taken_for_the_same(name: HandsIn, letter: str) -> None:
    """People are people and machines are machines, also where the provider does not hand on the mail itself."""
    raw = (LETTERS / letter).read_bytes()

    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    sender = "" if b"Return-Path: <>" in head else "a@b.test"

    mail = read_inbound(read(name, parsed_call(name, raw, sender=sender)).raw, None, SIGNER)

    said = as_json(mail)
    wanted = {word: said[word] for word in EXPECTED[letter]}
    assert EXPECTED[letter] == wanted, mail.reasons
    assert read_inbound(raw, None, SIGNER).text == mail.text


@pytest.mark.parametrize("name", ["sendgrid", "mailgun"])
def test_the_empty_sender_of_machines_is_told(name: HandsIn) -> None:
    """An answer without a return path comes of no person."""
    handed = read(name, parsed_call(name, a_mail("I am away."), sender=""))

    assert handed.raw.startswith(b"Return-Path: <>\r\n")
    assert "auto_reply" == read_inbound(handed.raw, None, SIGNER).kind


@pytest.mark.parametrize("name", HANDING_IN)
def test_a_delivery_report_stays_one(name: HandsIn) -> None:
    """Its parts come as attachments, and say what they said."""
    raw = a_report("5.1.1", "550 5.1.1 User unknown")

    mail = read_inbound(read(name, parsed_call(name, raw)).raw, None, SIGNER)

    assert "bounce_hard" == mail.kind


@pytest.mark.skipif(not ESP.is_dir(), reason="the providers' example payloads are not here")
@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("sendgrid", "inbound-inbound_basics", "Test body plain"),
        ("sendgrid", "inbound-inbound_mime", "It's a body\N{HORIZONTAL ELLIPSIS}"),
        ("mailgun", "inbound-inbound_basics", "Test body plain"),
        ("mailgun", "inbound-inbound_mime", "It's a body\N{HORIZONTAL ELLIPSIS}"),
        ("postmark", "inbound-inbound_basics", "Test body plain"),
        ("postmark", "postmark-inbound-test-payload", "This is a test text body."),
        ("postmark", "postmark-inbound-test-payload-with-raw", "This is a test text body."),
        ("postmark", "inbound-spammy_address", ""),
    ],
)
def test_the_providers_own_examples_are_read(name: HandsIn, file: str, text: str) -> None:
    """What they document is what we understand: who wrote, what, and by which id."""
    tree = json.loads((ESP / name / f"{file}.json").read_text())
    calls = {
        "sendgrid": lambda: form_call(tree, [("none", (None, ""))], authorization=basic()),
        "mailgun": lambda: form_call({**tree, **mailgun_proof()}),
        "postmark": lambda: Call(headers={"authorization": basic()}, body=json_of(tree), at=AT),
    }

    mail = read_inbound(read(name, calls[name]()).raw, None, SIGNER)

    assert (text, "reply") == (mail.text, mail.kind if text else "reply")
    assert "basics" not in file or mail.message_id == "<CAEPk3R+4Zr@mail.example.org>"
    assert "basics" not in file or mail.from_address == "from+test@example.org"
    assert "mime" not in file or mail.message_id == "<CAEPk3RKEx@mail.example.org>"


def test_sendgrid_tells_the_charset_of_each_field() -> None:
    """Letters of old mail programs are not lost."""
    fields = {
        "headers": "From: a@b.test\n",
        "charsets": '{"text":"iso-8859-1"}',
        "text": "Gr\u00fc\u00dfe".encode("latin-1"),
    }

    call = form_call({}, [(key, (None, value)) for key, value in fields.items()], authorization=basic())

    assert "Gr\u00fc\u00dfe" == read_inbound(read("sendgrid", call).raw, None, SIGNER).text


def test_sendgrid_may_sign_instead_of_a_login() -> None:
    """With a security policy of SendGrid's, the key of its events vouches for its mails."""
    call = raw_call("sendgrid", a_mail())
    signed = sendgrid_call(None, body=call.body)
    proven = Call(headers={**signed.headers, "content-type": call.headers["content-type"]}, body=call.body, at=AT)
    forged = Call(headers=proven.headers, body=call.body.replace(b"gladly", b"kindly"), at=AT)

    assert source("sendgrid", sendgrid_login="").read(proven).raw.endswith(a_mail())
    with pytest.raises(CallRefused, match="does not fit"):
        source("sendgrid", sendgrid_login="").read(forged)


@pytest.mark.parametrize("name", ["sendgrid", "postmark"])
@pytest.mark.parametrize(
    ("authorization", "reason"), [("", "unsigned"), (basic("rapport:wrong"), "forged"), ("Bearer x", "unsigned")]
)
def test_without_the_login_nothing_is_read(name: HandsIn, authorization: str, reason: str) -> None:
    """Nobody answers for somebody else."""
    call = raw_call(name, a_mail())

    with pytest.raises(CallRefused) as caught:
        read(name, Call(headers={**call.headers, "authorization": authorization}, body=call.body, at=AT))

    assert reason == caught.value.reason


@pytest.mark.parametrize(
    ("proof", "reason"),
    [({"key": "another"}, "forged"), ({"at": AT - timedelta(hours=9)}, "stale"), ({"token": ""}, "unsigned")],
)
def test_mailgun_proves_each_mail(proof: dict[str, Any], reason: str) -> None:
    """With its own key, and not long ago."""
    with pytest.raises(CallRefused) as caught:
        read("mailgun", raw_call("mailgun", a_mail(), **proof))

    assert reason == caught.value.reason


def test_each_flipped_letter_of_mailguns_proof_is_found() -> None:
    """Timestamp, token and signature: none can be changed."""
    proof = mailgun_proof()
    for field, value in proof.items():
        for at in range(len(value)):
            changed = value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
            with pytest.raises(CallRefused):
                read("mailgun", form_call({**proof, field: changed, "body-mime": "x", "recipient": "a@b.test"}))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("postmark", Call(headers={"authorization": basic()}, body=b'{"RecordType": "Bounce"}', at=AT)),
        ("postmark", Call(headers={"authorization": basic()}, body=b"[", at=AT)),
        ("sendgrid", Call(headers={"authorization": basic(), "content-type": "x"}, body=b"[]", at=AT)),
        ("sendgrid", form_call({"hello": "there"}, authorization=basic())),
        ("mailgun", form_call({**mailgun_proof(), "hello": "there"})),
    ],
)
def test_what_is_no_mail_is_refused(name: HandsIn, call: Call) -> None:
    """Events that were pointed here by mistake, for instance."""
    with pytest.raises(CallRefused) as caught:
        read(name, call)

    assert "unreadable" == caught.value.reason


@pytest.mark.parametrize("name", HANDING_IN)
@given(raw=spoiled_mails())
def test_a_spoiled_mail_that_was_taken_apart_is_read(name: HandsIn, raw: bytes) -> None:
    """Whatever is in its headers and parts, there is a mail in the end."""
    try:
        call = parsed_call(name, raw)
    except (AssertionError, LookupError, ValueError, TypeError, IndexError):
        return  # no provider could take it apart like this

    mail = read_inbound(read(name, call).raw, None, SIGNER)

    assert mail.dedupe_key


@given(
    name=st.text(max_size=20),
    value=st.text(max_size=60),
    text=st.text(max_size=200),
    file=st.text(max_size=30),
    kind=st.text(max_size=20),
    content=st.binary(max_size=60),
)
def test_nothing_in_a_part_begins_a_header_or_a_part(
    name: str, value: str, text: str, file: str, kind: str, content: bytes
) -> None:
    """Who writes to us chooses the words, and nothing of the mail around them."""
    letter = Letter(
        headers=[("Subject", value), (name, value)],
        text=text,
        attached=[Attached(name=file, kind=kind, content=content)],
    )
    raw = rebuilt(letter)

    head = raw.partition(b"\r\n\r\n")[0]
    boundary = head.rpartition(b'boundary="')[2].rstrip(b'"')
    assert 4 >= head.count(b"\r\n") + 1
    assert 3 == raw.count(b"--" + boundary)
    assert raw == rebuilt(letter)


@given(fields=st.dictionaries(st.sampled_from("abcde"), st.binary(max_size=100), min_size=1), content=st.binary())
def test_a_form_comes_apart_as_it_was_put_together(fields: dict[str, bytes], content: bytes) -> None:
    """Each byte of each field and file, whatever it is."""
    files: list[tuple[str, Any]] = [(key, (None, value)) for key, value in fields.items()]
    call = form_call({}, [*files, ("file", ("cv.pdf", content, "application/pdf"))])

    form = form_of(call.headers["content-type"], call.body)

    assert form is not None
    assert fields == form.fields
    assert [("cv.pdf", "application/pdf", content)] == [(one.name, one.kind, one.content) for one in form.files]


@given(head=st.text(max_size=100), body=st.binary(max_size=300))
def test_any_bytes_are_a_form_or_none(head: str, body: bytes) -> None:
    """Strangers' bytes are no fault of ours."""
    for kind in (head, "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"):
        form_of(kind, body)
        form_of(kind, b"--b\r\n" + body + b"\r\n--b--")


def test_a_login_without_a_password_stops_the_api() -> None:
    """It would let everybody in."""
    with pytest.raises(ConfigurationError, match="RAPPORT_SENDGRID_LOGIN"):
        mail_sources_of(settings(sendgrid_login="rapport:"))
