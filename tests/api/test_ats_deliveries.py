"""Each ATS's own webhooks through the door, late, twice, out of order and forged: the truth counts, once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from api.app import create_app
from rapport.store import candidates
from rapport.store.database import Store
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.publish import publish
from tests.api.doors import HERE, TestHouse
from tests.ats_house import BACK, CONNECTED, House
from tests.ats_stories import OneAts, Story
from tests.ats_world import AtsInMemory
from tests.unit.ats.vendors import EVERY, FAKES, HOOK_KEY, Opened, opened
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, StandingClock, a_person, a_publication
from tests.unit.usecases.test_ats_history import a_mail

EMAIL = "c_ana@people.example"
# Those that let go of a note that is there.
REPLACING = ("demo", "lever")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An ATS with a story, the store behind our door, and the door."""

    here: Opened
    story: Story
    house: House
    http: AsyncClient

    async def comes(self, number: int, *, secret: str = HOOK_KEY) -> int:
        """A delivery comes; the status that answers it."""
        headers, body = self.story.delivery(number, secret=secret)
        answer = await self.http.post("/ats-events/main", content=body, headers=headers)
        return answer.status_code


@asynccontextmanager
async def a_door(vendor: str, store: Store, clock: StandingClock) -> AsyncIterator[Door]:
    """Ana is known, was sent a mail, and applied in the ATS a moment ago."""
    await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    async with opened(vendor) as here:
        vendors = OneAts(here.vendor)
        sync = AtsSync(store=store, clock=clock, vendors=vendors, pepper=PEPPER)
        house = House(store=store, clock=clock, ats=AtsInMemory(), sync=sync)
        await a_mail(house, clock)
        story = Story(vendor, here.fake, EMAIL)
        if vendor == "demo":
            here.fake.now = clock.now()
        story.apply()
        app = create_app(TestHouse(store=store), clock, vendors=vendors)
        async with AsyncClient(transport=ASGITransport(app, client=("203.0.113.9", 50_000)), base_url=HERE) as http:
            yield Door(here=here, story=story, house=house, http=http)


@pytest.mark.parametrize("vendor", EVERY)
async def test_late_doubled_and_overtaken_deliveries_are_one_fact(
    vendor: str, store: Store, clock: StandingClock
) -> None:
    """Whatever a delivery says and when it comes, the ATS is asked: one application, one rejection, one note."""
    async with a_door(vendor, store, clock) as door:
        assert [200, 200] == [await door.comes(2), await door.comes(2)]
        await door.house.errands.drain()
        door.story.end("rejected")
        # The third overtakes the first, and the second comes once more.
        for number in (3, 1, 2, 3):
            assert 200 == await door.comes(number)
            await door.house.errands.drain()
        await door.house.poll()

        assert ["applied", "rejected"] == sorted(await door.house.told("applied", "rejected", "stage_changed_to"))
        async with store.read() as tx:
            [row] = (await tx.scalars(select(ApplicationRow))).all()
            assert ("rejected", "c_ana") == (row.outcome, row.candidate)
        expected = [] if vendor == "icims" else ["What we sent and what they did (told by Rapport):"]
        assert expected == [note.splitlines()[0] for note in _notes(door)]
        assert len(expected) == len([path for _, path in door.here.faults.writes if "notes" in path or "comm" in path])


@pytest.mark.parametrize("vendor", FAKES)
async def test_two_applications_of_a_person_are_one_note(vendor: str, store: Store, clock: StandingClock) -> None:
    """Lever and the demo replace it by one that tells of both; elsewhere it was said once, and is not repeated."""
    async with a_door(vendor, store, clock) as door:
        assert 200 == await door.comes(1)
        await door.house.errands.drain()
        second = door.story.apply(again=True)
        await door.house.poll()
        await door.house.poll()

        [note] = _notes(door)
        assert (2 if vendor in REPLACING else 1) == note.count(": applied")
        written = [path for method, path in door.here.faults.writes if method == "POST" and path.endswith("/notes")]
        # In Lever it lies where recruiters look: at the application that came last.
        assert vendor != "lever" or written[-1].endswith(f"/opportunities/{second}/notes")


def _notes(door: Door) -> list[str]:
    found: list[str] = [] if door.here.name == "icims" else door.here.fake.notes_of(door.story.person)
    return found


@pytest.mark.parametrize("vendor", EVERY)
async def test_a_forged_delivery_leads_to_no_question(vendor: str, store: Store, clock: StandingClock) -> None:
    """Whoever has not the secret makes us ask nothing, keep nothing and write nothing."""
    async with a_door(vendor, store, clock) as door:
        door.story.end("rejected")
        assert 401 == await door.comes(1, secret="another secret")  # noqa: S106  # that is the point
        await door.house.errands.drain()

        assert [] == door.here.faults.log
        async with store.read() as tx:
            assert [] == (await tx.scalars(select(AtsErrandRow))).all()
        # What is proven is still believed nothing: the person is there, so nobody is erased.
        await door.house.hint("deleted", door.story.person)
        await door.house.errands.drain()
        async with store.read() as tx:
            assert (await candidates.get(tx, "c_ana")).erased_at is None
