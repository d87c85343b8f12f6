"""In whatever order an ATS's news come, twice or late: the store ends where the ATS stands."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.crm.hiring import HiringOutcome
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow, TagRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.ats_sync import AtsSync, take_in_all
from rapport.usecases.publish import publish
from tests.ats_house import BACK, CONNECTED, House
from tests.ats_world import AtsInMemory
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, StandingClock, a_database, a_publication, opened

_FACT = re.compile(r"ats:(?P<application>.+):(?P<number>\d+):(?P<kind>\w+)")
_PEOPLE = ("ana", "ben")
_DEEDS = ("move", "end", "end", "hire", "reopen", "reopen", "rename", "employ", "apply")
_NEWS = ("hint", "poll", "late")
_STEPS = st.lists(
    st.tuples(st.sampled_from((*_DEEDS, *_NEWS, *_NEWS)), st.sampled_from(_PEOPLE), st.integers(0, 5)), max_size=14
)


@given(steps=_STEPS, dated=st.booleans(), last=st.permutations(_PEOPLE))
@settings(max_examples=15)
def test_every_order_of_news_leads_to_the_same_end(
    *, steps: Sequence[tuple[str, str, int]], dated: bool, last: Sequence[str]
) -> None:
    """Hints that come twice, late pages and answers that overtake each other change nothing in the end."""
    assert asyncio.run(_one_pass(_world(dated=dated), steps, last)) is None


async def _one_pass(world: AtsInMemory, steps: Sequence[tuple[str, str, int]], last: Sequence[str]) -> None:
    with TemporaryDirectory() as busy, TemporaryDirectory() as clean:
        urls = [await asyncio.to_thread(a_database, Path(folder)) for folder in (busy, clean)]
        async with opened(urls[0]) as store, opened(urls[1]) as other:
            house, fresh = await _house(store, world), await _house(other, world)
            late: list[Any] = []
            for what, who, pick in steps:
                house.clock.at += timedelta(minutes=1)
                await _step(house, late, what, who, pick)
            house.clock.at += timedelta(minutes=1)
            for number, who in enumerate(last):
                await house.hint("person", who, key=f"last-{number}")
            await house.errands.drain()
            for each in late:
                async with store.write() as tx:
                    await take_in_all(tx, *each)
            fresh.clock.at = house.clock.at
            for who in _PEOPLE:
                await fresh.sync.read_person("main", who)

            assert await _state(fresh) == await _state(house)
            _no_fact_is_told_twice(await _told(house))


def _world(*, dated: bool) -> AtsInMemory:
    world = AtsInMemory(dated=dated)
    for who in _PEOPLE:
        world.person(who, first_name=who.title())
        world.apply(who)
    return world


async def _house(store: Store, world: AtsInMemory) -> House:
    await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    clock = StandingClock()
    return House(
        store=store,
        clock=clock,
        ats=world,
        sync=AtsSync(store=store, clock=clock, vendors=world.vendor(), pepper=PEPPER),
    )


async def _step(house: House, late: list[Any], what: str, who: str, pick: int) -> None:
    """Something is done in the ATS, or news of it comes."""
    match what:
        case "hint":
            # The same delivery may come again.
            await house.hint("application", f"{who}-backend", key=f"{pick}")
            await house.errands.drain()
        case "poll":
            await house.poll()
        case "late":
            vendor = await house.sync.vendors.of("main")
            reading = await house.sync.reading("main", whole=True)
            late.append((reading, await vendor.person(who), await vendor.applications(who)))
        case _:
            _do(house.ats, what, who, pick)


def _do(world: AtsInMemory, what: str, who: str, pick: int) -> None:
    number = f"{who}-backend"
    match what:
        case "move":
            world.move(number, ("screen", "onsite", "offer")[pick % 3])
        case "end":
            world.end(number, list(HiringOutcome)[pick], reason="stronger-candidate")
        case "hire":
            world.end(number, HiringOutcome.HIRED)
        case "reopen":
            world.reopen(number)
        case "rename":
            world.person(who, first_name=f"{who.title()} {pick}", tags=(f"tag-{pick}",))
        case "employ":
            world.person(who, is_employee=pick % 2 == 0)
        case _:
            if f"{who}-job{pick}" not in world.filed:
                world.apply(who, f"job{pick}", is_prospect=pick == 0)


async def _state(house: House) -> Mapping[str, Any]:
    async with house.store.read() as tx:
        people = {row.id: row for row in await tx.scalars(select(CandidateRow))}
        tags = {(people[row.candidate].email, row.tag) for row in await tx.scalars(select(TagRow))}
        filed = await tx.scalars(select(ApplicationRow))
        applications = {
            row.id: (
                *(people[row.candidate].email, row.job, row.stage, row.status),
                *(row.outcome, row.reason, row.rejected_on),
            )
            for row in filed
        }
    fields = ("first_name", "last_name", "stage", "source", "country")
    return {
        "people": sorted((str(row.email), *(str(getattr(row, name)) for name in fields)) for row in people.values()),
        "tags": sorted(tags),
        "applications": applications,
    }


async def _told(house: House) -> Mapping[str, Mapping[int, str]]:
    """What was told of each application, by its number."""
    told: dict[str, dict[int, str]] = defaultdict(dict)
    async with house.store.read() as tx:
        for key in await tx.scalars(select(HappeningRow.dedupe_key).where(HappeningRow.dedupe_key.like("ats:%"))):
            found = _FACT.fullmatch(key)
            if found:
                told[found["application"]][int(found["number"])] = found["kind"]
    return told


def _no_fact_is_told_twice(told: Mapping[str, Mapping[int, str]]) -> None:
    """Nobody applies twice for one job, and no end comes twice unless something else came between."""
    for facts in told.values():
        kinds = list(facts.values())
        assert kinds.count("applied") <= 1
        for number, kind in facts.items():
            if kind in ("rejected", "hired", "withdrew"):
                assert facts.get(number + 1) != kind
