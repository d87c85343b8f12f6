"""The timeline of one enrollment: what it sent, did, decided and heard, and how it ended, in the order of walk time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rapport.store import enrollments, happenings, sends
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.walks import DecisionRow, EffectRow, EnrollmentRow

# At one instant: first what was heard, then what was decided and done about it, the end last.
_ORDER = ("enrolled", "happening", "decision", "effect", "send", "end")
_WORDS = ("pool", "tag", "stage", "reason", "event", "form", "name", "sequence", "score", "until", "purpose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; `at` is walk time, `text` names steps, mails and words of the catalog, and no person."""

    at: datetime
    kind: str
    step: str | None
    text: str


async def timeline(tx: Tx, enrollment: str) -> list[Entry]:
    """Everything of one enrollment, oldest first; NotFound when there is none."""
    row = await enrollments.get(tx, enrollment)
    effects = (await tx.scalars(select(EffectRow).where(EffectRow.enrollment == enrollment))).all()
    decisions = (await tx.scalars(select(DecisionRow).where(DecisionRow.enrollment == enrollment))).all()
    entries = [
        *_of_enrollment(row),
        *_of_happenings(await happenings.of_enrollment(tx, enrollment)),
        *(_of_decision(decision) for decision in decisions),
        *(_of_effect(effect) for effect in effects),
        *(_of_send(send) for send in await sends.of_enrollment(tx, enrollment)),
    ]
    return sorted(entries, key=lambda entry: (entry.at, _ORDER.index(entry.kind)))


def _of_enrollment(row: EnrollmentRow) -> Iterator[Entry]:
    yield Entry(at=row.enrolled_at, kind="enrolled", step=None, text=f"enrolled in {row.sequence}: {row.cause}")
    if row.ended_at is not None:
        yield Entry(at=row.ended_at, kind="end", step=None, text=f"ended: {row.end_name}")


def _of_happenings(rows: Sequence[HappeningRow]) -> Iterator[Entry]:
    for row in rows:
        words = [str(row.detail[word]) for word in _WORDS if row.detail.get(word)]
        said = " ".join([row.kind.replace("_", " "), *words, *([f"link {row.link}"] if row.link else [])])
        doubt = "" if row.verdict == "human" else f" ({row.verdict})"
        yield Entry(at=row.at, kind="happening", step=row.step, text=said + doubt)


def _of_decision(row: DecisionRow) -> Entry:
    return Entry(at=row.at, kind="decision", step=row.step, text="yes" if row.result else "no")


def _of_effect(row: EffectRow) -> Entry:
    return Entry(at=row.at, kind="effect", step=row.step, text=f"{row.kind}: {row.state}")


def _of_send(row: SendRow) -> Entry:
    # The server's own words may hold the address; `reason` is ours.
    why = f" ({row.reason})" if row.reason and row.state != "accepted" else ""
    return Entry(at=row.accepted_at or row.at, kind="send", step=row.step, text=f"{row.mail}: {row.state}{why}")
