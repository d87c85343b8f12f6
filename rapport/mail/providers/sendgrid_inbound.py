"""SendGrid's Inbound Parse: a form with the mail raw, or with its headers raw and its parts as fields and files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapport.mail.providers.call import Call
from rapport.mail.providers.form import Form, form_of
from rapport.mail.providers.handed_in import HandedIn
from rapport.mail.providers.payload import listed, mapping, text
from rapport.mail.providers.proof import check_login, refused
from rapport.mail.providers.rebuilt import Attached, Letter, rebuilt, with_envelope
from rapport.mail.providers.sendgrid import SendGrid

# A line that begins with a space goes on with the header above it.
_FOLDED = re.compile(r"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class SendGridInbound:
    """SendGrid with the logins that the address holds; without one, its calls must be signed."""

    logins: Sequence[bytes] = field(repr=False)
    signed: SendGrid

    def read(self, call: Call) -> HandedIn:
        """Check the login or the signature, then read the mail."""
        if self.logins:
            check_login("sendgrid", call.header("authorization"), self.logins)
        else:
            self.signed.check(call)
        form = form_of(call.header("content-type"), call.body)
        if form is None or not form.fields.keys() & {"email", "headers", "from"}:
            raise refused("sendgrid", "unreadable")
        envelope = mapping(form.json("envelope"))
        sender = text(envelope, "from") if "from" in envelope else None
        recipients = [one for one in listed(envelope, "to") if isinstance(one, str)]
        raw = form.fields.get("email") or rebuilt(_letter(form))
        return HandedIn(raw=with_envelope(raw, sender=sender, recipients=recipients))


def _letter(form: Form) -> Letter:
    charsets = mapping(form.json("charsets"))

    def said(name: str) -> str:
        return form.text(name, text(charsets, name) or "utf-8")

    headers = list(_headers(form.text("headers")))
    known = {name.lower() for name, _ in headers}
    missing = [(name, said(name.lower())) for name in ("From", "To", "Cc", "Subject") if name.lower() not in known]
    return Letter(
        headers=[*headers, *((name, value) for name, value in missing if value)],
        text=said("text"),
        page=said("html"),
        attached=[Attached(name=one.name, kind=one.kind, content=one.content) for one in form.files],
    )


def _headers(told: str) -> Iterator[tuple[str, str]]:
    for line in _FOLDED.sub(" ", told).splitlines():
        name, mark, value = line.partition(":")
        if mark:
            yield name.strip(), value
