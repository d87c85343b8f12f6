"""People copied from the store: as they are, with what they have had before."""

from datetime import timedelta

from rapport.engine.admission import Before
from rapport.engine.person import KnownScenario, Person
from rapport.engine.script import Start
from rapport.reports.stored_people import stored_people
from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow
from tests.builders import a_plan, a_project
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, a_person
from tests.unit.usecases.desks import a_desk, a_receiver, a_walk

_HOUR = timedelta(hours=1)
_CAPPED = a_project("contact_policy: {never_between: null, at_most: [{mails: 1, per: 1 day}]}")
_HELLO = "  - {id: hello, send: welcome}\n"


async def copied(store: Store, *names: str) -> list[Person]:
    """These people, an hour later."""
    async with store.read() as tx:
        found = await stored_people(tx, names, _CAPPED, at=MONDAY + _HOUR, sequences=["flow", "other"])
    return [one.person for one in found]


async def test_walks_and_mails_of_before_come_along(store: Store) -> None:
    """The contact policy counts them, and the next walk has the next number."""
    walk = await a_walk(store, StandingClock(), _HELLO)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), StandingClock()).send(walk, "hello", at=MONDAY)

    [ana] = await copied(store, "c_ana")

    assert [MONDAY] == ana.mailed
    assert {"flow": [Before(began=MONDAY, running=True)], "other": []} == ana.walks
    assert ("flow/c_ana/2", "other/c_ana/1") == (ana.next_walk("flow"), ana.next_walk("other"))


async def test_a_stored_person_walks_on_where_the_policy_allows(store: Store) -> None:
    """A mail an hour ago holds the next one until tomorrow."""
    walk = await a_walk(store, StandingClock(), _HELLO)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), StandingClock()).send(walk, "hello", at=MONDAY)
    [ana] = await copied(store, "c_ana")
    start = Start.parse("2026-03-02 10:00 UTC")

    plan = a_plan("- {id: hello, send: welcome}")
    calendar = KnownScenario(plan=plan, project=_CAPPED, start=start, tree={}, person=ana).run()

    assert ("flow/c_ana/2", [MONDAY + DAY]) == (calendar.scenario.enrollment, [mail.at for mail in calendar.mails])


async def test_people_come_in_the_order_asked_for_and_the_erased_stay_out(store: Store) -> None:
    """More than are read at once; nobody is asked for twice, and nobody who was forgotten is there."""
    names = [f"c_{number:03}" for number in range(150)]
    async with store.write() as tx:
        for name in names:
            await a_person(tx, name, consent=())
        erased = await tx.get(CandidateRow, "c_007")
        assert erased is not None
        erased.erased_at = MONDAY

    found = await copied(store, *reversed(names), "c_nobody")

    assert [name for name in reversed(names) if name != "c_007"] == [person.id for person in found]
    assert "people.example" not in repr(found)
