"""Who is meant by an address, or by a name in another system."""

from rapport.store import identities
from rapport.store.database import Store
from rapport.usecases.identify import find_people
from tests.unit.store.worlds import MONDAY, PEPPER, a_person
from tests.unit.usecases.records import LINK


async def test_who_is_found_by_several_traces_may_be_several_people(store: Store) -> None:
    """An address of one and the profile of another: both are named, for a person to decide."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await identities.name(tx, "c_old", *LINK, pepper=PEPPER, recorded_at=MONDAY)

        found = await find_people(tx, emails=["c_ana@people.example", "x@y.example"], names=[LINK], pepper=PEPPER)
        nobody = await find_people(tx, pepper=PEPPER)

        assert (["c_ana", "c_old"], []) == (found, nobody)
