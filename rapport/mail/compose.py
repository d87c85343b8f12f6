"""From a draft to the bytes that leave: headers, layout, tracking, two parts."""

import re
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from rapport.errors import ConfigurationError
from rapport.mail.addresses import mailable
from rapport.mail.draft import Composed, Draft
from rapport.mail.headers import encode_text, one_line, write_address
from rapport.mail.layout import DEFAULT_LAYOUT, Frame, frame_html, frame_text
from rapport.mail.mime import write_mail
from rapport.mail.notice import notice_text
from rapport.mail.providers.marks import marks
from rapport.mail.render import Rendered, render
from rapport.mail.tokens import Token, TokenKind, message_id

FEEDBACK_SENDER = "rapportcrm"  # the constant last field of Feedback-ID: 5 to 15 characters, the same in all mails
_ENDS_OF_THREAD = 8  # the first and last ids that References keeps, so that the line stays below 998 bytes


def compose(draft: Draft) -> Composed:
    """Write a mail; the same draft gives the same bytes.

    Raises ConfigurationError without a postal address (the law wants one in every mail), BadInput for a mistake
    in the mail's text or address, and DataMissing when the person lacks a field that the text needs.
    """
    if not draft.organization.postal_address.strip():
        raise ConfigurationError(
            "The organization has no postal address, and mails to many must show one.",
            hint="Write organization.postal_address in project.yaml.",
        )
    language = draft.language or draft.organization.language
    words = render(
        draft.source,
        _context(draft),
        nonce=draft.signer.derive(use="merge", send=draft.send_id),
        wrap=lambda number: f"{draft.public_url}/c/{_token(draft, 'click', number)}",
        language=language,
        file=draft.file,
    )
    subject = _subject(draft, words)
    frame = _frame(draft, words, subject, language)
    html = frame_html(words.html, frame, layout=draft.source.layout or DEFAULT_LAYOUT)
    text = frame_text(words.text, frame)
    recipient = mailable(draft.to_address, test_environment=True).text
    references = _references(draft)
    own_id = _own_id(draft, "send")
    headers = [
        *_routing(draft, recipient, subject),
        *_threading(draft, own_id, references),
        *_leaving(draft),
        ("X-Rapport-Send", _token(draft, "bounce")),
        *marks(draft.relay, _token(draft, "bounce")),
    ]
    raw = write_mail(headers, text=text, html=html, boundary=draft.signer.derive(use="boundary", send=draft.send_id))
    return Composed(
        raw=draft.dkim.sign(raw, at=draft.date) if draft.dkim else raw,
        message_id=own_id,
        references=references,
        subject=subject,
        envelope_sender=f"b+{_token(draft, 'bounce')}@{draft.bounce_domain}",
        recipient=recipient,
        links=words.links,
        html=html,
        text=text,
    )


def _context(draft: Draft) -> dict[str, Any]:
    """What the text may say, with the one address of ours that is different in every mail."""
    organization = {**draft.context.get("organization", {}), "preferences_url": _preferences_url(draft)}
    return {**draft.context, "organization": organization}


def _subject(draft: Draft, words: Rendered) -> str:
    """Gmail threads only mails with the same subject, so that a follow-up takes the first one's."""
    if draft.thread is None:
        return words.subject
    return f"Re: {re.sub(r'^(?:re: ?)+', '', one_line(draft.thread.subject), flags=re.IGNORECASE)}"


def _frame(draft: Draft, words: Rendered, subject: str, language: str) -> Frame:
    pixel = f"{draft.public_url}/o/{_token(draft, 'open')}.gif" if draft.track_opens else None
    return Frame(
        language=language,
        subject=subject,
        preheader=words.preheader,
        reason_line=draft.reason_line,
        unsubscribe_url=_unsubscribe_url(draft),
        preferences_url=_preferences_url(draft),
        privacy_url=draft.organization.privacy_url,
        organization=draft.organization.name,
        postal_address=draft.organization.postal_address,
        pixel_url=pixel,
        notice=notice_text(draft.notice, draft.organization, language) if draft.notice else None,
    )


def _routing(draft: Draft, recipient: str, subject: str) -> list[tuple[str, str]]:
    """Answers come back by a token in the address, since ids get lost on the way."""
    name = one_line(draft.sender_name)
    sender = mailable(draft.sender_email, test_environment=True).text
    return [
        ("From", write_address(name, sender)),
        ("Reply-To", write_address(name, f"r+{_token(draft, 'reply')}@{draft.reply_domain}")),
        ("To", write_address(one_line(draft.to_name or ""), recipient)),
        ("Subject", encode_text(subject)),
        ("Date", format_datetime(draft.date.astimezone(UTC))),
    ]


def _threading(draft: Draft, own_id: str, references: tuple[str, ...]) -> list[tuple[str, str]]:
    headers = [("Message-ID", own_id)]
    if draft.thread is not None and draft.thread.references:
        headers.append(("In-Reply-To", draft.thread.references[-1]))
    return [*headers, ("References", " ".join(references))]


def _leaving(draft: Draft) -> list[tuple[str, str]]:
    """RFC 2369 and RFC 8058: an https address that acts on POST, and a mail address."""
    mail = f"mailto:u+{_token(draft, 'unsubscribe')}@{draft.reply_domain}?subject=unsubscribe"
    return [
        ("List-Unsubscribe", f"<{_unsubscribe_url(draft)}>, <{mail}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", f"<{draft.sequence}.{draft.mail_domain}>"),
        ("Feedback-ID", f"{draft.sequence}:{draft.purpose}:{FEEDBACK_SENDER}"),
    ]


def _references(draft: Draft) -> tuple[str, ...]:
    """Our own thread id comes first: some relays replace Message-ID but leave References."""
    if draft.thread is None or not draft.thread.references:
        return (_own_id(draft, "thread"),)
    ids = draft.thread.references
    return ids if len(ids) <= _ENDS_OF_THREAD else (ids[0], *ids[1 - _ENDS_OF_THREAD :])


def _own_id(draft: Draft, kind: str) -> str:
    secret = draft.signer.keys[draft.signer.current]
    return message_id(kind=kind, send_id=draft.send_id, domain=draft.mail_domain, secret=secret)


def _unsubscribe_url(draft: Draft) -> str:
    return f"{draft.public_url}/u/{_token(draft, 'unsubscribe')}"


def _preferences_url(draft: Draft) -> str:
    return f"{draft.public_url}/p/{_token(draft, 'preferences')}"


def _token(draft: Draft, kind: TokenKind, number: int = 0) -> str:
    return draft.signer.make(Token(kind=kind, send=draft.send_id, number=number))
