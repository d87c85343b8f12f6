"""Postmark's inbound webhook: JSON with the mail raw where that is switched on, else with its headers and parts."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.mail.headers import one_line, write_address
from rapport.mail.providers.call import Call
from rapport.mail.providers.handed_in import HandedIn
from rapport.mail.providers.payload import listed, mapping, parsed, text
from rapport.mail.providers.proof import check_login, refused
from rapport.mail.providers.rebuilt import Attached, Letter, rebuilt, with_envelope

# Postmark tells these beside the other headers.
_APART = (("From", "FromFull"), ("To", "ToFull"), ("Cc", "CcFull"))
_ALONE = (("Subject", "Subject"), ("Date", "Date"), ("Reply-To", "ReplyTo"))


@dataclass(frozen=True, slots=True)
class PostmarkInbound:
    """Postmark with the logins (`user:password`) that its webhooks' addresses hold."""

    logins: Sequence[bytes] = field(repr=False)

    def read(self, call: Call) -> HandedIn:
        """Check the login, then read the mail."""
        check_login("postmark", call.header("authorization"), self.logins)
        tree = parsed("postmark", call.body)
        if not isinstance(tree, Mapping) or "RecordType" in tree or not tree.keys() & {"RawEmail", "FromFull", "From"}:
            raise refused("postmark", "unreadable")
        raw = _said(tree, "RawEmail").encode("utf-8", "replace") or rebuilt(_letter(tree))
        return HandedIn(raw=with_envelope(raw, sender=None, recipients=[text(tree, "OriginalRecipient")]))


def _letter(tree: Mapping[str, Any]) -> Letter:
    headers = [(text(one, "Name"), text(one, "Value")) for one in listed(tree, "Headers")]
    known = {name.lower() for name, _ in headers}
    apart = [(name, _addresses(tree, key)) for name, key in _APART]
    alone = [(name, text(tree, key)) for name, key in _ALONE]
    return Letter(
        headers=[*headers, *((name, value) for name, value in (*apart, *alone) if value and name.lower() not in known)],
        text=_said(tree, "TextBody"),
        page=_said(tree, "HtmlBody"),
        attached=list(_attached(tree)),
    )


def _addresses(tree: Mapping[str, Any], key: str) -> str:
    """The addresses with their names; FromFull is one, the others are lists."""
    told = listed(tree, key) or [mapping(tree, key)]
    written = [write_address(one_line(text(one, "Name")), one_line(text(one, "Email"))) for one in told]
    return ", ".join(one for one in written if one)


def _attached(tree: Mapping[str, Any]) -> Iterator[Attached]:
    for one in listed(tree, "Attachments"):
        try:
            content = base64.b64decode(_said(one, "Content") or _said(one, "Data"))
        except (ValueError, binascii.Error):
            continue
        yield Attached(name=text(one, "Name"), kind=text(one, "ContentType").partition(";")[0].strip(), content=content)


def _said(tree: object, name: str) -> str:
    """A text of any length; empty where there is none."""
    value = mapping(tree).get(name)
    return value if isinstance(value, str) else ""
