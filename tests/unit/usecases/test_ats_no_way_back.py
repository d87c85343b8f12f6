"""Through Greenhouse and Lever, from their HTTP to our walks: who is no rejected candidate of ours never comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from rapport.store.database import Store
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.publish import publish
from tests.ats_house import BACK, CONNECTED, House
from tests.ats_stories import OneAts, Story
from tests.ats_world import AtsInMemory
from tests.unit.ats.vendors import opened
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, StandingClock, a_person, a_publication

EMAIL = "c_ana@people.example"
# Whoever is rejected at all comes back, as far as the sequence is concerned.
ANYBODY = BACK.replace("{rejected: {stage: [onsite], reason: [stronger-candidate]}}", "{rejected: any}")


@asynccontextmanager
async def connected(vendor: str, store: Store, clock: StandingClock) -> AsyncIterator[tuple[Story, House]]:
    """Ana agreed to mails; the ATS was polled once, and nobody has applied yet."""
    await publish(store, a_publication({"back": ANYBODY}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    async with opened(vendor) as here:
        sync = AtsSync(store=store, clock=clock, vendors=OneAts(here.vendor), pepper=PEPPER)
        house = House(store=store, clock=clock, ats=AtsInMemory(), sync=sync)
        yield Story(vendor, here.fake, EMAIL), house


async def _outcomes(house: House) -> list[str | None]:
    async with house.store.read() as tx:
        return sorted(await tx.scalars(select(ApplicationRow.outcome)), key=str)


@pytest.mark.parametrize("vendor", ["greenhouse", "lever"])
async def test_a_rejection_by_us_is_the_one_way_back(vendor: str, store: Store, clock: StandingClock) -> None:
    """Without it, the tests below would prove nothing."""
    async with connected(vendor, store, clock) as (story, house):
        story.apply()
        story.end("rejected")
        await house.poll()

        assert (["c_ana"], ["rejected"]) == (await house.walks(), await _outcomes(house))


@pytest.mark.parametrize("vendor", ["greenhouse", "lever"])
@pytest.mark.parametrize(
    ("how", "outcome", "refused"),
    [("hired", "hired", []), ("withdrawn", "withdrawn", []), ("fraud", "fraud", ["fraud"])],
)
async def test_hires_withdrawals_and_frauds_never_come_back(
    vendor: str, how: str, outcome: str, refused: list[str], store: Store, clock: StandingClock
) -> None:
    """The application says how it ended, and nobody hears of a rejection."""
    async with connected(vendor, store, clock) as (story, house):
        story.apply()
        story.end(how)
        await house.poll()

        assert ([], [outcome]) == (await house.walks(), await _outcomes(house))
        assert "rejected" not in await house.told()
        assert refused == await house.refusals()


@pytest.mark.parametrize("vendor", ["greenhouse", "lever"])
@pytest.mark.parametrize(("other", "why"), [("active", "active_elsewhere"), ("hired", "hired")])
async def test_whoever_is_busy_elsewhere_does_not_come_back(
    vendor: str, other: str, why: str, store: Store, clock: StandingClock
) -> None:
    """A rejection for one job says nothing while another one goes on, or has led to a hire; the reason is noted."""
    async with connected(vendor, store, clock) as (story, house):
        story.apply()
        second = story.apply(again=True)
        if other == "hired":
            story.end("hired", application=second)
        await house.poll()
        story.end("rejected")
        await house.hint("application", story.application)
        await house.errands.drain()

        assert ["rejected"] == [each for each in await _outcomes(house) if each not in (None, "hired")]
        assert ([], [why]) == (await house.walks(), await house.refusals())


async def test_an_employee_does_not_come_back(store: Store, clock: StandingClock) -> None:
    """Greenhouse links candidates to its users; Lever does not say who is an employee."""
    async with connected("greenhouse", store, clock) as (story, house):
        story.apply(is_employee=True)
        story.end("rejected")
        await house.poll()

        assert ([], ["employee"]) == (await house.walks(), await house.refusals())
