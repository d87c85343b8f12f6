"""Nobody of the company becomes a candidate, by whichever door."""

import pytest

from rapport.errors import BadInput
from rapport.ids import address_key
from rapport.store import candidates
from rapport.store.database import Store
from rapport.usecases.addresses import add_address
from rapport.usecases.cause import Cause
from rapport.usecases.new_person import NewPerson, add_person
from tests.unit.store.worlds import MONDAY, PEPPER, StandingClock, a_person, published
from tests.unit.usecases.lists import load

_OURS = ("Anna.Koch@ACME.example", "talent@acme.example")


@pytest.mark.parametrize("address", _OURS)
async def test_an_address_of_the_company_is_refused_at_every_door(
    store: Store, clock: StandingClock, address: str
) -> None:
    """Mails that are meant for people would go to the recruiter who sends them, or round in circles."""
    await published(store)
    async with store.write() as tx:
        ana = (await a_person(tx)).id

    async def add() -> None:
        async with store.write() as tx:
            await add_person(tx, clock, NewPerson(email=address), pepper=PEPPER, cause="test")

    async def add_further() -> None:
        async with store.write() as tx:
            await add_address(tx, clock, ana, address, pepper=PEPPER, cause=Cause(text="test", at=MONDAY))

    report = await load(store, f"email\n{address}\n")
    for attempt in (add, add_further):
        with pytest.raises(BadInput, match="email: belongs to someone of the company"):
            await attempt()

    assert ["belongs to someone of the company"] == [problem.reason for problem in report.problems]
    async with store.read() as tx:
        assert await candidates.by_key(tx, address_key(address, PEPPER)) is None


async def test_before_the_first_publish_people_are_taken(store: Store, clock: StandingClock) -> None:
    """Nobody knows yet who belongs to the company."""
    async with store.write() as tx:
        row = await add_person(tx, clock, NewPerson(email="a@b.example"), pepper=PEPPER, cause="test")

    assert "a@b.example" == row.email
