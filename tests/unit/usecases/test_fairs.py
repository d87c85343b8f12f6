"""Events of the calendar: whoever registers is followed up, and what becomes of the event is told to all on it."""

from sqlalchemy import select

from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.usecases.calendar import registered
from tests.unit.store.worlds import FAIR, WELCOME, a_person, published
from tests.unit.usecases.ana import happens, told, walk

FAIR_DETAIL = {"event": "fair-7", "type": "job-fair", "ends_at": "2026-03-12 17:00"}


async def test_whose_data_was_erased_is_registered_nowhere(store: Store) -> None:
    """Which events somebody went to is personal as well."""
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "registered_for_event", detail=FAIR_DETAIL)
        before = await registered(tx, "fair-7")

        await happens(tx, "erased", days=1)

        assert (["c_ana"], []) == (before, await registered(tx, "fair-7"))
        assert {None} == set((await tx.scalars(select(HappeningRow.event))).all())


async def test_registering_starts_a_follow_up_and_the_fair_moves_for_all(store: Store) -> None:
    """The follow-up knows its fair; when the fair moves or is called off, everybody on it hears so."""
    await published(store, fair=FAIR, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await walk(tx)
        taken = await happens(tx, "registered_for_event", detail=FAIR_DETAIL)
        [fair] = taken.started
        moved = {"event": "fair-7", "ends_at": "2026-03-19 17:00"}
        changed = await happens(tx, "event_changed", days=1, candidate=None, detail=moved)
        await happens(tx, "attended", days=2, detail={"event": "fair-8"})
        await happens(tx, "attended", days=3, detail={"event": "fair-7"})
        await happens(tx, "event_cancelled", days=4, candidate=None, detail={"event": "fair-7"})

        heard = await told(tx, fair)
        event = await tx.get_one(CalendarEventRow, "fair-7")

    assert changed.deliveries == 1
    assert [
        {"kind": kind, "detail": {"event": "fair-7"}} for kind in ("event_changed", "attended", "event_cancelled")
    ] == heard
    assert ("job-fair", "2026-03-19 17:00", True) == (event.type, event.ends_at, event.cancelled)


async def test_a_second_registration_uses_what_is_known_of_the_event(store: Store) -> None:
    """The event desk need not repeat what kind of event it is."""
    await published(store, fair=FAIR)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        await happens(tx, "registered_for_event", detail=FAIR_DETAIL)

        taken = await happens(tx, "registered_for_event", key="2", candidate="c_ben", detail={"event": "fair-7"})

    assert taken.started == ("fair/c_ben/1",)


async def test_a_registration_with_an_old_date_does_not_move_the_fair(store: Store) -> None:
    """Only the event desk moves a fair; a form that was filled in earlier cannot, nor can older news."""
    await published(store, fair=FAIR)
    moved = {"event": "fair-7", "ends_at": "2026-03-19 17:00"}
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "event_changed", days=1, candidate=None, detail=moved)
        await happens(tx, "registered_for_event", days=2, detail=FAIR_DETAIL)
        await happens(tx, "event_changed", candidate=None, detail={"event": "fair-7", "ends_at": "2026-03-05 17:00"})
        event = await tx.get_one(CalendarEventRow, "fair-7")

    assert ("job-fair", "2026-03-19 17:00", False) == (event.type, event.ends_at, event.cancelled)
