"""One case on Temporal: its person enrolled in a store of its own, its script acted out, its clock moved."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from cli.demonstration.clock import StageClock
from cli.demonstration.observer import Observer
from cli.outbox import TemporalWalks, walk_input
from cli.rehearsal.desks import Desks
from cli.rehearsal.outside import CaseAts, CaseMailer, CaseWebhooks, Mocks
from cli.rehearsal.person import put_in
from cli.rehearsal.script import Script
from cli.rehearsal.store import Stores
from cli.timekeeper import BEFORE, Rest, Timekeeper
from rapport.dsl import model
from rapport.dsl.plan import Plan
from rapport.engine.lot import draw
from rapport.engine.result import Deed, Result
from rapport.engine.scenario import Scenario
from rapport.engine.situation import Situation
from rapport.engine.state import End, Passed, WalkState
from rapport.ids import enrollment_id
from rapport.settings import Settings
from rapport.store import enrollments, segments
from rapport.store.database import Store
from rapport.usecases.cause import Cause
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.desk import StoreDesk
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh
from rapport.usecases.snapshot import situation
from rapport.wiring.house import signer_of
from workflows.client import Walks

_LOOK_EVERY = 0.02
# Far more than a walk needs to come to rest; a case that waits longer has failed and says where.
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Plays cases, each with a store and a time of its own."""

    timekeeper: Timekeeper
    stores: Stores
    desks: Desks

    async def play(self, scenario: Scenario, number: int) -> Result:
        """What comes of a case on Temporal; `number` tells it from all others of this run."""
        policy = "off" if scenario.tree.get("policy") == "off" else "on"
        async with self.stores.case(scenario.plan.sequence, number, policy=policy) as (store, settings):
            played = _Played(self.timekeeper, store, settings, scenario, number)
            self.desks.of[played.enrollment] = played.desk, played.mocks
            try:
                return await played.act_out()
            finally:
                del self.desks.of[played.enrollment]


