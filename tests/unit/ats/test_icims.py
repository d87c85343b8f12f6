"""The adapter for iCIMS reads what its public pages describe, and refuses the rest in so many words."""

from collections.abc import AsyncIterator

import pytest

from rapport.crm.hiring import AtsChanges, AtsPerson, HiringOutcome
from rapport.errors import Refused
from tests.ats_fakes.icims import FakeIcims
from tests.unit.ats.vendors import Opened, opened


@pytest.fixture
async def here() -> AsyncIterator[Opened]:
    """One person in iCIMS who has applied three times."""
    fake = FakeIcims()
    fake.add("people", "7", firstname="Ana", lastname="Lima", email="ana@people.example")
    fake.add("jobs", "9", jobtitle="Backend Engineer", folder={"value": "Open"})
    for number, status in (("21", "Rejected - not qualified"), ("22", "Offer Declined"), ("23", "Phone Interview")):
        fake.apply(number, "7", status)
    async with opened("icims", fake=fake) as found:
        yield found


async def test_people_and_workflows_are_found(here: Opened) -> None:
    """By address and by person; a status that ends nothing leaves an application active."""
    people = await here.vendor.find("ana@people.example")
    told = await here.vendor.applications("7")

    assert [("7", "Ana")] == [(person.id, person.first_name) for person in people]
    assert [None, HiringOutcome.WITHDREW, HiringOutcome.REJECTED_BY_US] == [each.outcome for each in told]
    assert ["7", "9"] == [told[0].person, told[0].job]


async def test_a_round_reads_jobs_people_and_workflows(here: Opened) -> None:
    """Searches answer with ids; each record is read, and the next round asks by date."""
    pages: list[AtsChanges] = []
    cursor = None
    while not pages or pages[-1].more:
        pages.append(await here.vendor.changes(cursor))
        cursor = pages[-1].cursor
    after = await here.vendor.changes(cursor)

    assert (1, 1, 3) == tuple(
        sum(len(found) for found in kind)
        for kind in ([p.jobs for p in pages], [p.people for p in pages], [p.applications for p in pages])
    )
    assert () == after.jobs


async def test_nothing_is_written(here: Opened) -> None:
    """Nobody has seen how iCIMS takes tags, notes or new people: a step that wants it says so."""
    with pytest.raises(Refused, match="only reads"):
        await here.vendor.write("add_tag", "vip", person="7", key="k")
    with pytest.raises(Refused):
        await here.vendor.upsert(AtsPerson(id="", emails=("new@people.example",)))

    assert "7" == await here.vendor.upsert(AtsPerson(id="", emails=("ana@people.example",)))
    assert [] == here.faults.writes
