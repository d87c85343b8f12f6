"""How much is in doubt when somebody dies, and what becomes of an answer that comes after all."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from rapport.clock import SystemClock
from rapport.dsl.workspace import load_workspace
from rapport.settings import Settings
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.enroll import enroll_now
from rapport.wiring.house import House, open_house
from tests.kill.house import FLOWS, filled
from tests.kill.receiver import Receiver, receiving
from tests.kill.sending import STEP


@dataclass(frozen=True, kw_only=True)
class Worker:
    """What a worker holds: the desk of an open house, with walks that want to send."""

    house: House
    walks: Sequence[str]

    async def send(self, walk: str) -> str:
        """Send the first mail of a walk; what the walk is told."""
        return (await self.house.desk.send(walk, STEP, at=SystemClock().now())).status

    async def rows(self) -> Sequence[SendRow]:
        """Every send."""
        async with self.house.store.read() as tx:
            return (await tx.scalars(select(SendRow))).all()


@asynccontextmanager
async def workers(folder: Path, receiver: Receiver, *, people: int) -> AsyncIterator[tuple[Worker, Worker]]:
    """Two workers of one installation."""
    async with receiving(receiver):
        settings = Settings(state_folder=folder, smtp_port=receiver.port)
        store = await filled(settings, load_workspace(FLOWS), [f"p{n}@people.test" for n in range(people)])
        async with store.read() as tx:
            found = (await tx.scalars(select(CandidateRow.id))).all()
        clock = SystemClock()
        begun = [await enroll_now(store, clock, sequence="storm", candidate=who, cause="test") for who in found]
        walks = [enrolled.id for enrolled in begun]
        await store.close()
        async with open_house(settings, clock, environ={}) as one, open_house(settings, clock, environ={}) as two:
            yield Worker(house=one, walks=walks), Worker(house=two, walks=walks)


async def test_worker_has_one_mail_in_doubt_however_many_wait(tmp_path: Path) -> None:
    """Whoever is killed in mid-send leaves one mail that a person has to look at, and not all that stood in line."""
    in_doubt: list[int] = []

    def count(_mail: object) -> None:
        with closing(sqlite3.connect(tmp_path / "rapport.db")) as store:
            in_doubt.extend(row[0] for row in store.execute("SELECT count(*) FROM sends WHERE state = 'sending'"))

    async with workers(tmp_path, Receiver(on_mail=count), people=4) as (worker, _):
        told = await asyncio.gather(*(worker.send(walk) for walk in worker.walks))

    assert ["done"] * 4 == told
    assert [1, 1, 1, 1] == in_doubt


@pytest.mark.parametrize(
    ("answer", "state", "news"),
    [
        ("250 2.0.0 Taken", "accepted", []),
        ("451 4.3.0 Later", "unknown", []),
        ("550 5.1.1 User unknown", "refused", ["bounced"]),
    ],
)
async def test_answer_for_a_worker_that_was_taken_for_dead_still_counts(
    tmp_path: Path, answer: str, state: str, news: list[str]
) -> None:
    """Its mail was parked meanwhile: a yes settles it, a no is heard by the walk, a "later" stays where people look."""
    door = asyncio.Event()
    receiver = Receiver(door=door, answer=answer)
    async with workers(tmp_path, receiver, people=1) as (slow, quick):
        (walk,) = slow.walks
        sending = asyncio.create_task(slow.send(walk))
        await asyncio.wait_for(receiver.at_the_door.wait(), 20)
        told = await quick.send(walk)
        door.set()
        await sending
        (row,) = await slow.rows()
        async with slow.house.store.read() as tx:
            waiting = (await tx.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting"))).all()

    assert ("done", state) == (told, row.state)
    assert news == [message.payload["kind"] for message in waiting if message.kind == "happening"]
