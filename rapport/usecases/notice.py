"""Who must be told where we have their data from, and when: in the first mail that they ever get (GDPR, Article 14)."""

from datetime import UTC, datetime

from sqlalchemy import select

from rapport.mail.merge import DataMissing
from rapport.mail.notice import Notice
from rapport.store import happenings
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.consent_text import language_for, title_of
from rapport.usecases.standing import Standing

# What people do who give us their data themselves; they were informed when they did it.
_CAME_BY_THEMSELVES = ("submitted", "registered_for_event", "applied")
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def notice_for(tx: Tx, here: Standing, language: str) -> Notice | None:
    """The notice that the mail must carry; None for who gave us their data, or has had a mail before.

    DataMissing when it must be told where the data come from, and nobody has written it down.
    """
    if await _gave_it_themselves(tx, here) or await _was_told(tx, here):
        return None
    if not here.person.source:
        raise DataMissing(path="candidate.source")
    return Notice(source=here.person.source, purpose=_purpose(here, language), basis=_basis(here))


async def _gave_it_themselves(tx: Tx, here: Standing) -> bool:
    """Nearly everybody has consented or joined, which costs no query."""
    consented = any(entry.state == "granted" and entry.basis == "consent" for entry in here.ledger)
    if consented or here.person.joined_on is not None or here.situation.application:
        return True
    return bool(await happenings.of_person(tx, here.person.id, kinds=_CAME_BY_THEMSELVES, since=_EVER))


async def _was_told(tx: Tx, here: Standing) -> bool:
    """Whether a mail has surely arrived; one of which nobody can say so is rather repeated than missed."""
    query = select(SendRow.id).where(SendRow.recipient_key == here.person.email_key, SendRow.state == "accepted")
    return await tx.scalar(query.limit(1)) is not None


def _purpose(here: Standing, language: str) -> str:
    purpose = here.project.purposes.get(here.plan.purpose)
    if purpose is None:
        return here.plan.purpose
    return title_of(purpose, here.project, language_for(here.project, language))


def _basis(here: Standing) -> str:
    """What the ledger says of this purpose, as the list of people had it; empty where it says nothing."""
    granted = [entry for entry in here.ledger if entry.purpose == here.plan.purpose and entry.state == "granted"]
    return granted[-1].basis if granted else ""
