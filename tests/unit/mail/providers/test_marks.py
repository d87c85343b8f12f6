"""What a mail carries so that its provider's events name it."""

import json

import pytest

from rapport.mail.compose import compose
from rapport.mail.headers import write_headers
from rapport.mail.providers.event import ProviderEvent, ProviderName
from rapport.mail.providers.marks import marks, provider_of
from rapport.mail.tokens import Signer, Token
from tests.unit.mail.builders import a_draft
from tests.unit.mail.providers.signing import a_call, provider

SIGNER = Signer(keys={1: b"a key for tests only"}, current=1)
MARKED = SIGNER.make(Token(kind="bounce", send=42))
HOSTS: dict[str, ProviderName | None] = {
    "smtp.sendgrid.net": "sendgrid",
    "smtp.eu.mailgun.org": "mailgun",
    "smtp.postmarkapp.com": "postmark",
    "email-smtp.eu-west-1.amazonaws.com": "ses",
    "SMTP.RESEND.COM.": "resend",
    "127.0.0.1": None,
    "mail.acme.example": None,
    "sendgrid.net.acme.example": None,
}


@pytest.mark.parametrize(("host", "name"), HOSTS.items())
def test_a_provider_is_known_by_its_mail_server(host: str, name: ProviderName | None) -> None:
    """Nobody has to set what the address of the mail server says."""
    assert name == provider_of(host)


@pytest.mark.parametrize("host", HOSTS)
def test_marks_can_be_written_as_headers(host: str) -> None:
    """They fit for a header line of any mail."""
    assert write_headers(marks(host, MARKED)).count(b"\r\n") == len(marks(host, MARKED))


@pytest.mark.parametrize(("host", "count"), [("smtp.postmarkapp.com", 2), ("smtp.sendgrid.net", 1), ("127.0.0.1", 0)])
def test_a_mail_carries_the_marks_of_its_provider(host: str, count: int) -> None:
    """Only what goes out by a provider's own server has them, and our own token is in it."""
    plain, marked = compose(a_draft()).raw, compose(a_draft(relay=host)).raw

    head = marked.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    added = [line for line in head if line not in plain.decode().split("\r\n")]
    [own] = [line.partition(": ")[2] for line in head if line.startswith("X-Rapport-Send")]
    assert count == len(added)
    assert (count > 0) == any(own in line for line in added)


async def _told(name: ProviderName, tree: object) -> ProviderEvent:
    [event] = (await provider(name).read(a_call(name, tree))).events
    return event


async def test_each_provider_gives_its_mark_back() -> None:
    """What a provider makes of the header is what we read from its events."""
    [(_, smtpapi)], [(_, variables)] = marks("smtp.sendgrid.net", MARKED), marks("smtp.mailgun.org", MARKED)
    (metadata, value), _ = marks("smtp.postmarkapp.com", MARKED)
    [(_, tag)] = marks("email-smtp.eu-west-1.amazonaws.com", MARKED)
    [name, tagged] = tag.split("=")
    told = [
        await _told("sendgrid", {"event": "delivered", **json.loads(smtpapi)["unique_args"]}),
        await _told("mailgun", {"event": "delivered", "user-variables": json.loads(variables)}),
        await _told(
            "postmark",
            {"RecordType": "Delivery", "Metadata": {metadata.removeprefix("X-PM-Metadata-"): value}},
        ),
        await _told("ses", {"eventType": "Delivery", "mail": {"tags": {name: [tagged]}}}),
        await _told(
            "ses", {"eventType": "Delivery", "mail": {"headers": [{"name": "X-Rapport-Send", "value": MARKED}]}}
        ),
        await _told("resend", {"type": "email.delivered", "data": {"tags": {name: tagged}}}),
    ]

    assert [MARKED] * 6 == [event.token for event in told]
