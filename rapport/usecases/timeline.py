"""The timeline of one enrollment: what it sent, did, decided and heard, and how it ended: causes before effects."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rapport.store import enrollments, happenings, sends
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import DeferralRow, SendRow
from rapport.store.tables.walks import DecisionRow, EffectRow, EnrollmentRow, HoldRow, RefusalRow
from rapport.usecases.deferrals import deferrals_of
from rapport.usecases.shelf import plan_of

# At one instant: first what was heard, then step after step what was done about it, and the end and its echo last.
_ENROLLED, _HEARD, _DONE, _END, _ECHO = range(5)
_WORDS = ("pool", "tag", "stage", "reason", "event", "form", "name", "sequence", "score", "until", "purpose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; `at` is walk time, `text` names steps, mails and words of the catalog, and no person."""

    at: datetime
    kind: str
    step: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A line and its place among those of the same instant; a walk has no loops, so steps come in the plan's order."""

    entry: Entry
    phase: int
    step: int = -1

    @property
    def order(self) -> tuple[datetime, int, int]:
        """What to sort by."""
        return self.entry.at, self.phase, self.step


async def timeline(tx: Tx, enrollment: str) -> list[Entry]:
    """Everything of one enrollment, oldest first; NotFound when there is none."""
    row = await enrollments.get(tx, enrollment)
    places = {node.id: node.index for node in (await plan_of(tx, row.sequence, row.version)).nodes}
    done = [_placed(entry, places) for entry in await _done(tx, enrollment)]
    sent = {(placed.entry.step, placed.entry.at) for placed in done}
    heard = await happenings.of_enrollment(tx, enrollment)
    # Sorting keeps the order of equals: a step's deed stands before what was heard of it.
    lines = [*_of_enrollment(row), *done, *(_of_happening(row, one, places, sent) for one in heard)]
    return [placed.entry for placed in sorted(lines, key=lambda placed: placed.order)]


async def refusals(tx: Tx, candidate: str) -> list[Entry]:
    """Every decision not to enroll this person, oldest first, each with its reason and who asked for it."""
    query = select(RefusalRow).where(RefusalRow.candidate == candidate).order_by(RefusalRow.at, RefusalRow.id)
    return [
        Entry(at=row.at, kind="refused", step=None, text=f"not enrolled ({row.reason}, {row.cause}): {row.message}")
        for row in await tx.scalars(query)
    ]


async def _done(tx: Tx, enrollment: str) -> list[Entry]:
    """What the walk's own steps did."""
    effects = (await tx.scalars(select(EffectRow).where(EffectRow.enrollment == enrollment))).all()
    decisions = (await tx.scalars(select(DecisionRow).where(DecisionRow.enrollment == enrollment))).all()
    holds = (await tx.scalars(select(HoldRow).where(HoldRow.enrollment == enrollment))).all()
    return [
        *(_of_decision(decision) for decision in decisions),
        *(_of_effect(effect) for effect in effects),
        *(_of_send(send) for send in await sends.of_enrollment(tx, enrollment) if send.state != "claimed"),
        *(_of_hold(hold) for hold in holds),
        *(_of_deferral(deferral) for deferral in await deferrals_of(tx, enrollment)),
    ]


def _placed(entry: Entry, places: Mapping[str, int]) -> _Placed:
    return _Placed(entry=entry, phase=_DONE, step=places.get(entry.step or "", -1))


def _of_enrollment(row: EnrollmentRow) -> Iterator[_Placed]:
    text = f"enrolled in {row.sequence}: {row.cause}"
    yield _Placed(entry=Entry(at=row.enrolled_at, kind="enrolled", step=None, text=text), phase=_ENROLLED)
    if row.ended_at is not None:
        text = f"ended: {row.end_name}"
        yield _Placed(entry=Entry(at=row.ended_at, kind="end", step=None, text=text), phase=_END)


def _of_happening(
    walk: EnrollmentRow, row: HappeningRow, places: Mapping[str, int], sent: Collection[tuple[str | None, datetime]]
) -> _Placed:
    entry = said(row)
    if row.kind == "sequence_ended" and row.enrollment == walk.id:
        return _Placed(entry=entry, phase=_ECHO)
    step = row.step if (row.step, row.at) in sent else _own_step(walk, row)
    if step is None:
        return _Placed(entry=entry, phase=_HEARD)
    return _Placed(entry=entry, phase=_DONE, step=places.get(step, -1))


def _own_step(walk: EnrollmentRow, row: HappeningRow) -> str | None:
    """The step of this walk that caused it, as `Cause` writes it into the dedupe key."""
    _, found, rest = row.dedupe_key.partition(f":{walk.id}/")
    return rest.partition(":")[0] if found else None


def said(row: HappeningRow) -> Entry:
    """One happening in words of the catalog."""
    words = [str(row.detail[word]) for word in _WORDS if row.detail.get(word)]
    said = " ".join([row.kind.replace("_", " "), *words, *([f"link {row.link}"] if row.link else [])])
    why = row.evidence.get("why")
    doubt = "" if row.verdict == "human" else f" ({row.verdict}: {why})" if why else f" ({row.verdict})"
    return Entry(at=row.at, kind="happening", step=row.step, text=said + doubt)


def _of_decision(row: DecisionRow) -> Entry:
    return Entry(at=row.at, kind="decision", step=row.step, text="yes" if row.result else "no")


def _of_effect(row: EffectRow) -> Entry:
    return Entry(at=row.at, kind="effect", step=row.step, text=f"{row.kind}: {row.state}")


def _of_send(row: SendRow) -> Entry:
    # The server's own words may hold the address; `reason` is ours.
    why = f" ({row.reason})" if row.reason and row.state != "accepted" else ""
    return Entry(at=row.accepted_at or row.at, kind="send", step=row.step, text=f"{row.mail}: {row.state}{why}")


def _of_hold(row: HoldRow) -> Entry:
    answer = "" if row.state == "waiting" else f", {row.state}"
    return Entry(at=row.at, kind="hold", step=row.step, text=f"held: {row.reason}{answer}")


def _of_deferral(row: DeferralRow) -> Entry:
    text = f"put off until {row.until:%Y-%m-%d %H:%M} UTC: {row.reason}"
    return Entry(at=row.at, kind="hold", step=row.step, text=text)
