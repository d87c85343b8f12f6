"""Mailgun's routes: a form with the mail raw (an address that ends in `mime`), or with its headers and parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapport.mail.providers.call import Call
from rapport.mail.providers.form import Form, form_of
from rapport.mail.providers.handed_in import HandedIn
from rapport.mail.providers.mailgun import check_proof
from rapport.mail.providers.proof import refused
from rapport.mail.providers.rebuilt import Attached, Letter, rebuilt, with_envelope

_PROOF = ("timestamp", "token", "signature")
_PAIR = 2


@dataclass(frozen=True, slots=True)
class MailgunInbound:
    """Mailgun with its signing keys."""

    keys: Sequence[bytes] = field(repr=False)

    def read(self, call: Call) -> HandedIn:
        """Check the proof among the fields, then read the mail; the token may vouch for this mail only."""
        form = form_of(call.header("content-type"), call.body)
        if form is None:
            raise refused("mailgun", "unreadable")
        token = check_proof(self.keys, {name: form.text(name) for name in _PROOF}, call.at)
        if not form.fields.keys() & {"body-mime", "message-headers", "from"}:
            raise refused("mailgun", "unreadable")
        sender = form.text("sender") if "sender" in form.fields else None
        raw = form.fields.get("body-mime") or rebuilt(_letter(form))
        envelope = with_envelope(raw, sender=sender, recipients=[form.text("recipient")])
        return HandedIn(raw=envelope, single_use=token)


def _letter(form: Form) -> Letter:
    headers = list(_headers(form))
    known = {name.lower() for name, _ in headers}
    missing = [(name, form.text(name.lower())) for name in ("From", "To", "Subject") if name.lower() not in known]
    return Letter(
        headers=[*headers, *((name, value) for name, value in missing if value)],
        text=form.text("body-plain"),
        page=form.text("body-html"),
        attached=[Attached(name=one.name, kind=one.kind, content=one.content) for one in form.files],
    )


def _headers(form: Form) -> Iterator[tuple[str, str]]:
    """The pairs as they stood in the mail."""
    told = form.json("message-headers")
    for pair in told if isinstance(told, list) else ():
        if isinstance(pair, list) and len(pair) == _PAIR and all(isinstance(one, str) for one in pair):
            yield pair[0], pair[1]
