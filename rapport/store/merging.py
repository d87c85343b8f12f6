"""Two records that are one person: what leads to the one leads to the other from then on.

A table that refers to a candidate is named here, and a test misses the ones that are not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import delete, func, select, update

from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.enrollments import ENDED
from rapport.store.once import insert, insert_once
from rapport.store.tables.ats import AtsPersonRow
from rapport.store.tables.bulk import BulkPersonRow
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow, IdentityRow, MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, ProfileChangeRow, ScoreEntryRow, TagRow
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.segments import SegmentDueRow
from rapport.store.tables.tasks import ConversationRow, TaskRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow

_Table: TypeAlias = type[Row]
# Each row is of the person, whoever else has some.
MOVED: Final[Sequence[_Table]] = (
    AddressRow,
    IdentityRow,
    ConsentRow,
    ApplicationRow,
    AtsPersonRow,
    HappeningRow,
    ProfileChangeRow,
    RefusalRow,
    TaskRow,
    ConversationRow,
    PrivacyRequestRow,
)
# A person has each of these once: where both have it, the older one stays.
UNITED: Final[Mapping[_Table, str]] = {TagRow: "tag", PoolMemberRow: "pool"}
# What is decided anew.
DROPPED: Final[Sequence[_Table]] = (SegmentDueRow,)
# Each of these has a function of its own below, or stands for what was then.
OTHERWISE: Final[Sequence[_Table]] = (EnrollmentRow, ScoreEntryRow, MergeRow, CandidateRow, BulkPersonRow)


async def move(tx: Tx, *, kept: str, gone: str) -> None:
    """Let everything that leads to `gone` lead to `kept`, but for walks and the profile itself."""
    for table in MOVED:
        column: Any = getattr(table, "candidate")  # noqa: B009  # a column that all of them have, and no class of ours
        await tx.execute(update(table).where(column == gone).values(candidate=kept))
    for table, name in UNITED.items():
        await _unite(tx, table, name, kept=kept, gone=gone)
    for table in DROPPED:
        column = getattr(table, "candidate")  # noqa: B009  # as above
        await tx.execute(delete(table).where(column == gone))
    await _move_score(tx, kept=kept, gone=gone)


async def _unite(tx: Tx, table: Any, name: str, *, kept: str, gone: str) -> None:
    theirs = {getattr(row, name): row for row in await tx.scalars(select(table).where(table.candidate == kept))}
    for row in (await tx.scalars(select(table).where(table.candidate == gone))).all():
        mine = theirs.get(getattr(row, name))
        values = {column.key: getattr(row, column.key) for column in table.__table__.columns}
        await tx.delete(row)
        await tx.flush()
        if mine is None:
            await insert(tx, table(**{**values, "candidate": kept}))
            continue
        if isinstance(mine, PoolMemberRow):
            mine.expires_at = (
                None if None in (mine.expires_at, row.expires_at) else max(mine.expires_at, row.expires_at)
            )
        if (row.at, row.cause) < (mine.at, mine.cause):
            mine.at, mine.cause, mine.recorded_at = row.at, row.cause, row.recorded_at
        await tx.flush()


async def _move_score(tx: Tx, *, kept: str, gone: str) -> None:
    """What both ledgers counted counts; a cause that both have is told apart by where it came from."""
    row = ScoreEntryRow
    taken = {*await tx.scalars(select(row.cause).where(row.candidate == kept))}
    for entry in (await tx.scalars(select(row).where(row.candidate == gone).order_by(row.id))).all():
        entry.cause = f"{entry.cause} (of {gone})" if entry.cause in taken else entry.cause
        entry.candidate = kept
    await tx.flush()


async def move_walks(tx: Tx, *, kept: str, gone: str) -> None:
    """Let all walks of `gone` be walks of `kept`, who counts them on; those that clash must have ended."""
    row = EnrollmentRow
    query = select(row.sequence, func.max(row.n)).where(row.candidate == kept).group_by(row.sequence)
    highest: dict[str, int] = {key: value for key, value in await tx.execute(query)}  # noqa: C416  # mypy knows no dict of rows
    for walk in (await tx.scalars(select(row).where(row.candidate == gone).order_by(row.sequence, row.n))).all():
        highest[walk.sequence] = walk.n = highest.get(walk.sequence, 0) + 1
        walk.candidate = kept
        await tx.flush()


async def walks_under_way(tx: Tx, people: Sequence[str]) -> Sequence[tuple[EnrollmentRow, int]]:
    """The walks of these people that have not ended, each with how many mails it has sent; the one that leads first.

    Who has sent most mails leads, then who began first: the same one, however many are compared.
    """
    row = EnrollmentRow
    mails = select(func.count()).select_from(SendRow).where(SendRow.enrollment == row.id).scalar_subquery()
    query = select(row, mails.label("mails")).where(row.candidate.in_(people), row.state != ENDED)
    ordered = query.order_by(mails.desc(), row.enrolled_at, row.id)
    return [(walk, number) for walk, number in await tx.execute(ordered)]


async def write_down(tx: Tx, row: MergeRow) -> bool:
    """Note the merge; False when the record was merged before."""
    return await insert_once(tx, row)


async def merges_into(tx: Tx, people: Sequence[str]) -> Sequence[MergeRow]:
    """How these records became part of another one."""
    return (await tx.scalars(select(MergeRow).where(MergeRow.gone.in_(people)).order_by(MergeRow.gone))).all()
