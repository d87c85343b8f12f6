"""What people answered: the newest first, with the words that they wrote anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, tuple_

from rapport.store.database import Tx
from rapport.store.tables.incoming import ForwardRow
from rapport.store.tables.intake import HappeningRow
from rapport.usecases.page_marks import mark_of, read_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; `sure` is False where only address and subject tell which mail it answers.

    `forwarded` is waiting, sent or failed, and None for one that was taken in before there were forwards.
    """

    id: str
    at: datetime
    candidate: str | None
    enrollment: str | None
    step: str | None
    sure: bool
    subject: str = field(repr=False)
    text: str = field(repr=False)
    asks_for_less: bool
    recruiter: str | None
    forwarded: str | None
    forwarded_at: datetime | None

    @property
    def mark(self) -> str:
        """Where it stands in the list."""
        return mark_of(self.at, self.id)


async def replies(
    tx: Tx, *, candidate: str | None = None, enrollment: str | None = None, before: str = "", limit: int = 50
) -> Sequence[Reply]:
    """The replies that fit, from the first one behind the mark `before`; BadInput for a mark that we never gave."""
    query = select(HappeningRow, ForwardRow).where(HappeningRow.kind == "replied")
    if candidate is not None:
        query = query.where(HappeningRow.candidate == candidate)
    if enrollment is not None:
        query = query.where(HappeningRow.enrollment == enrollment)
    if before:
        query = query.where(tuple_(HappeningRow.at, HappeningRow.id) < read_mark(before, place="before"))
    query = query.outerjoin(ForwardRow, ForwardRow.happening == HappeningRow.id)
    query = query.order_by(HappeningRow.at.desc(), HappeningRow.id.desc()).limit(limit)
    return [_reply(said, forward) for said, forward in await tx.execute(query)]


def _reply(said: HappeningRow, forward: ForwardRow | None) -> Reply:
    return Reply(
        id=said.id,
        at=said.at,
        candidate=said.candidate,
        enrollment=said.enrollment,
        step=said.step,
        sure=said.verdict == "human",
        subject=str(said.evidence.get("subject") or ""),
        text=str(said.evidence.get("text") or ""),
        asks_for_less=said.evidence.get("opt_out") is not None,
        recruiter=forward.recruiter if forward else None,
        forwarded=forward.state if forward else None,
        forwarded_at=forward.sent_at if forward else None,
    )
