"""The outbox is emptied in order; nothing is lost, whoever is away."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from rapport.engine.happening import Happening
from rapport.errors import TemporaryFailure
from rapport.ids import command_id
from rapport.store import deliveries, enrollments
from rapport.store.database import Store
from rapport.usecases.commands import cancel, pause, resume
from rapport.usecases.dispatch import Command, Dispatcher, Told
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import a_walk, another_walk

STEPS = "  - {id: hello, send: welcome}\n"
LISTENS = "exit: [{tagged: a}, {tagged: b}, {tagged: c}]"


@dataclass(slots=True)
class Heard:
    """Walks that remember what reached them; `away` makes Temporal unavailable for what it names."""

    log: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    over: bool = False
    answer: Told = "told"

    async def start(self, walk: Mapping[str, Any]) -> None:
        """Remember it."""
        self._reach("start", walk["enrollment"])
        self.log.append(("start", walk["enrollment"], ()))

    async def tell(self, enrollment: str, happenings: Sequence[Happening]) -> Literal["told", "gone"]:
        """Remember it."""
        self._reach("tell", enrollment)
        self.log.append(("tell", enrollment, tuple(happening.detail["tag"] for happening in happenings)))
        return "gone" if self.over else "told"

    async def command(self, enrollment: str, kind: Command, identity: str, *, at: datetime) -> Told:
        """Remember it."""
        del at
        self._reach(kind, enrollment)
        self.log.append((kind, enrollment, (identity,)))
        return self.answer

    def _reach(self, *names: str) -> None:
        if self.away & set(names):
            raise TemporaryFailure("Temporal is away.", hint="Wait.")


async def tag(store: Store, clock: StandingClock, *names: str) -> None:
    """Ana is tagged, one tag after the other."""
    async with store.write() as tx:
        for name in names:
            await take_in(
                tx, clock, Incoming(dedupe_key=name, kind="tagged", candidate="c_ana", at=MONDAY, detail={"tag": name})
            )


async def depth(store: Store) -> int:
    """How many messages wait."""
    async with store.read() as tx:
        return await deliveries.depth(tx)


async def test_start_then_news_together_then_commands(store: Store, clock: StandingClock) -> None:
    """A walk is started first, hears its news in one signal, and then obeys."""
    walk = await a_walk(store, clock, STEPS, head=LISTENS)
    await tag(store, clock, "a", "b")
    async with store.write() as tx:
        number = await pause(tx, clock, walk, at=MONDAY, by="anna-koch")
    await tag(store, clock, "c")
    heard = Heard()
    await Dispatcher(store, heard, clock).drain()

    assert [
        ("start", walk, ()),
        ("tell", walk, ("a", "b")),
        ("pause", walk, (command_id(walk, number),)),
        ("tell", walk, ("c",)),
    ] == heard.log
    assert 0 == await depth(store)


async def test_start_makes_the_walk_run(store: Store, clock: StandingClock) -> None:
    """Lists show a walk as running once Temporal has it."""
    walk = await a_walk(store, clock, STEPS)
    await Dispatcher(store, Heard(), clock).drain()
    async with store.read() as tx:
        assert "running" == (await enrollments.get(tx, walk)).state


async def test_news_waits_for_a_start_that_failed(store: Store, clock: StandingClock) -> None:
    """While Temporal is away nothing overtakes and nothing is lost; afterwards everything arrives in order."""
    walk = await a_walk(store, clock, STEPS, head=LISTENS)
    await tag(store, clock, "a", "b")
    heard = Heard(away={"start"})
    dispatcher = Dispatcher(store, heard, clock)
    await dispatcher.drain()
    while_away = list(heard.log)
    heard.away.clear()
    await dispatcher.drain()
    too_early = list(heard.log)
    clock.at += timedelta(minutes=2)
    await dispatcher.drain()

    assert ([], []) == (while_away, too_early)
    assert [("start", walk, ()), ("tell", walk, ("a", "b"))] == heard.log


async def test_one_walk_that_cannot_be_reached_holds_up_no_other(store: Store, clock: StandingClock) -> None:
    """A walk in trouble delays its own news only."""
    walk = await a_walk(store, clock, STEPS, head=LISTENS, other=f"purpose: nurture\n{LISTENS}\nsteps:\n{STEPS}")
    other = await another_walk(store, clock, "other")
    await tag(store, clock, "a")
    heard = Heard(away={walk})
    await Dispatcher(store, heard, clock).drain()

    assert [("start", other, ()), ("tell", other, ("a",))] == heard.log
    assert 2 == await depth(store)


async def test_news_for_a_walk_that_is_over_is_done(store: Store, clock: StandingClock) -> None:
    """Nobody tells a finished walk for ever."""
    await a_walk(store, clock, STEPS, head=LISTENS)
    await tag(store, clock, "a")
    await Dispatcher(store, Heard(over=True), clock).drain()

    assert 0 == await depth(store)


async def test_command_that_nobody_confirmed_is_sent_again(store: Store, clock: StandingClock) -> None:
    """Without a worker a cancel stays in the outbox; the same id makes the second one harmless."""
    walk = await a_walk(store, clock, STEPS)
    async with store.write() as tx:
        await cancel(tx, clock, walk, at=MONDAY, by="anna-koch")
    heard = Heard(answer="later")
    dispatcher = Dispatcher(store, heard, clock)
    await dispatcher.drain()
    clock.at += DAY
    heard.answer = "told"
    await dispatcher.drain()

    assert ["start", "cancel", "cancel"] == [kind for kind, _, _ in heard.log]
    assert heard.log[1] == heard.log[2]
    assert 0 == await depth(store)


async def test_two_dispatchers_tell_each_walk_once(store: Store, clock: StandingClock) -> None:
    """Several workers empty one outbox side by side."""
    walk = await a_walk(store, clock, STEPS, head=LISTENS)
    await tag(store, clock, "a", "b", "c")
    heard = Heard()
    await asyncio.gather(*(Dispatcher(store, heard, clock).drain() for _ in range(3)))
    await Dispatcher(store, heard, clock).drain()

    assert [("start", walk, ()), ("tell", walk, ("a", "b", "c"))] == heard.log


async def test_running_dispatcher_is_woken_and_stops(store: Store, clock: StandingClock) -> None:
    """What is put into the outbox while the dispatcher rests goes out at once; it stops when asked."""
    walk = await a_walk(store, clock, STEPS)
    stop, arrived = asyncio.Event(), asyncio.Event()

    class Waking(Heard):
        async def command(self, enrollment: str, kind: Command, identity: str, *, at: datetime) -> Told:
            answer = await super().command(enrollment, kind, identity, at=at)
            arrived.set()
            return answer

    heard = Waking()
    dispatcher = Dispatcher(store, heard, clock)
    running = asyncio.create_task(dispatcher.run(stop))
    async with store.write() as tx:
        await pause(tx, clock, walk, at=MONDAY, by="anna-koch")
        await resume(tx, clock, walk, at=MONDAY, by="anna-koch")
    dispatcher.wake()
    await asyncio.wait_for(arrived.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)

    assert ["start", "pause"] == [kind for kind, _, _ in heard.log[:2]]
