"""The gate before each ATS, kept in the store: so many calls, whoever makes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.clock import Clock
from rapport.crm.call_limits import CallLimits, CallStanding, LimitsSaid, fresh, learn, take
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.ats_limits import AtsLimitRow


@dataclass(frozen=True, slots=True)
class StoreGate:
    """A CallGate whose standing every process on the same store shares."""

    store: Store
    clock: Clock

    async def take(self, connection: str, limits: CallLimits) -> timedelta:
        """Let one call go and count it; or, instead, how long it has to wait."""
        async with self.store.write() as tx:
            now = self.clock.now()
            row = await _row(tx, connection, limits, now)
            standing, wait = take(_read(row), limits, now)
            await _keep(tx, row, standing)
        return wait

    async def learn(self, connection: str, limits: CallLimits, said: LimitsSaid) -> None:
        """Keep what an answer says; one that says nothing costs nothing."""
        if said == LimitsSaid():
            return
        async with self.store.write() as tx:
            now = self.clock.now()
            row = await _row(tx, connection, limits, now)
            await _keep(tx, row, learn(_read(row), limits, said, now))


async def _row(tx: Tx, connection: str, limits: CallLimits, now: datetime) -> AtsLimitRow:
    """The row, for us alone until the transaction ends."""
    found = await tx.get(AtsLimitRow, connection, with_for_update=True)
    if found is not None:
        return found
    new = fresh(limits, now)
    await insert_once(tx, AtsLimitRow(connection=connection, left=new.left, since=new.since, until=new.until))
    return await tx.get_one(AtsLimitRow, connection, with_for_update=True)


def _read(row: AtsLimitRow) -> CallStanding:
    return CallStanding(left=row.left, since=row.since, until=row.until, size=row.size, opens_at=row.opens_at)


async def _keep(tx: Tx, row: AtsLimitRow, standing: CallStanding) -> None:
    row.left, row.since, row.until = standing.left, standing.since, standing.until
    row.size, row.opens_at = standing.size, standing.opens_at
    await tx.flush()
