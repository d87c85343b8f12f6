"""What an ATS gets when somebody applies: a note of what they were sent and did, in plain words, and our tags."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from rapport.clock import Clock
from rapport.crm.ats_words import OWN_TAG
from rapport.errors import NotFound, Refused
from rapport.ports import AtsVendors
from rapport.store import ats, candidates, identities, published, sends
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow, TagRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ledger import gone_on
from rapport.usecases.scores import score_of

# A recruiter reads a page; the newest lines are the ones that count.
_MOST_LINES = 40
_LONGEST_SUBJECT = 80
_MOST_WALKS = 10
# Each costs some calls, and an errand has a minute and a half.
_MOST_TAGS = 10
_LONGEST_TAG = 100
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
    clock: Clock

    async def write(self, connection: str, *, application: str, candidate: str) -> None:
        """Write the note and our tags unless they are there, or there is nothing to tell.

        Whoever is gone at the ATS needs none, and an ATS that takes none gets none.
        """
        async with self.store.read() as tx:
            seen = await ats.order_of(tx, application)
            ours = await identities.kept(tx, candidate)
            text = await history_of(tx, ours, at=self.clock.walk_time(ours))
            there = seen.person if seen else await ats.person_of(tx, connection, candidate)
            tags = await _own_tags(tx, ours) if text else ()
        if not text or there is None:
            return
        vendor = await self.vendors.of(connection)
        found = await vendor.person(there)
        there = found.merged_into or there if found else there
        key = f"history:{application}"
        try:
            await vendor.write("add_note", "rapport-history", person=there, key=key, text=text)
            for tag in tags:
                await vendor.write("add_tag", OWN_TAG + tag, person=there, key=f"{key}:{tag}")
        except (NotFound, Refused):
            return


async def history_of(tx: Tx, candidate: str, *, at: datetime) -> str:
    """What we have sent to a person and what they did, oldest first, without any mail's text; empty if nothing."""
    someone = await candidates.get(tx, candidate)
    walks = [(walk, await _title(tx, walk)) for walk in await _walks(tx, candidate)]
    sent = [line for walk, title in walks for line in await _sent(tx, walk, title)]
    lines = sorted([*sent, *[await _did(tx, row) for row in await _answers(tx, candidate)]])
    if someone.erased_at is not None or not lines:
        return ""
    shown = [f"{at:%Y-%m-%d}: {text}" for at, text in lines[-_MOST_LINES:]]
    left_out = [f"({len(lines) - _MOST_LINES} earlier lines are left out.)"] if len(lines) > _MOST_LINES else []
    return "\n".join(
        [
            "Before this application (told by Rapport):",
            *left_out,
            *shown,
            *_walked(walks),
            *[line async for line in _now(tx, someone, at)],
        ]
    )


async def _own_tags(tx: Tx, candidate: str) -> Sequence[str]:
    """Their newest tags that did not come from an ATS."""
    row = TagRow
    theirs = select(row.tag).where(row.candidate == candidate, row.cause.not_like("ats:%"))
    found = (await tx.scalars(theirs.order_by(row.at.desc(), row.tag).limit(_MOST_TAGS))).all()
    return [tag for tag in found if len(OWN_TAG + tag) <= _LONGEST_TAG]


async def _walks(tx: Tx, candidate: str) -> list[EnrollmentRow]:
    row = EnrollmentRow
    return list((await tx.scalars(select(row).where(row.candidate == candidate).order_by(row.enrolled_at))).all())


async def _title(tx: Tx, walk: EnrollmentRow) -> str:
    return (await published.version(tx, walk.sequence, walk.version)).title


async def _sent(tx: Tx, walk: EnrollmentRow, title: str) -> list[tuple[datetime, str]]:
    rows = [row for row in await sends.of_enrollment(tx, walk.id) if gone_on(row)]
    return [(row.accepted_at or row.at, f"got the mail {_named(row)} of {title}") for row in rows]


def _walked(walks: Sequence[tuple[EnrollmentRow, str]]) -> Iterator[str]:
    """Which sequences they were in, from when to when, and how that ended."""
    newest = walks[-_MOST_WALKS:]
    if newest:
        yield "Sequences: " + "; ".join(f"{title} ({_span(walk)})" for walk, title in newest) + "."


def _span(walk: EnrollmentRow) -> str:
    since = f"{walk.enrolled_at:%Y-%m-%d}"
    if walk.ended_at is None:
        return f"since {since}"
    return f"{since} to {walk.ended_at:%Y-%m-%d}" + (f", {walk.end_name}" if walk.end_name else "")


def _named(row: SendRow) -> str:
    return f'"{(row.subject or row.mail)[:_LONGEST_SUBJECT]}"'


async def _answers(tx: Tx, candidate: str) -> list[HappeningRow]:
    row = HappeningRow
    query = select(row).where(row.candidate == candidate, row.kind.in_(_ANSWERS), row.verdict == "human")
    return list((await tx.scalars(query.order_by(row.at))).all())


async def _did(tx: Tx, row: HappeningRow) -> tuple[datetime, str]:
    event = await tx.get(CalendarEventRow, row.event) if row.event else None
    word = row.link or (event.title if event else None) or row.event or row.detail.get("form")
    return row.at, _ANSWERS[row.kind] + (f" ({str(word)[:_LONGEST_SUBJECT]})" if word else "")


async def _now(tx: Tx, someone: CandidateRow, at: datetime) -> AsyncIterator[str]:
    if someone.source:
        yield f"First known from: {someone.source}."
    if score := await score_of(tx, someone, at):
        yield f"Engagement score: {score}."
    tags = await candidates.tags_of(tx, someone.id)
    if tags:
        yield f"Tags: {', '.join(tags)}."
