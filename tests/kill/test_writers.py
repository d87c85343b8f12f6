"""Several processes work on one SQLite file, and nobody notices."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from rapport.clock import SystemClock
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from tests.kill.house import House, a_house, environment, rows
from tests.kill.processes import begin, put_down
from tests.kill.receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = [f"p{number}@people.test" for number in range(20)]
BY_HAND = [f"h{number}@people.test" for number in range(4)]
EVENTS = 40


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Two workers and two APIs; each test enrolls people of its own."""
    async with a_house(tmp_path_factory.mktemp("writers"), [*PEOPLE, *BY_HAND], Receiver(), apis=2) as house:
        yield house


async def post(door: httpx.AsyncClient, path: str, body: Any, key: str) -> httpx.Response:
    """Call one API."""
    return await door.post(path, json=body, headers={"Idempotency-Key": key})


async def command(house: House, *arguments: str) -> int:
    """Run one of our commands beside everything else; its exit code."""
    surroundings = environment(house.settings, 1)
    process = await begin(arguments, log=house.folder / "commands.log", environment=surroundings)
    try:
        return await asyncio.wait_for(process.wait(), 120)
    finally:
        await put_down(process)


async def enrolled(house: House, emails: Sequence[str]) -> dict[str, int]:
    """How many walks and how many starts there are for each of these people."""
    async with house.store.read() as tx:
        starts = select(CandidateRow.email, func.count()).join(
            EnrollmentRow, EnrollmentRow.candidate == CandidateRow.id
        )
        starts = starts.join(DeliveryRow, DeliveryRow.enrollment == EnrollmentRow.id)
        starts = starts.where(DeliveryRow.kind == "start", CandidateRow.email.in_(emails))
        return {str(email): number for email, number in await tx.execute(starts.group_by(CandidateRow.email))}


async def test_two_starts_at_the_same_instant_are_one_enrollment(house: House) -> None:
    """Two systems that start the same person through two processes begin one walk, and one of them is told so."""
    answers = []
    for email in PEOPLE:
        body = {"sequence": "storm", "email": email}
        both = (post(door, "/v1/enrollments", body, f"{number}-{email}") for number, door in enumerate(house.doors))
        answers += await asyncio.gather(*both)

    refused = [answer for answer in answers if answer.is_error]
    assert dict.fromkeys(PEOPLE, 1) == await enrolled(house, PEOPLE)
    assert {409} == {answer.status_code for answer in refused}
    assert len(PEOPLE) == len(refused)


async def test_four_writers_and_two_workers_meet_no_lock(house: House) -> None:
    """Two APIs, an import and enrollments by hand write at once while walks go on: nobody sees a locked database."""
    more = house.folder / "more.csv"
    more.write_bytes(rows([f"q{number}@people.test" for number in range(100)], SystemClock().now()))
    told = [_events(door, number) for number, door in enumerate(house.doors)]
    codes, *statuses = await asyncio.gather(_commands(house, str(more)), *told)

    words = "".join(log.read_text() for log in house.folder.glob("*.log") if log.name != "temporal.log")
    assert [0] * len(codes) == codes
    assert [{202: EVENTS}] * 2 == statuses
    assert "locked" not in words
    assert dict.fromkeys(BY_HAND, 1) == await enrolled(house, BY_HAND)


async def _events(door: httpx.AsyncClient, number: int) -> Counter[int]:
    """Tell of one event after the other, four at a time; how often each status came."""
    statuses: Counter[int] = Counter()
    for first in range(0, EVENTS, 4):
        calls = [post(door, "/v1/events", _tagging(n), f"{number}-{n}") for n in range(first, first + 4)]
        statuses.update(answer.status_code for answer in await asyncio.gather(*calls))
    return statuses


def _tagging(number: int) -> dict[str, Any]:
    return {"kind": "tagged", "email": PEOPLE[number % len(PEOPLE)], "detail": {"tag": f"t{number}"}}


async def _commands(house: House, file: str) -> Sequence[int]:
    """An import, and beside it enrollments by hand, one after the other."""

    async def by_hand() -> list[int]:
        return [await command(house, "enroll", "storm", email) for email in BY_HAND]

    imported, enrolled = await asyncio.gather(command(house, "import", file), by_hand())
    return [imported, *enrolled]
