"""What a retention sweep has done to a page of people, also in attempts that were killed: as it is written down."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from rapport.ports import SweepStanding
from rapport.store import privacy
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.privacy import PrivacyRequestRow

# Stands in a record, and beside what a sweep says to people: the sweep's own name.
SWEEP = "sweep"


async def counted(tx: Tx, standing: SweepStanding, page: Sequence[str], *, behind: str, sweep: str) -> SweepStanding:
    """The standing of a page behind an id with the numbers of all attempts at it; `page` are those who were left.

    The last page goes on to the end, whoever was erased there.
    """
    row = PrivacyRequestRow
    done = select(row).where(row.candidate > behind, row.kind == privacy.ERASURE)
    if not standing.over:
        done = done.where(row.candidate <= standing.behind)
    records = [each for each in await tx.scalars(done) if each.detail.get(SWEEP) == sweep]
    erased = {each.candidate for each in records if each.state in (privacy.RUNNING, privacy.DONE)}
    announced = {each.candidate for each in records if each.state == privacy.ANNOUNCED}
    heard = select(HappeningRow.evidence).where(HappeningRow.candidate.in_(page), HappeningRow.kind == "custom")
    asked = [evidence for evidence in await tx.scalars(heard) if evidence.get(SWEEP) == sweep]
    return replace(
        standing,
        looked=len(erased | {*page}),
        erased=len(erased),
        announced=len(announced),
        asked=len(asked),
    )