class _Played:
    """One case while it is played."""

    def __init__(
        self, timekeeper: Timekeeper, store: Store, settings: Settings, scenario: Scenario, number: int
    ) -> None:
        self.enrollment = enrollment_id(scenario.plan.sequence, str(scenario.candidate["id"]), number)
        self.mocks = Mocks(scenario.tree.get("mocks") or {})
        self._timekeeper, self._store, self._settings, self._scenario = timekeeper, store, settings, scenario
        self._clock = StageClock(scenario.start.instant)
        self._signer = signer_of(settings)
        walks = _InCaseTime(timekeeper.walks, self._clock, _variants(scenario))
        self._dispatcher = Dispatcher(store, walks, self._clock)
        self._now = scenario.start.instant
        self._coming: datetime | None = None
        self.desk = StoreDesk(
            store,
            mailer=CaseMailer(self.mocks, self._signer, self.enrollment, scenario.plan),
            ats=CaseAts(self.mocks, {"application": self._application, "candidate": self._candidate}),
            webhooks=CaseWebhooks(self.mocks),
            letterhead=_letterhead(settings),
            clock=self._clock,
        )

    async def act_out(self) -> Result:
        """Let everything happen, each thing at its instant, and time pass in between."""
        async with self._store.write() as tx:
            await put_in(tx, self._clock, self._scenario, self.enrollment, pepper=self._settings.pepper)
        await self._decide_about_segments(self._now)
        script = Script(scenario=self._scenario, enrollment=self.enrollment, clock=self._clock)
        for at, together in groupby(self._scenario.script(), key=lambda scripted: scripted.at):
            self._coming = at
            if not await self._timekeeper.until(at, self._settled, self._is):
                return await self._result()
            self._is(at)
            async with self._store.write() as tx:
                await script.happen(tx, list(together))
        self._coming = None
        await self._timekeeper.until(None, self._settled, self._is)
        return await self._result()

    def _is(self, at: datetime) -> None:
        self._now = at
        self._clock.set(str(self._scenario.candidate["id"]), at)

    # Time -------------------------------------------------------------------------------------------------------

    async def _settled(self) -> Rest | None:
        """The walk at rest, with nothing before its next timer that time alone changes; None when it is over."""
        while (rest := await self._at_rest()) is not None:
            ends = [at for at in (rest.wakes_at, self._coming) if at is not None]
            end = await self._next_end()
            if end is None or (ends and end > min(ends)) or end == self._coming:
                return rest
            await self._timekeeper.forward(rest, end - BEFORE)
            self._is(end)
            await self._decide_about_segments(end)
        return None

    async def _decide_about_segments(self, at: datetime) -> None:
        """What a worker does when the instant has come that is noted for the person."""
        candidate = str(self._scenario.candidate["id"])
        async with self._store.write() as tx:
            cause = Cause(text=f"time {at.isoformat()}", at=at)
            await refresh(tx, self._clock, [candidate], cause=cause, changed=(await watch_of(tx)).timed)

    async def _next_end(self) -> datetime | None:
        """When time alone next moves the person into or out of a segment."""
        async with self._store.read() as tx:
            candidate = str(self._scenario.candidate["id"])
            return (await segments.belongings(tx, [candidate])).get(candidate, segments.Belongings()).due

    async def _at_rest(self) -> Rest | None:
        """The walk at rest, once it has heard everything; None when it is over."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                told = await self._dispatcher.drain()
                async with self._store.read() as tx:
                    over = (await enrollments.get(tx, self.enrollment)).state == enrollments.ENDED
                if over:
                    return None
                rest = await self._timekeeper.rest(self.enrollment) if not told else None
                if rest is not None:
                    return rest
                await asyncio.sleep(_LOOK_EVERY)

    # What is seen -----------------------------------------------------------------------------------------------

    async def _result(self) -> Result:
        walks, plan = self._timekeeper.walks, self._scenario.plan
        position = await walks.position(self.enrollment)
        async with self._store.read() as tx:
            row = await enrollments.get(tx, self.enrollment)
        end, path, waits_at = None, [], None
        if row.state == enrollments.ENDED:
            said = await walks.handle(self.enrollment).result()
            end, path = End(said.end, said.at), [Passed(*passed) for passed in said.path]
        elif position is not None:
            waits_at, path = position.step, WalkState.from_json(position.state).path
            await walks.handle(self.enrollment).terminate("the case is over")
        seen = Observer(store=self._store, signer=self._signer, pepper=self._settings.pepper)
        effects = await seen.effects(self.enrollment, _effects(plan))
        known = await self._situation(end.at if end else self._now)
        return Result(
            path=tuple(path),
            mails=[Deed(mail.at, mail.step, mail.what) for mail in await seen.mails(self.enrollment)],
            actions=sorted(
                (Deed(one.at, one.step) for one in effects), key=lambda one: (one.at, plan.node(one.step).index)
            ),
            end=end,
            waits_at=waits_at,
            candidate={**_plain(known.candidate), "consent": sorted(known.consents)},
        )

    async def _situation(self, at: datetime) -> Situation:
        async with self._store.read() as tx:
            known, _, _ = await situation(tx, self.enrollment, at)
        return known

    async def _application(self) -> Mapping[str, Any]:
        return _plain((await self._situation(self._now)).application)

    async def _candidate(self) -> Mapping[str, Any]:
        return _plain((await self._situation(self._now)).candidate)


class _InCaseTime(TemporalWalks):
    """Starts a walk with the distance between its time and the real time, and with the lots that the simulator drew."""

    def __init__(self, walks: Walks, clock: StageClock, variants: Mapping[str, str]) -> None:
        super().__init__(walks)
        self._of_temporal, self._clock, self._variants = walks, clock, variants

    async def start(self, walk: Mapping[str, Any]) -> None:
        """Start a walk in its own time."""
        shift = self._clock.shift(datetime.fromisoformat(walk["enrolled_at"]))
        started = replace(walk_input(walk), shift=shift.total_seconds(), variants=self._variants or None)
        await self._of_temporal.start(started, title=str(walk["title"]))


def _variants(scenario: Scenario) -> dict[str, str]:
    """What every split gives: the same as in the simulator, though the walk has another number."""
    drawn = {
        node.id: draw(scenario.enrollment, node.id, node.action.shares)
        for node in scenario.plan.nodes
        if isinstance(node.action, model.Split)
    }
    return {**drawn, **(scenario.tree.get("variants") or {})}


def _effects(plan: Plan) -> list[str]:
    """The steps whose doing is an action; a read is a look."""
    return [node.id for node in plan.nodes if not isinstance(node.action, model.Ats) or node.action.how != "read"]


def _letterhead(settings: Settings) -> Letterhead:
    return Letterhead(
        signer=signer_of(settings),
        public_url=settings.public_url,
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
    )


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As a test file would write them."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in fields.items()}
