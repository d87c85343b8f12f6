"""Finding jobs."""

from collections.abc import Sequence

from sqlalchemy import select

from rapport.store.database import Tx
from rapport.store.tables.jobs import JobRow

# A company with more open jobs than this gets the newest ones into its mails; each mail looks at all of them.
_MOST_OPEN = 500


async def open_jobs(tx: Tx) -> Sequence[JobRow]:
    """The open jobs, the newest first, at most 500."""
    row = JobRow
    newest = select(row).where(row.is_open.is_(True)).order_by(row.opened_at.desc().nulls_last(), row.id)
    return (await tx.scalars(newest.limit(_MOST_OPEN))).all()
