"""The note that an ATS gets when somebody applies: what they were sent and what they did, in plain words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from rapport.errors import NotFound
from rapport.ports import AtsVendors
from rapport.store import ats, candidates, identities, published, sends
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ledger import gone_on

# A recruiter reads a page; the newest lines are the ones that count.
_MOST_LINES = 40
_LONGEST_SUBJECT = 80
_ANSWERS = {
    "clicked": "followed a link",
    "replied": "replied",
    "registered_for_event": "registered for an event",
    "attended": "came to an event",
    "submitted": "sent a form",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNotes:
    """Writes one note for each application, from what the store knows at that moment."""

    store: Store
    vendors: AtsVendors = field(repr=False)

    async def write(self, connection: str, *, application: str, candidate: str) -> None:
        """Write the note unless it is there, or there is nothing to tell; whoever is gone at the ATS needs none."""
        async with self.store.read() as tx:
            seen = await ats.order_of(tx, application)
            text = await history_of(tx, await identities.kept(tx, candidate))
            there = seen.person if seen else await ats.person_of(tx, connection, candidate)
        if not text or there is None:
            return
        vendor = await self.vendors.of(connection)
        found = await vendor.person(there)
        there = found.merged_into or there if found else there
        try:
            await vendor.write("add_note", "rapport-history", person=there, key=f"history:{application}", text=text)
        except NotFound:
            return


async def history_of(tx: Tx, candidate: str) -> str:
    """What we have sent to a person and what they did, oldest first, without any mail's text; empty without a mail."""
    someone = await candidates.get(tx, candidate)
    walks = await _walks(tx, candidate)
    lines = sorted([line for walk in walks for line in await _sent(tx, walk)])
    if someone.erased_at is not None or not lines:
        return ""
    lines = sorted([*lines, *(_did(row) for row in await _answers(tx, candidate))])
    shown = [f"{at:%Y-%m-%d}: {text}" for at, text in lines[-_MOST_LINES:]]
    left_out = [f"({len(lines) - _MOST_LINES} earlier lines are left out.)"] if len(lines) > _MOST_LINES else []
    return "\n".join(
        ["Before this application (told by Rapport):", *left_out, *shown, *[line async for line in _now(tx, someone)]]
    )


async def _walks(tx: Tx, candidate: str) -> list[EnrollmentRow]:
    row = EnrollmentRow
    return list((await tx.scalars(select(row).where(row.candidate == candidate).order_by(row.enrolled_at))).all())


async def _sent(tx: Tx, walk: EnrollmentRow) -> list[tuple[datetime, str]]:
    rows = [row for row in await sends.of_enrollment(tx, walk.id) if gone_on(row)]
    if not rows:
        return []
    title = (await published.version(tx, walk.sequence, walk.version)).title
    return [(row.accepted_at or row.at, f"got the mail {_named(row)} of {title}") for row in rows]


def _named(row: SendRow) -> str:
    return f'"{(row.subject or row.mail)[:_LONGEST_SUBJECT]}"'


async def _answers(tx: Tx, candidate: str) -> list[HappeningRow]:
    row = HappeningRow
    query = select(row).where(row.candidate == candidate, row.kind.in_(_ANSWERS), row.verdict == "human")
    return list((await tx.scalars(query.order_by(row.at))).all())


def _did(row: HappeningRow) -> tuple[datetime, str]:
    word = row.link or row.event or row.detail.get("form")
    return row.at, _ANSWERS[row.kind] + (f" ({word})" if word else "")


async def _now(tx: Tx, someone: CandidateRow) -> AsyncIterator[str]:
    if someone.source:
        yield f"First known from: {someone.source}."
    if someone.score:
        yield f"Engagement score: {someone.score}."
    tags = await candidates.tags_of(tx, someone.id)
    if tags:
        yield f"Tags: {', '.join(tags)}."
