"""Check-in lists: the people of a batch are read together, and each row finds what it would find alone."""

import io

from sqlalchemy import event

from rapport.store.database import Store
from rapport.usecases.check_in import CheckedIn, CheckIn, check_in
from rapport.usecases.fairs import change_event
from tests.unit.store.worlds import DAY, FAIR, PEPPER, StandingClock, a_person, published
from tests.unit.usecases.ana import happens, told


async def a_fair(store: Store, clock: StandingClock) -> None:
    """There is a fair."""
    async with store.write() as tx:
        await change_event(tx, clock, "fair-7", {"title": "Fair"}, by="test")


async def hand_in(store: Store, clock: StandingClock, *rows: str) -> CheckedIn:
    """Check these rows in, and add strangers."""
    asked = CheckIn(event="fair-7", by="test", add=True, pepper=PEPPER)
    return await check_in(store, clock, io.BytesIO("\n".join(("email,id", *rows)).encode()), asked)


async def test_who_is_on_a_list_twice_came_once(store: Store, clock: StandingClock) -> None:
    """By address, by id, as a stranger: the second row finds what the first one did, and a walk hears of it once."""
    await a_fair(store, clock)
    await published(store, fair=FAIR)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        [walk] = (await happens(tx, "registered_for_event", detail={"event": "fair-7", "type": "job-fair"})).started
        await happens(tx, "erased", candidate="c_ben")
    clock.at += DAY

    report = await hand_in(
        store, clock, "c_ana@people.example,", ",c_ana", "new@people.example,", "NEW@people.example,", ",c_ben", "x,"
    )

    async with store.read() as tx:
        heard = await told(tx, walk)
    assert (2, 2, 1, [6, 7]) == (report.came, report.known, report.added, [each.line for each in report.problems])
    assert ["attended"] == [each["kind"] for each in heard]


async def test_a_known_person_costs_a_list_a_few_statements(store: Store, clock: StandingClock) -> None:
    """A thousand people are seconds, not a minute: five statements for each of them, and a few for all."""
    await a_fair(store, clock)
    names = [f"c_{number:02}" for number in range(20)]
    async with store.write() as tx:
        for name in names:
            await a_person(tx, name, consent=())
    statements: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    report = await hand_in(store, clock, *(f"{name}@people.example," for name in names))

    assert len(names) == report.came
    assert len(statements) <= 5 * len(names) + 15
