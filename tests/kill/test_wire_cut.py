"""The line to the mail server breaks, or we die, at each stage of a mail: it arrives once or is parked."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from rapport.clock import SystemClock
from rapport.dsl.workspace import load_workspace
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.enroll import enroll_now
from tests.kill.house import FLOWS, environment, filled
from tests.kill.processes import ROOT, put_down
from tests.kill.receiver import STAGES, Receiver, Stage, Trap, receiving
from tests.kill.sending import send_once

_BEFORE_THE_MAIL = STAGES[: STAGES.index("body")]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A walk that is about to send its first mail, and the server that will get it."""

    settings: Settings
    store: Store
    receiver: Receiver
    enrollment: str

    async def send(self) -> str:
        """Send as a process that has just been started; what the walk is told."""
        return (await send_once(self.settings, self.enrollment)).status

    async def die_at(self, stage: Stage) -> int:
        """Send in a process that is killed at this stage; how it ended."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "tests.kill.sending", self.enrollment),
            env={**environment(self.settings, 1), "PYTHONPATH": str(ROOT)},
        )
        self.receiver.trap = Trap(stage, lambda: os.kill(process.pid, signal.SIGKILL))
        try:
            return await asyncio.wait_for(process.wait(), 60)
        finally:
            await put_down(process)

    async def row(self) -> SendRow:
        """The row of the mail."""
        async with self.store.read() as tx:
            return (await tx.scalars(select(SendRow))).one()


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """Enroll one person, and start nothing."""
    settings = Settings(state_folder=folder)
    store = await filled(settings, load_workspace(FLOWS), ["ada@people.test"])
    async with store.read() as tx:
        candidate = (await tx.scalars(select(CandidateRow.id))).one()
    walk = await enroll_now(store, SystemClock(), sequence="storm", candidate=candidate, cause="test")
    async with receiving(Receiver()) as receiver:
        settings = replace(settings, smtp_port=receiver.port)
        yield Desk(settings=settings, store=store, receiver=receiver, enrollment=walk.id)
    await store.close()


@pytest.mark.parametrize("stage", _BEFORE_THE_MAIL)
async def test_line_that_breaks_before_the_mail_delays_it(tmp_path: Path, stage: Stage) -> None:
    """Whatever was said by then: the mail has not left, the walk tries again, and one mail arrives."""
    async with a_desk(tmp_path) as desk:
        desk.receiver.trap = Trap(stage)
        told = [await desk.send() for _ in range(3)]
        row = await desk.row()

    assert ["retry", "done", "done"] == told
    assert ("accepted", {row.message_id: 1}) == (row.state, desk.receiver.arrived)


async def test_line_that_breaks_within_a_mail_delays_or_parks_it(tmp_path: Path) -> None:
    """A short mail may be written to its end before we hear of the break: it goes again or is parked, never both."""
    async with a_desk(tmp_path) as desk:
        desk.receiver.trap = Trap("body")
        told = [await desk.send() for _ in range(3)]
        row = await desk.row()

    heard_in_time = (["retry", "done", "done"], "accepted", 1)
    heard_too_late = (["done", "done", "done"], "unknown", 0)
    assert (told, row.state, desk.receiver.arrived.total()) in (heard_in_time, heard_too_late)


@pytest.mark.parametrize(("stage", "arrivals"), [("lost", 0), ("taken", 1)])
async def test_line_that_breaks_after_the_final_dot_parks_the_mail(tmp_path: Path, stage: Stage, arrivals: int) -> None:
    """Nobody can say whether it was taken: the walk goes on, the mail waits for a person, and none goes again."""
    async with a_desk(tmp_path) as desk:
        desk.receiver.trap = Trap(stage)
        told = [await desk.send() for _ in range(3)]
        row = await desk.row()

    assert ["done", "done", "done"] == told
    assert ("unknown", arrivals) == (row.state, desk.receiver.arrived[str(row.message_id)])


@pytest.mark.parametrize("stage", STAGES)
async def test_process_that_dies_within_a_mail_leaves_it_parked(tmp_path: Path, stage: Stage) -> None:
    """Killed at any stage: the next process sends nothing a second time, and the walk goes on."""
    async with a_desk(tmp_path) as desk:
        died = await desk.die_at(stage)
        told = [await desk.send() for _ in range(2)]
        row = await desk.row()

    assert -signal.SIGKILL == died
    assert ["done", "done"] == told
    assert ("unknown", int(stage == "taken")) == (row.state, desk.receiver.arrived.total())
