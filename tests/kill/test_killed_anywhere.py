"""Any process may die at any moment: nothing is lost, and nothing happens twice."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.kill.chaos import kill_at_random
from tests.kill.house import LOOK_EVERY, House, a_house
from tests.kill.people import PARTS, Crowd, Person
from tests.kill.receiver import Receiver
from tests.kill.verdict import lived, parked, simulated, under_way

PEOPLE, KILLS = 100, 9
SEED = 20_261_122
# So long an answer takes that kills meet mails which are taken and not yet answered.
_ANSWER_AFTER = timedelta(milliseconds=60)
# A minute's wait, a dead dispatcher's lease, a dead worker's heartbeat, and two busy cores.
_CALM_SECONDS = 180
_ENROLL_EVERY = 0.25
# Four times what one takes on two cores; whatever hangs must not hang for ever.
_LONGEST_EVENING_SECONDS = 300
_SOAK_MINUTES = "RAPPORT_SOAK_MINUTES"


@dataclass(frozen=True, kw_only=True)
class Evening:
    """One run: who was killed, how much mail there was, and what is in doubt."""

    seed: int
    killed: Sequence[str]
    mails: int
    parked: int
    seconds: float

    @property
    def told(self) -> str:
        """For whoever reads the log of a test run."""
        return (
            f"seed {self.seed}: {len(self.killed)} kills ({', '.join(self.killed)}), "
            f"{self.mails} mails, {self.parked} parked, {self.seconds:.0f} s"
        )


async def an_evening(folder: Path, seed: int) -> Evening:
    """A hundred people walk while processes die; afterwards everything is as if none had died."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    people = [Person(email=f"p{number}@people.test", part=PARTS[number % len(PARTS)]) for number in range(PEOPLE)]
    receiver = Receiver(answer_after=_ANSWER_AFTER)
    async with a_house(folder, [person.email for person in people], receiver) as house:
        crowd = Crowd(people={person.email: person for person in people}, door=house.doors[0])
        receiver.on_mail = crowd.got
        killing = asyncio.create_task(kill_at_random(house.kept, seed=seed, kills=KILLS))
        await _enroll_all(crowd)
        killed = await killing
        await _calm(house)
        await crowd.rest()
        in_doubt = await _judge(house, people)
    evening = Evening(
        seed=seed,
        killed=killed,
        mails=receiver.arrived.total(),
        parked=len(in_doubt),
        seconds=loop.time() - began,
    )
    print(evening.told)  # noqa: T201  # a seed that nobody knows cannot be tried again
    return evening


async def _enroll_all(crowd: Crowd) -> None:
    async with asyncio.TaskGroup() as enrolling:
        for person in crowd.people.values():
            enrolling.create_task(crowd.enroll(person))
            await asyncio.sleep(_ENROLL_EVERY)


async def _calm(house: House) -> None:
    """Wait until every walk has ended and the outbox is empty."""
    left = (0, 0)
    try:
        async with asyncio.timeout(_CALM_SECONDS):
            # Other processes work; there is no event to wait for.
            while (left := await under_way(house.store)) != (0, 0):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        walks, messages = left
        pytest.fail(f"after {_CALM_SECONDS} s {walks} walks have not ended, {messages} messages wait")


async def _judge(house: House, people: Sequence[Person]) -> Sequence[str]:
    both = [(person, simulated(house, person), await lived(house.store, person)) for person in people]
    assert [] == [(person.enrollment, expected, real) for person, expected, real in both if expected != real]
    assert [] == await _still_running(house)
    return await parked(house, people)


async def _still_running(house: House) -> list[str]:
    """Walks that Temporal still runs though the store says that they have ended; its lists are a moment behind."""
    client = await Client.connect(house.settings.temporal_address)
    running: list[str] = []
    for _ in range(100):
        running = [walk.id async for walk in client.list_workflows("ExecutionStatus = 'Running'")]
        if not running:
            break
        await asyncio.sleep(LOOK_EVERY)
    return running


async def test_killed_anywhere_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    """Workers, API and Temporal die while a hundred people walk, and each gets what the simulator says, once."""
    evening = await an_evening(tmp_path, SEED)

    assert KILLS == len(evening.killed)
    assert evening.parked <= sum(name.startswith("worker") for name in evening.killed)


@pytest.mark.soak
async def test_twenty_minutes_of_kills(tmp_path: Path) -> None:
    """The same for as long as one wants, each evening with a seed of its own."""
    minutes = float(os.environ.get(_SOAK_MINUTES, "20"))
    began = asyncio.get_running_loop().time()
    evenings: list[Evening] = []
    try:
        for seed in count(1):
            folder = tmp_path / str(seed)
            folder.mkdir()
            async with asyncio.timeout(_LONGEST_EVENING_SECONDS):
                evenings.append(await an_evening(folder, seed))
            passed = (asyncio.get_running_loop().time() - began) / 60

            assert evenings[-1].parked <= sum(name.startswith("worker") for name in evenings[-1].killed)
            if passed >= minutes:
                break
            shutil.rmtree(folder)
            print(f"{passed:.0f} of {minutes:g} minutes are over")  # noqa: T201  # so that one sees that it lives
    finally:
        print(in_all(evenings))  # noqa: T201  # what was counted, also when the last evening went wrong


def in_all(evenings: Sequence[Evening]) -> str:
    """For whoever reads the end of a long run."""
    killed = Counter(name.split()[0] for evening in evenings for name in evening.killed)
    whom = ", ".join(f"{name} {times}" for name, times in sorted(killed.items()))
    mails, parked = sum(evening.mails for evening in evenings), sum(evening.parked for evening in evenings)
    minutes = sum(evening.seconds for evening in evenings) / 60
    return (
        f"in all {len(evenings)} evenings in {minutes:.0f} minutes: {killed.total()} kills ({whom}), "
        f"{PEOPLE * len(evenings)} enrollments, {mails} mails, {parked} parked"
    )
