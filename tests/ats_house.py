"""A store, an ATS in memory, and what stands between them; Ana is known in both."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from rapport.crm.hiring import AtsHint
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.ats_errands import AtsErrands, keep_hints
from rapport.usecases.ats_notes import HistoryNotes
from rapport.usecases.ats_polling import StoreAtsDesk
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.publish import publish
from tests.ats_world import AtsInMemory
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, PROJECT, StandingClock, a_person, a_publication

CONNECTED = PROJECT + "\nats: {main: {vendor: demo, credentials: ATS, history_note: true}}\n"
BACK = """
purpose: nurture
start: {when: {rejected: {stage: [onsite], reason: [stronger-candidate]}}}
goal: {applied: any}
steps:
  - {id: cool-off, wait: 14 days}
  - {id: hello, send: welcome}
"""


@dataclass(frozen=True, kw_only=True)
class House:
    """A store, an ATS, and what stands between them."""

    store: Store
    clock: StandingClock
    ats: AtsInMemory
    sync: AtsSync

    @property
    def errands(self) -> AtsErrands:
        """What does errands."""
        return AtsErrands(sync=self.sync, notes=self.notes)

    @property
    def notes(self) -> HistoryNotes:
        """What keeps the notes in the ATS."""
        return HistoryNotes(store=self.store, vendors=self.sync.vendors, clock=self.clock)

    @property
    def desk(self) -> StoreAtsDesk:
        """What polls."""
        return StoreAtsDesk(sync=self.sync)

    async def hint(self, kind: str, subject: str, *, key: str = "1", **more: str) -> int:
        """A webhook comes."""
        hint = AtsHint(key=key, kind=kind, id=subject, **more)  # type: ignore[arg-type]
        async with self.store.write() as tx:
            return await keep_hints(tx, "main", [hint], now=self.clock.now())

    async def told(self, *kinds: str) -> list[str]:
        """What happened, in order."""
        async with self.store.read() as tx:
            rows = await tx.scalars(select(HappeningRow).order_by(HappeningRow.at, HappeningRow.recorded_at))
            return [row.kind for row in rows if not kinds or row.kind in kinds]

    async def poll(self) -> None:
        """Read all pages, and do the errands that follow."""
        while (await self.desk.poll_page("main")).more:
            pass
        await self.errands.drain()

    async def walks(self) -> list[str]:
        """Who walks."""
        async with self.store.read() as tx:
            return list(await tx.scalars(select(EnrollmentRow.candidate).order_by(EnrollmentRow.id)))

    async def refusals(self) -> list[str]:
        """Why nobody walks."""
        async with self.store.read() as tx:
            return list(await tx.scalars(select(RefusalRow.reason).order_by(RefusalRow.id)))


@pytest.fixture
async def house(store: Store, clock: StandingClock) -> House:
    """Ana is known here with consent, and in the ATS, where she has applied and is at the onsite stage."""
    await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    world = AtsInMemory()
    world.person("c_ana", first_name="Ana", last_name="Silva", city="Porto")
    world.apply("c_ana", stage="onsite")
    sync = AtsSync(store=store, clock=clock, vendors=world.vendor(), pepper=PEPPER)
    return House(store=store, clock=clock, ats=world, sync=sync)
