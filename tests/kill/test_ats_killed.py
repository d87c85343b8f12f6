"""A worker that dies at an ATS, in mid-errand or in mid-poll: the note is there once, and each fact was told once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from starlette.types import ASGIApp, Receive, Scope, Send

from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.crm.hiring import AtsHint
from rapport.ids import address_key
from rapport.settings import Settings
from rapport.store import ats_errands
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.ats_errands import keep_hints
from rapport.usecases.publish import publish
from tests.ats_house import BACK, CONNECTED
from tests.kill.processes import ROOT, put_down
from tests.unit.store.worlds import DAY, MONDAY, a_person, a_publication
from tests.unit.usecases.test_ats_history import a_mail

PEOPLE = 100
# Two pages of the demo ATS hold fewer, so that the kill comes in the middle.
_SOME = 30
_LOOK_EVERY = 0.005
_PATIENCE_SECONDS = 60
# A lease of a dead worker is over by then.
_LATER = 3


@dataclass(slots=True)
class Stuck:
    """Does what it is asked for; the first answer to a request like this never comes."""

    inner: ASGIApp
    method: str = ""
    ending: str = ""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or leave it open."""
        is_it = scope["method"] == self.method and scope["path"].endswith(self.ending) and not self.done.is_set()
        if not is_it:
            await self.inner(scope, receive, send)
            return

        async def nobody(message: object) -> None:
            del message

        await self.inner(scope, receive, nobody)
        self.done.set()
        await self.over.wait()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A store, an ATS, and workers that come and go."""

    store: Store
    ats: DemoAts
    stuck: Stuck
    environment: dict[str, str]

    async def begin(self, what: str, *, later: int = 0) -> asyncio.subprocess.Process:
        """A worker, as a process of its own."""
        arguments = [sys.executable, "-m", "tests.kill.ats_working", what, str(later)]
        return await asyncio.create_subprocess_exec(*arguments, env=self.environment, cwd=ROOT)

    async def finish(self, what: str) -> None:
        """A worker that nobody kills, some minutes later."""
        process = await self.begin(what, later=_LATER)
        try:
            assert 0 == await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        finally:
            await put_down(process)

    async def count(self, kind: str) -> dict[str, int]:
        """How often something of this kind happened, by person."""
        async with self.store.read() as tx:
            row = HappeningRow
            found = await tx.execute(
                select(row.candidate, func.count()).where(row.kind == kind).group_by(row.candidate)
            )
            return {str(candidate): int(number) for candidate, number in found}

    async def people(self) -> int:
        """How many people came from the ATS."""
        async with self.store.read() as tx:
            return await tx.scalar(select(func.count()).where(CandidateRow.source == "main")) or 0


@asynccontextmanager
async def a_place(folder: Path) -> AsyncIterator[Place]:
    """Everything but workers; time in the ATS is now."""
    world = DemoAts(now=SystemClock().now())
    stuck = Stuck(world.app())
    async with served(stuck) as address:
        settings = Settings(state_folder=folder, demo_ats_url=address)
        await migrate(settings.database)
        store = Store.open(settings.database)
        await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="test", at=MONDAY - DAY)
        environment = {
            **os.environ,
            "RAPPORT_STATE_FOLDER": str(folder),
            "RAPPORT_DEMO_ATS_URL": address,
            "PYTHONPATH": str(ROOT),
        }
        try:
            yield Place(store=store, ats=world, stuck=stuck, environment=environment)
        finally:
            stuck.over.set()
            await store.close()


async def _killed(process: asyncio.subprocess.Process, when: Callable[[], Awaitable[object]]) -> None:
    """SIGKILL at a moment, and nothing else."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await when()
    finally:
        await put_down(process)


async def test_a_note_is_written_once_though_its_worker_dies_before_it_hears_so(tmp_path: Path) -> None:
    """The ATS has the note, the worker is dead, and the next one finds the note there."""
    async with a_place(tmp_path) as place:
        async with place.store.write() as tx:
            ana = await a_person(tx)
            ana.email_key = address_key(str(ana.email), Settings(state_folder=tmp_path).pepper)
        await a_mail(place, SystemClock())
        place.ats.add_person("ana", emails=["c_ana@people.example"])
        application = place.ats.apply("ana", "Backend engineer")
        hint = AtsHint(key="1", kind="application", id=application, person="ana")
        async with place.store.write() as tx:
            await keep_hints(tx, "main", [hint], now=SystemClock().now())
        place.stuck.method, place.stuck.ending = "POST", "/notes"
        await _killed(await place.begin("errands"), place.stuck.done.wait)
        async with place.store.read() as tx:
            assert 1 == (await ats_errands.waiting(tx))[0]
        await place.finish("errands")

        assert 1 == len(place.ats.people["ana"].notes)
        assert {"c_ana": 1} == await place.count("applied")
        async with place.store.read() as tx:
            assert 0 == (await ats_errands.waiting(tx))[0]


async def test_a_poll_that_is_killed_goes_on_and_tells_everything_once(tmp_path: Path) -> None:
    """Half of the people were taken in: the page is read again, and nobody is there twice or has applied twice."""
    async with a_place(tmp_path) as place:
        for number in range(PEOPLE):
            place.ats.add_person(f"p{number}", emails=[f"p{number}@people.test"])
            place.ats.apply(f"p{number}", "Backend engineer")

        async def some_are_in() -> None:
            while await place.people() < _SOME:  # noqa: ASYNC110  # another process; there is no event to wait for
                await asyncio.sleep(_LOOK_EVERY)

        await _killed(await place.begin("poll"), some_are_in)
        at_the_kill = await place.people()
        await place.finish("poll")

        assert _SOME <= at_the_kill < PEOPLE
        assert PEOPLE == await place.people()
        assert [1] * PEOPLE == list((await place.count("applied")).values())
