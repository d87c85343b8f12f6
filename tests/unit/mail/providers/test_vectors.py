"""Calls that providers have signed themselves: they verify, and nothing in them can be changed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rapport.mail.providers.call import Call, CallRefused
from rapport.mail.providers.event import ProviderName
from tests.unit.mail.providers.signing import provider
from tests.unit.mail.providers.test_payloads import DATA, THERE


def _vector(name: str) -> tuple[dict[str, str], bytes]:
    folder = DATA / name / "signed"
    if name == "mailgun":
        told = json.loads((folder / "README.json").read_text(encoding="utf-8"))
        return told, (folder / "body.json").read_bytes()
    return json.loads((folder / "headers.json").read_text(encoding="utf-8")), (folder / "body.bin").read_bytes()


async def _verify(name: ProviderName, told: Mapping[str, str], body: bytes, *, late: timedelta = timedelta(0)) -> None:
    secrets: dict[str, dict[str, Any]] = {
        "sendgrid": {"sendgrid_public_key": told.get("public_key_b64_der", "")},
        "mailgun": {"mailgun_signing_key": told.get("signing_key", "")},
        "resend": {"resend_secret": told.get("secret", "")},
    }
    stamp = json.loads(body)["signature"]["timestamp"] if name == "mailgun" else ""
    headers = {key.lower(): value for key, value in told.items()}
    stamp = stamp or headers.get("svix-timestamp") or headers["x-twilio-email-event-webhook-timestamp"]
    at = datetime.fromtimestamp(int(stamp), UTC) + late
    await provider(name, **secrets[name]).read(Call(headers=headers, body=body, at=at))


@THERE
@pytest.mark.parametrize("name", ["sendgrid", "mailgun", "resend"])
async def test_the_vectors_that_providers_signed_verify(name: ProviderName) -> None:
    """Our rules are the providers' own; a day later the same call is stale."""
    told, body = _vector(name)

    await _verify(name, told, body)
    with pytest.raises(CallRefused) as stale:
        await _verify(name, told, body, late=timedelta(days=1))

    assert "stale" == stale.value.reason


@THERE
@pytest.mark.parametrize("name", ["sendgrid", "resend"])
async def test_no_byte_of_a_vectors_body_can_be_changed(name: ProviderName) -> None:
    """Every single byte is part of the proof, the line break at the end included."""
    told, body = _vector(name)

    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        with pytest.raises(CallRefused):
            await _verify(name, told, bytes(changed))


@THERE
@pytest.mark.parametrize("name", ["sendgrid", "resend"])
async def test_no_letter_of_a_vectors_headers_can_be_changed(name: ProviderName) -> None:
    """Time, id and signature are, too."""
    told, body = _vector(name)
    proof = [key for key in told if key.lower().startswith(("svix-", "x-twilio-"))]

    for header in proof:
        for place in range(len(told[header])):
            for other in "A1+/=":
                changed = told[header][:place] + other + told[header][place + 1 :]
                # The stamp of the call follows the header, so that age is not what refuses it.
                if changed == told[header] or ("timestamp" in header.lower() and not changed.isdigit()):
                    continue
                with pytest.raises(CallRefused):
                    await _verify(name, {**told, header: changed}, body)


@THERE
async def test_no_letter_of_mailguns_proof_can_be_changed() -> None:
    """Mailgun signs time and token."""
    told, body = _vector("mailgun")
    proof = json.loads(body)["signature"]

    for field, value in proof.items():
        for place in range(len(value)):
            other = "0" if value[place] != "0" else "1"
            changed = {**proof, field: value[:place] + other + value[place + 1 :]}
            with pytest.raises(CallRefused):
                await _verify("mailgun", told, json.dumps({**json.loads(body), "signature": changed}).encode())
