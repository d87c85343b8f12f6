"""Providers as they hand in a mail that they have received: raw, or taken apart as each of them does."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from httpx import Request

from rapport.mail.providers.call import Call
from tests.unit.mail.providers.signing import AT, LOGIN, as_json, mailgun_proof

HandsIn: TypeAlias = Literal["sendgrid", "mailgun", "postmark"]
HANDING_IN: tuple[HandsIn, ...] = ("sendgrid", "mailgun", "postmark")
_READ = ("text/plain", "text/html")
RECIPIENT = "inbound@reply.rapport.test"


def basic(login: str = LOGIN) -> str:
    """A login as browsers and providers send it."""
    return f"Basic {base64.b64encode(login.encode()).decode()}"


def form_call(fields: Mapping[str, Any], files: Sequence[tuple[str, Any]] = (), **headers: str) -> Call:
    """A form as an HTTP client of today writes it; multipart where there are files."""
    if not files:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return Call(headers={**kind, **headers}, body=urlencode(dict(fields)).encode(), at=AT)
    request = Request("POST", "https://api.acme.example/", data=dict(fields), files=list(files))
    return Call(headers={"content-type": request.headers["content-type"], **headers}, body=request.read(), at=AT)


def raw_call(
    name: HandsIn, raw: bytes, *, to: str = RECIPIENT, sender: str = "c_ana@people.example", **proof: Any
) -> Call:
    """A mail handed in raw, where that is switched on."""
    match name:
        case "sendgrid":
            envelope = json.dumps({"to": [to], "from": sender})
            files = [("email", (None, raw)), ("envelope", (None, envelope)), ("dkim", (None, "{}"))]
            return form_call({}, files, authorization=basic())
        case "mailgun":
            return form_call({"recipient": to, "sender": sender, "body-mime": raw, **mailgun_proof(**proof)})
        case "postmark":
            return _json_call({"OriginalRecipient": to, "FromFull": {}, "RawEmail": raw.decode()})


def parsed_call(
    name: HandsIn, raw: bytes, *, to: str = RECIPIENT, sender: str = "c_ana@people.example", **proof: Any
) -> Call:
    """The same mail taken apart."""
    mail = message_from_bytes(raw, policy=compat32)
    words = {kind: "".join(_texts(mail, kind)) for kind in ("plain", "html")}
    attached = [part for part in _leaves(mail) if part.get_content_type() not in _READ or part.get_filename()]
    files = [
        (f"attachment{number}", (part.get_filename() or "file", _content(part), part["Content-Type"]))
        for number, part in enumerate(attached, 1)
    ]
    match name:
        case "sendgrid":
            head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode() + "\n"
            fields = {
                "headers": head,
                "text": words["plain"],
                "html": words["html"],
                "envelope": json.dumps({"to": [to], "from": sender}),
            }
            return form_call(fields, files or [("none", (None, ""))], authorization=basic())
        case "mailgun":
            pairs = json.dumps([[key, _said(value)] for key, value in mail.raw_items()])
            texts = {"body-plain": words["plain"], "body-html": words["html"], "message-headers": pairs}
            return form_call({"recipient": to, "sender": sender, **texts, **mailgun_proof(**proof)}, files)
        case "postmark":
            return _json_call(_postmark(mail, to, words, attached))


def _postmark(mail: Message, to: str, words: Mapping[str, str], attached: Sequence[Message]) -> dict[str, Any]:
    apart = ("from", "to", "cc", "subject", "date", "reply-to", "content-type")
    return {
        "OriginalRecipient": to,
        "FromFull": {"Email": str(mail["From"]).split()[-1].strip("<>"), "Name": ""},
        "ToFull": [{"Email": str(mail["To"]), "Name": ""}],
        "Subject": _said(dict(mail.raw_items()).get("Subject", "")),
        "Date": str(mail["Date"] or ""),
        "TextBody": words["plain"],
        "HtmlBody": words["html"],
        "Headers": [
            {"Name": key, "Value": _said(value)} for key, value in mail.raw_items() if key.lower() not in apart
        ],
        "Attachments": [
            {
                "Name": part.get_filename() or "file",
                "ContentType": part["Content-Type"],
                "Content": base64.b64encode(_content(part)).decode(),
            }
            for part in attached
        ],
    }


def _json_call(tree: Any, at: datetime = AT) -> Call:
    return Call(headers={"authorization": basic(), "content-type": "application/json"}, body=as_json(tree), at=at)


def _said(value: object) -> str:
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _leaves(mail: Message) -> list[Message]:
    if mail.get_content_maintype() != "multipart":
        return [mail]
    payload = mail.get_payload()
    assert isinstance(payload, list)
    return [leaf for part in payload if isinstance(part, Message) for leaf in _leaves(part)]


def _texts(mail: Message, kind: str) -> list[str]:
    parts = [part for part in _leaves(mail) if part.get_content_type() == f"text/{kind}" and not part.get_filename()]
    return [_content(part).decode(str(part.get_content_charset() or "utf-8"), "replace") for part in parts]


def _content(part: Message) -> bytes:
    decoded = part.get_payload(decode=True)
    if isinstance(decoded, bytes):
        return decoded
    payload = part.get_payload()
    assert isinstance(payload, list)
    return b"\n".join(bytes(inner) for inner in payload if isinstance(inner, Message))
