"""Everything that happened with one person, oldest first: one readable line each, whatever table it is in."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer

from rapport.dsl.events import PAUSES
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow, ProfileChangeRow, ScoreEntryRow
from rapport.store.tables.tasks import ConversationRow, TaskRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases import consent_given
from rapport.usecases.merge import MERGED
from rapport.usecases.page_marks import mark_of, read_mark, unknown_mark
from rapport.usecases.timeline import said

_CONSENT = ("consent_given", "consent_withdrawn", *PAUSES)
# At one instant: who we got to know, what was heard, and then what was done about it.
_ORDER = ("person", "merge", "consent", "walk", "event", "score", "mail", "task", "conversation", "refusal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; `ref` names the row that it is about, and no two lines share one. The text may be personal."""

    at: datetime
    kind: str
    ref: str
    text: str = field(repr=False)
    enrollment: str | None = None

    @property
    def mark(self) -> str:
        """Where it stands in the list."""
        return mark_of(self.at, f"{_ORDER.index(self.kind)}~{self.ref}")

    @property
    def _place(self) -> tuple[datetime, int, str]:
        return self.at, _ORDER.index(self.kind), self.ref


async def person_timeline(tx: Tx, candidate: str, *, after: str = "", limit: int = 100) -> Sequence[Line]:
    """What happened with a person, from the first line behind the mark `after`.

    NotFound for a candidate that we do not know; BadInput for a mark that we never gave.
    """
    person = await candidates.get(tx, candidate)
    begin = _place_of(after) if after else None
    lines = sorted([line async for line in _lines(tx, person)], key=lambda line: line._place)  # noqa: SLF001  # its own
    rest = [line for line in lines if begin is None or line._place > begin]  # noqa: SLF001  # its own
    return rest[:limit]


def _place_of(mark: str) -> tuple[datetime, int, str]:
    at, rest = read_mark(mark)
    kind, _, ref = rest.partition("~")
    if not kind.isdecimal():
        raise unknown_mark("after")
    return at, int(kind), ref


async def _lines(tx: Tx, person: CandidateRow) -> AsyncIterator[Line]:
    change = ProfileChangeRow
    first = await tx.scalar(select(func.min(change.at)).where(change.candidate == person.id))
    for line in (*_of_person(person, first), *[one async for one in _of_rows(tx, person.id)]):
        yield line


def _of_person(person: CandidateRow, first: datetime | None) -> Iterator[Line]:
    """An import notes what it knew of somebody as of its beginning, and stores them a moment later."""
    source = f", from {person.source}" if person.source else ""
    at = min(person.recorded_at, first or person.recorded_at)
    yield Line(at=at, kind="person", ref="known", text=f"known{source}")
    if person.erased_at is not None:
        yield Line(at=person.erased_at, kind="person", ref="erased", text="erased")


async def _of_rows(tx: Tx, name: str) -> AsyncIterator[Line]:
    for change in await tx.scalars(select(ProfileChangeRow).where(ProfileChangeRow.candidate == name)):
        text = f"profile: {', '.join(change.fields)} ({change.cause})"
        yield Line(at=change.at, kind="person", ref=f"profile:{change.id:020}", text=text)
    for merge in await tx.scalars(select(MergeRow).where(or_(MergeRow.kept == name, MergeRow.gone == name))):
        text = f"merged: {merge.gone} became {merge.kept} ({merge.cause})"
        yield Line(at=merge.at, kind="merge", ref=f"merge:{merge.gone}", text=text)
    for entry in await tx.scalars(select(ScoreEntryRow).where(ScoreEntryRow.candidate == name)):
        text = f"score {entry.before} → {entry.after} ({entry.cause})"
        yield Line(at=entry.at, kind="score", ref=f"score:{entry.id:020}", text=text)
    for more in (_of_the_heard, _of_walks, _of_colleagues):
        async for line in more(tx, name):
            yield line


async def _of_the_heard(tx: Tx, name: str) -> AsyncIterator[Line]:
    ledger = (await tx.scalars(select(ConsentRow).where(ConsentRow.candidate == name))).all()
    for consent in ledger:
        yield _of_consent(consent)
    entered = {consent.at for consent in ledger}
    # A merge has a line of its own above.
    heard_of = select(HappeningRow).where(HappeningRow.candidate == name, HappeningRow.kind != MERGED)
    for heard in await tx.scalars(heard_of):
        if heard.at not in entered or not _is_consent(heard):
            text = said(heard).text
            yield Line(at=heard.at, kind="event", ref=f"event:{heard.id}", text=text, enrollment=heard.enrollment)


def _is_consent(row: HappeningRow) -> bool:
    """Whether the ledger says the same, with its basis and its source."""
    return row.kind in _CONSENT or str(row.detail.get("name") or "").startswith(consent_given.SAID)


def _of_consent(row: ConsentRow) -> Line:
    until = f", until {row.expires_at:%Y-%m-%d}" if row.expires_at else ""
    text = f"consent {row.purpose}: {row.state} ({row.basis or 'no basis'}, {row.source}){until}"
    return Line(at=row.at, kind="consent", ref=f"consent:{row.id:020}", text=text)


async def _of_walks(tx: Tx, name: str) -> AsyncIterator[Line]:
    for walk in await tx.scalars(select(EnrollmentRow).where(EnrollmentRow.candidate == name)):
        text = f"enrolled in {walk.sequence}: {walk.cause}"
        yield Line(at=walk.enrolled_at, kind="walk", ref=f"begin:{walk.id}", text=text, enrollment=walk.id)
        if walk.ended_at is not None:
            text = f"{walk.sequence} ended: {walk.end_name}"
            yield Line(at=walk.ended_at, kind="walk", ref=f"end:{walk.id}", text=text, enrollment=walk.id)
    mails = select(SendRow).options(defer(SendRow.raw)).join(EnrollmentRow, EnrollmentRow.id == SendRow.enrollment)
    for mail in await tx.scalars(mails.where(EnrollmentRow.candidate == name, SendRow.state != "claimed")):
        subject = f" “{mail.subject}”" if mail.subject else ""
        text = f"mail {mail.mail}{subject}: {mail.state}"
        at = mail.accepted_at or mail.at
        yield Line(at=at, kind="mail", ref=f"mail:{mail.id}", text=text, enrollment=mail.enrollment)
    for row in await tx.scalars(select(RefusalRow).where(RefusalRow.candidate == name)):
        text = f"not enrolled in {row.sequence} ({row.reason}, {row.cause}): {row.message}"
        yield Line(at=row.at, kind="refusal", ref=f"refusal:{row.id:020}", text=text)


async def _of_colleagues(tx: Tx, name: str) -> AsyncIterator[Line]:
    for task in await tx.scalars(select(TaskRow).where(TaskRow.candidate == name)):
        due = f", due {task.due_at:%Y-%m-%d}" if task.due_at else ""
        text = f"task for {task.assignee}{due}: {task.title}"
        yield Line(at=task.at, kind="task", ref=f"task:{task.id}", text=text, enrollment=task.enrollment)
        if task.done_at is not None:
            text = f"task done by {task.done_by}: {task.title}"
            yield Line(at=task.done_at, kind="task", ref=f"task:{task.id}:done", text=text, enrollment=task.enrollment)
    for talk in await tx.scalars(select(ConversationRow).where(ConversationRow.candidate == name)):
        where = f" at {talk.event}" if talk.event else ""
        text = f"{talk.recruiter} talked with them{where}: {talk.note}"
        yield Line(at=talk.at, kind="conversation", ref=f"talk:{talk.id}", text=text)
