"""A list does not bring back who was erased: not under another address, by a profile link or an id of an ATS."""

import pytest

from rapport.store import identities
from rapport.store.database import Store
from rapport.usecases.erasing import erase
from rapport.usecases.forgotten import was_forgotten
from tests.unit.store.worlds import MONDAY, PEPPER, WELCOME, StandingClock, a_person, published
from tests.unit.usecases.lists import counts, load

CLOCK = StandingClock()
LINK, NUMBER = ("profile", "linkedin.com/in/ana"), ("greenhouse", "4711")


@pytest.mark.parametrize("row", ["https://www.linkedin.com/in/Ana/,", ",4711"], ids=["profile", "id"])
async def test_who_was_erased_is_known_by_every_name(store: Store, row: str) -> None:
    """Another address does not hide her, and nothing has to run before her names are hashed."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        for system, value in (LINK, NUMBER):
            await identities.name(tx, "c_ana", system, value, pepper=PEPPER, recorded_at=MONDAY)
        await erase(tx, CLOCK, "c_ana", by="test")
    async with store.read() as tx:
        known = [await was_forgotten(tx, names=[name], pepper=PEPPER) for name in (LINK, NUMBER)]

    report = await load(store, f"email,profiles,id.greenhouse\nanother@people.example,{row}\n")

    assert ([True, True], (0, 0, 0)) == (known, counts(report))
    assert ["belongs to someone who asked to be forgotten"] == [each.reason for each in report.problems]
