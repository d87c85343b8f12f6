"""A worker that is asked to stop finishes the mail in its hands."""

import asyncio
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from rapport.store.tables.mails import SendRow
from tests.kill.house import House, a_house, environment
from tests.kill.processes import begin, put_down
from tests.kill.receiver import Receiver

ADA = "ada@people.test"
# A worker that drops what it has in its hands is gone in one second.
_WAITS_SECONDS = 3


async def test_worker_that_is_stopped_in_mid_send_finishes_the_mail(tmp_path: Path) -> None:
    """SIGTERM between the final dot and the server's answer: the mail is recorded as sent, and the exit code is 0."""
    door = asyncio.Event()
    receiver = Receiver(door=door)
    async with a_house(tmp_path, [ADA], receiver, workers=0) as house:
        worker = await begin(["worker"], log=tmp_path / "worker.log", environment=environment(house.settings, 1))
        try:
            await _enroll(house)
            await asyncio.wait_for(receiver.at_the_door.wait(), 60)
            worker.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(worker.wait(), _WAITS_SECONDS)
            door.set()
            code = await asyncio.wait_for(worker.wait(), 60)
        finally:
            await put_down(worker)
        async with house.store.read() as tx:
            row = (await tx.scalars(select(SendRow))).one()

    assert (0, "accepted", {row.message_id: 1}) == (code, row.state, receiver.arrived)


async def _enroll(house: House) -> None:
    body = {"sequence": "storm", "email": ADA}
    answered = await house.doors[0].post("/v1/enrollments", json=body, headers={"Idempotency-Key": ADA})
    assert answered.is_success
