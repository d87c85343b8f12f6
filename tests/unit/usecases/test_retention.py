"""What is no longer needed is dropped, by the worker itself and without being asked."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.provider_events import ProviderEventRow
from rapport.store.tables.visits import VisitRow
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.retention import ERRANDS_KEPT_FOR, EVENTS_KEPT_FOR, MAILS_KNOWN_FOR, QUARANTINED_FOR, forget_old
from tests.api.doors import a_mail
from tests.unit.store.worlds import DAY, MONDAY, WELCOME, StandingClock, a_person, published
from tests.unit.usecases.test_dispatch import Heard

SECOND = timedelta(seconds=1)


async def _came_in(store: Store, at: datetime, *, outcome: str, number: int = 1) -> None:
    async with store.write() as tx:
        row = IncomingMailRow(
            key=f"{outcome}{number}", mailbox="replies", kind="reply", outcome=outcome, recorded_at=at
        )
        await insert(tx, row)


async def _told(store: Store, at: datetime, *, outcome: str, number: int = 1) -> None:
    async with store.write() as tx:
        row = ProviderEventRow(
            provider="ses",
            id=f"{outcome}{number}",
            kind="bounced",
            word="Bounce",
            outcome=outcome,
            at=at,
            recorded_at=at,
        )
        await insert(tx, row)


async def _left(store: Store, table: type[IncomingMailRow | ProviderEventRow]) -> set[str]:
    async with store.read() as tx:
        return set((await tx.scalars(select(table.outcome))).all())


async def test_everything_is_dropped_in_its_time_and_not_before(store: Store, clock: StandingClock) -> None:
    """A quarantined mail for a month, what is known of mails and what providers told for three."""
    for outcome in ("quarantined", "taken", "unplaced"):
        await _came_in(store, MONDAY, outcome=outcome)
    for outcome in ("unmatched", "taken"):
        await _told(store, MONDAY, outcome=outcome)

    left = []
    for after in (QUARANTINED_FOR, QUARANTINED_FOR + SECOND, MAILS_KNOWN_FOR, EVENTS_KEPT_FOR + SECOND):
        clock.at = MONDAY + after
        await forget_old(store, clock)
        left.append((await _left(store, IncomingMailRow), await _left(store, ProviderEventRow)))

    told = {"unmatched", "taken"}
    assert [
        ({"quarantined", "taken", "unplaced"}, told),
        ({"taken", "unplaced"}, told),
        ({"taken", "unplaced"}, told),
        (set(), set()),
    ] == left


async def test_many_are_dropped_in_short_transactions(
    store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the sweeping of a year, and in the end nothing is left."""
    monkeypatch.setattr("rapport.store.retention._SWEPT_AT_ONCE", 2)
    for number in range(5):
        await _came_in(store, MONDAY, outcome="unplaced", number=number)
        await _told(store, MONDAY, outcome="noted", number=number)
    await _told(store, MONDAY + 200 * DAY, outcome="taken")
    clock.at = MONDAY + 200 * DAY

    assert 10 == await forget_old(store, clock)
    assert (set(), {"taken"}) == (await _left(store, IncomingMailRow), await _left(store, ProviderEventRow))


async def _errand(store: Store, key: str, *, state: str, done_at: datetime | None = None) -> None:
    async with store.write() as tx:
        row = AtsErrandRow(connection="main", key=key * 64, kind="person", subject=key, created_at=MONDAY)
        row.state, row.done_at = state, done_at
        await insert(tx, row)


async def test_errands_to_an_ats_are_dropped_a_month_after_they_were_done(
    store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that still waits stays, however old it is."""
    monkeypatch.setattr("rapport.store.retention._SWEPT_AT_ONCE", 2)
    for key in "abcde":
        await _errand(store, key, state="done", done_at=MONDAY)
    await _errand(store, "f", state="done", done_at=MONDAY + DAY)
    await _errand(store, "8", state="waiting")
    await _errand(store, "9", state="leased")
    clock.at = MONDAY + ERRANDS_KEPT_FOR
    assert 0 == await forget_old(store, clock)
    clock.at += SECOND

    assert 5 == await forget_old(store, clock)
    async with store.read() as tx:
        assert {"f", "8", "9"} == set((await tx.scalars(select(AtsErrandRow.subject))).all())


async def test_the_worker_does_it_by_itself(store: Store, clock: StandingClock) -> None:
    """Whoever runs a worker has nothing to set up: it begins when the worker does."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
    mail = await a_mail(store, clock)
    await _came_in(store, MONDAY, outcome="quarantined")
    await _told(store, MONDAY, outcome="taken")
    async with store.write() as tx:
        visit = VisitRow(
            key="click",
            kind="click",
            send=mail.send,
            enrollment=mail.enrollment,
            step="hello",
            number=1,
            at=MONDAY,
            seen_at=MONDAY,
            verdict="human",
            signs=[],
            agent="Firefox",
            network="93.184.216.0/24",
        )
        await insert(tx, visit)
    clock.at = MONDAY + 100 * DAY
    stop = asyncio.Event()
    working = asyncio.create_task(Dispatcher(store, Heard(), clock).run(stop))
    async with asyncio.timeout(20):
        while await _remembered(store):  # noqa: ASYNC110  # another loop of the worker does it, and tells nobody
            await asyncio.sleep(0.02)
    stop.set()
    await working

    async with store.read() as tx:
        assert "human" == await tx.scalar(select(VisitRow.verdict))


async def _remembered(store: Store) -> int:
    """How much is still known that should not be."""
    queries = (
        select(func.count()).where(VisitRow.network.is_not(None)),
        select(func.count()).select_from(IncomingMailRow),
        select(func.count()).select_from(ProviderEventRow),
    )
    async with store.read() as tx:
        return sum([await tx.scalar(query) or 0 for query in queries])
