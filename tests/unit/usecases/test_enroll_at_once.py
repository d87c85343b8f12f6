"""Two machines at the same instant: one walk, whichever database they share."""

import asyncio
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from rapport.store import deliveries
from rapport.store.database import Store
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from tests.unit.store.worlds import WELCOME, a_person, published

ROOT = Path(__file__).parents[3]
ROUNDS, PROCESSES = 8, 2
# A process that says that it is ready, waits for the shot, and enrolls each person as fast as it can.
RUNNER = """
import asyncio, sys
from rapport.clock import SystemClock
from rapport.errors import Refused
from rapport.store.database import Store
from rapport.usecases.enroll import enroll_now

async def work(url, people):
    store = Store.open(url)
    async with store.read() as tx:
        await tx.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    for person in people:
        try:
            await enroll_now(store, SystemClock(), sequence="welcome", candidate=person, cause="race")
            print("enrolled", flush=True)
        except Refused as refused:
            print(refused.reason, flush=True)
    await store.close()

asyncio.run(work(sys.argv[1], sys.argv[2:]))
"""


async def test_two_processes_enroll_the_same_people_at_the_same_instant(store: Store, database: str) -> None:
    """Two webhooks on two machines: one walk and one mail for each person, and the loser knows why."""
    await published(store, welcome=WELCOME)
    people = [f"c_{number}" for number in range(ROUNDS)]
    async with store.write() as tx:
        for person in people:
            await a_person(tx, person)

    answers = await _race(database, people)

    assert [["already_enrolled", "enrolled"]] * ROUNDS == [sorted(each) for each in zip(*answers, strict=True)]
    async with store.read() as tx:
        assert [ROUNDS, ROUNDS] == [
            await tx.scalar(select(func.count()).select_from(table)) for table in (EnrollmentRow, RefusalRow)
        ]
        assert await deliveries.depth(tx) == ROUNDS


async def _race(database: str, people: list[str]) -> list[list[str]]:
    """What each process was answered, person by person; they start together."""
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", RUNNER, database, *people, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]
    for process in running:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in running))
    return [output.decode().split() for output, _ in said]
