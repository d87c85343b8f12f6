"""From a step to the draft of its mail: the live text in the person's language, the sender, the thread, the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import compat32
from functools import lru_cache

from rapport.dsl.mail_source import MailSource, read_mail_source
from rapport.dsl.model import Send
from rapport.dsl.project import TRACKING
from rapport.errors import NotFound
from rapport.ids import send_id
from rapport.mail.compose import compose
from rapport.mail.dkim_key import DkimKey
from rapport.mail.draft import Composed, Draft, Thread
from rapport.mail.tokens import Signer, Token
from rapport.mail.variants import choose_variant
from rapport.store import published
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.store.tables.published import MailTextRow
from rapport.usecases.mail_context import context_of
from rapport.usecases.notice import notice_for
from rapport.usecases.reason_line import reason_line
from rapport.usecases.roles import ROLES, roles_for
from rapport.usecases.senders import sender_of
from rapport.usecases.standing import Standing

# The mails of a hundred sequences; reading one takes 0.7 ms, and thousands of people get the same.
_KEPT_SOURCES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all mails of this installation share; `public_url` has no slash at its end.

    Without `dkim` nothing is signed here: the relay does it. `relay` is the name of that mail server.
    """

    signer: Signer
    public_url: str
    mail_domain: str
    reply_domain: str
    bounce_domain: str
    dkim: DkimKey | None = None
    relay: str = ""

    def envelope_sender(self, send: int) -> str:
        """The address that bounces of a send come back to."""
        return f"b+{self.signer.make(Token(kind='bounce', send=send))}@{self.bounce_domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A composed mail and the text that it was made of."""

    composed: Composed
    text: MailTextRow


async def write_mail(tx: Tx, here: Standing, step: str, letterhead: Letterhead) -> Written:
    """Write the mail of a send step.

    Raises NotFound without a text, and what `compose` raises: DataMissing, BadInput, ConfigurationError.
    """
    send = here.node(step).action
    if not isinstance(send, Send):
        raise NotFound(kind="send step", name=step, hint="Name a step that sends a mail.")
    text = await _text(tx, here, send.mail)
    file = f"mails/{text.name}{f'.{text.language}' if text.language else ''}.md"
    source = _read(text.source, file)
    language = text.language or here.project.organization.language
    if ROLES in source.fields:  # few mails show jobs, and the others pay nothing for it
        roles = await roles_for(tx, here.situation.candidate)
        here = replace(here, situation=replace(here.situation, roles=roles))
    notice = await notice_for(tx, here, language)
    number = send_id(here.row.id, step)
    draft = draft_of(here, send, letterhead, number=number, source=source, language=language, file=file)
    return Written(composed=compose(replace(draft, notice=notice)), text=text)


def draft_of(
    here: Standing, send: Send, letterhead: Letterhead, *, number: int, source: MailSource, language: str, file: str
) -> Draft:
    """Say what a mail of this walk is made of; `number` is the send's, `language` that of the source."""
    sender = sender_of(here, send)
    return Draft(
        send_id=number,
        source=source,
        context=context_of(here.situation, here.plan, here.project, sender=sender, paths=source.fields),
        sender_name=sender[0],
        sender_email=sender[1],
        to_name=" ".join(part for part in (here.person.first_name, here.person.last_name) if part) or None,
        to_address=here.person.email or "",
        sequence=here.row.sequence,
        purpose=here.plan.purpose,
        organization=here.project.organization,
        reason_line=reason_line(here, language),
        date=here.at,
        public_url=letterhead.public_url,
        mail_domain=letterhead.mail_domain,
        reply_domain=letterhead.reply_domain,
        bounce_domain=letterhead.bounce_domain,
        signer=letterhead.signer,
        language=language,
        thread=_thread(here.sends, number) if send.reply_to_previous else None,
        track_opens=TRACKING in here.situation.consents,
        dkim=letterhead.dkim,
        relay=letterhead.relay,
        file=file,
    )


@lru_cache(maxsize=_KEPT_SOURCES)
def _read(text: str, file: str) -> MailSource:
    return read_mail_source(text, file)


async def _text(tx: Tx, here: Standing, mail: str) -> MailTextRow:
    """The live text for the person's locale; the nearest one, if theirs is not there."""
    texts = {
        f"{text.name}.{text.language}" if text.language else text.name: text
        for text in await published.live_texts(tx, mail)
    }
    return texts[choose_variant(mail, here.person.locale, texts, here.project.organization.language)]


def _thread(rows: Sequence[SendRow], number: int) -> Thread | None:
    """The thread of the last mail that left before this one; its own headers say what it belongs to."""
    before = [row for row in rows if row.state in ("accepted", "unknown") and row.id != number and row.message_id]
    if not before:
        return None
    last = before[-1]
    headers = message_from_bytes(last.raw or b"", policy=compat32)
    references = str(headers.get("References", "")).split()
    return Thread(references=(*references, last.message_id or ""), subject=last.subject or "")
