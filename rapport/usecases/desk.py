"""The real desk of a walk: the rules of the engine over what the store knows, and acts that happen once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from rapport.clock import Clock
from rapport.dsl import model
from rapport.engine import consent, evaluate, gatekeeper, moments
from rapport.engine.happening import Happening, matches
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from rapport.ports import Ats, Mailer, Webhooks
from rapport.store import enrollments
from rapport.store.database import Store
from rapport.store.once import insert_once
from rapport.store.tables.walks import DecisionRow
from rapport.usecases import holds
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.deferrals import put_off
from rapport.usecases.effects import do_effect, were_done
from rapport.usecases.on_its_way import end_by, ends_it, to_hear_first, told_or_waiting
from rapport.usecases.outside import Outside
from rapport.usecases.resend import Resending
from rapport.usecases.send import Sending
from rapport.usecases.shelf import plan_of
from rapport.usecases.snapshot import situation
from rapport.usecases.standing import standing, with_all_mails
from rapport.usecases.walk_end import record_end


class StoreDesk:
    """A WalkDesk on the store; it means what `rapport.engine.world.World` means."""

    def __init__(
        self, store: Store, *, mailer: Mailer, ats: Ats, webhooks: Webhooks, letterhead: Letterhead, clock: Clock
    ) -> None:
        """Put the store and the ways out together."""
        self._store, self._clock = store, clock
        self._sending = Sending(store, mailer, letterhead, clock, ats)
        self._resending = Resending(store, mailer, letterhead, clock, self._sending.counter)
        self._outside = Outside(store, ats, webhooks, clock)

    # Looking ----------------------------------------------------------------------------------------------------

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        """When the wait of this step is over."""
        async with self._store.read() as tx:
            known, plan, project = await situation(tx, enrollment, at)
        return moments.due(plan.node(step), since, known, project)

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        """Whether the step's condition holds: decided once, and kept with the values that it rested on."""
        async with self._store.read() as tx:
            before = await tx.get(DecisionRow, (enrollment, step))
        return await self._decide(enrollment, step, at) if before is None else before.result

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        """Whether the step's mail may go now; the contact policy counts the mails of all of the person's walks."""
        async with self._store.read() as tx:
            here = await standing(tx, enrollment, at)
            known = await with_all_mails(tx, here)
        gate = gatekeeper.gate(here.node(step), known, here.project)
        if gate.verdict == "hold" and gate.until is not None:
            async with self._store.write() as tx:
                await put_off(tx, self._clock, enrollment, step, at=at, until=gate.until, reason=gate.reason)
        return gate

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        """Whether consent for the sequence's purpose is valid."""
        async with self._store.read() as tx:
            known, _, project = await situation(tx, enrollment, at)
        return consent.consent(known, project)

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """What the store has of the awaited event or of an end by `at`, whether the walk was told or not."""
        del since
        async with self._store.read() as tx:
            here = await standing(tx, enrollment, at)
            wait = here.node(step).action
            if not isinstance(wait, model.WaitFor):
                return ()
            # A reply that is on its way when the time limit comes has come before it.
            ends = await ends_it(tx, here, by=at)
            heard = await told_or_waiting(tx, enrollment)
        return ends or [
            happening
            for happening in heard
            if here.row.enrolled_at <= happening.at and matches(wait.event, happening, event=here.row.event)
        ]

    # Acting -----------------------------------------------------------------------------------------------------

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the step's mail, once and only if nothing is in the way."""
        return await self._sending.send(enrollment, step, at=at)

    async def resend(self, send: int, attempts: int, since: datetime) -> datetime | None:
        """Send a parked mail again, for the outbox; when to try again (real time), None when that is over."""
        return await self._resending.resend(send, attempts=attempts, since=since)

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Do these effects, each once; neighbors in our own store are one transaction, calls to others are none.

        All ask the outbox first: whoever has replied or was hired is left alone, though the walk has not heard yet.
        """
        async with self._store.read() as tx:
            row = await enrollments.get(tx, enrollment)
            plan = await plan_of(tx, row.sequence, row.version)
        heard: list[Happening] = []
        for ours, group in groupby(steps, lambda step: isinstance(plan.node(step).action, model.LOCAL_EFFECTS)):
            outcome = await (self._in_our_store if ours else self._call)(enrollment, list(group), at)
            heard += outcome.heard
            if outcome.status != "done":
                return replace(outcome, heard=tuple(heard))
        return Outcome(status="done", heard=tuple(heard))

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> Sequence[Happening] | None:
        """Note that the walk stands still, and give the sequence's owner a task; unless it is about to end anyway."""
        async with self._store.write() as tx:
            here = await standing(tx, enrollment, at)
            ends = await ends_it(tx, here)
            if not ends:
                await holds.hold(tx, self._clock, here, step, reason)
        return ends or None

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> End | None:
        """Record the end, once, and tell the person's other walks; the end that was recorded, if it is another one.

        A walk that comes to its last step while a goal is on its way to it has reached the goal.
        """
        async with self._store.write() as tx:
            here = await standing(tx, enrollment, end.at)
            reached = await end_by(tx, here, end.at)
            await record_end(tx, self._clock, here.row, replace(end, name=reached.name) if reached else end, path)
            recorded = here.row.end_name
        return None if recorded in (None, end.name) else replace(end, name=recorded)

    async def _decide(self, enrollment: str, step: str, at: datetime) -> bool:
        async with self._store.write() as tx:
            known, plan, project = await situation(tx, enrollment, at)
            match plan.node(step).action:
                case model.If(condition=condition) | model.Stop(condition=condition) if condition is not None:
                    holds = evaluate.holds(condition, known, project)
                    values = evaluate.what_was_read(condition, known)
                case _:
                    return True
            row = DecisionRow(
                enrollment=enrollment, step=step, result=holds, at=at, recorded_at=self._clock.now(), values=values
            )
            if await insert_once(tx, row):
                return holds
            return (await tx.get_one(DecisionRow, (enrollment, step))).result

    async def _in_our_store(self, enrollment: str, steps: Sequence[str], at: datetime) -> Outcome:
        heard: list[Happening] = []
        async with self._store.write() as tx:
            here = await standing(tx, enrollment, at)
            # What was done before says the same again, also if it was itself what ends the walk.
            first = None if await were_done(tx, enrollment, steps) else await to_hear_first(tx, here)
            if first is not None:
                return first
            for number, step in enumerate(steps):
                if number:  # what the last one has changed
                    here = await standing(tx, enrollment, at)
                heard += await do_effect(tx, self._clock, here, step)
        return Outcome(status="done", heard=tuple(heard))

    async def _call(self, enrollment: str, steps: Sequence[str], at: datetime) -> Outcome:
        for step in steps:
            outcome = await self._outside.call(enrollment, step, at=at)
            if outcome.status != "done":
                return outcome
        return Outcome(status="done")
