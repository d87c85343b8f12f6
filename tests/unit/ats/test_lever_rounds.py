"""Polls of Lever: the first round costs a call for each hundred people, and later ones tell who is gone."""

import json

from rapport.crm.hiring import AtsChanges
from tests.unit.ats.vendors import Opened, opened


async def a_round(here: Opened, cursor: str | None = None) -> tuple[list[AtsChanges], str]:
    """All pages of one round, and where the next one begins."""
    pages = []
    for _ in range(60):
        page = await here.vendor.changes(cursor)
        pages.append(page)
        cursor = page.cursor
        if not page.more:
            return pages, cursor
    raise AssertionError("the round has no end")


def earlier(cursor: str) -> str:
    """The place as it would be if answers were dated by the fake's clock, which stands still."""
    return json.dumps(json.loads(cursor) | {"since": "2026-03-02T09:00:00+00:00"})


async def test_the_first_round_asks_for_nobody_on_their_own() -> None:
    """What it tells of somebody is a part, for there may be more of them on another page; later it is all."""
    async with opened("lever") as here:
        for number in range(40):
            here.fake.person(f"p{number}@people.example")
        pages, cursor = await a_round(here)
        first = len([path for _, path in here.faults.log if path.endswith("/opportunities")])
        twice = here.fake.person("ana@people.example")
        here.fake.applies(twice)
        here.fake.applies(twice, "data")
        later, _ = await a_round(here, earlier(cursor))
        told = [person for page in later for person in page.people if person.id == twice]

        assert 1 == first
        assert [True] * 40 == [person.is_part for page in pages for person in page.people]
        assert told
        assert not any(person.is_part for person in told)


async def test_later_rounds_tell_which_opportunities_are_gone() -> None:
    """A webhook may be missed; the list of what was deleted stays."""
    async with opened("lever") as here:
        person = here.fake.person("ana@people.example")
        number = here.fake.applies(person)
        _, cursor = await a_round(here)
        here.fake.remove(person)
        pages, _ = await a_round(here, earlier(cursor))

        assert [number] == [gone for page in pages for gone in page.gone]


async def test_a_key_that_may_not_see_what_is_gone_reads_all_else() -> None:
    """The right to list deleted opportunities is one of its own."""
    async with opened("lever") as here:
        here.fake.person("ana@people.example")
        _, cursor = await a_round(here)
        late = here.fake.person("late@people.example")
        here.faults.refused.add("/v1/opportunities/deleted")
        pages, _ = await a_round(here, earlier(cursor))

        assert late in {person.id for page in pages for person in page.people}
        assert [] == [gone for page in pages for gone in page.gone]
