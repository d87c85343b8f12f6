"""What a walk costs beside a hand-written workflow: history events, history bytes, and walks per second."""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from bench.cast import PARTS, Crowd, enrollment_of, shipped
from bench.rows import Row, hand_over, median
from bench.sides import SIDES, Name, Side, side_of, working
from worker.dev_server import DevServerOptions, dev_server
from worker.exit import end_process
from workflows.converter import walk_data_converter

# The first round fills caches and is not counted.
_ROUNDS = 7
_WALKS_A_ROUND = 30
_AT_ONCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Both sides on one server, with workers in this process."""

    client: Client
    sides: Mapping[Name, Side]
    numbers: "count[int]"
    plan_bytes: int

    async def walk(self, name: Name, part: str) -> str:
        """Play one part to its end."""
        enrollment = enrollment_of(name, part, next(self.numbers))
        await self.sides[name].start(enrollment)
        await self.client.get_workflow_handle(enrollment).result()
        return enrollment

    async def history(self, name: Name, part: str) -> WorkflowHistory:
        """The history of one walk that had the machine to itself."""
        enrollment = await self.walk(name, part)
        return await self.client.get_workflow_handle(enrollment).fetch_history()

    async def per_second(self, name: Name) -> float:
        """Many walks, thirty at a time, all parts in turn."""
        parts = iter([PARTS[number % len(PARTS)] for number in range(_WALKS_A_ROUND)])

        async def one_after_another() -> None:
            for part in parts:
                await self.walk(name, part)

        began = perf_counter()
        await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
        return _WALKS_A_ROUND / (perf_counter() - began)


async def _measure() -> Sequence[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(dev_server(DevServerOptions(log_file=folder / "temporal.log")))
        client = await Client.connect(server.address, data_converter=walk_data_converter)
        known = shipped()
        crowd = Crowd(shipped=known, client=client)
        for name in SIDES:
            await stack.enter_async_context(working(name, client, crowd))
        sides = {name: side_of(name, client, known) for name in SIDES}
        [plan] = await walk_data_converter.encode([known.plan.source])
        bench = Bench(client=client, sides=sides, numbers=count(), plan_bytes=len(plan.data))
        return [*await _histories(bench), await _speed(bench)]


async def _histories(bench: Bench) -> Sequence[Row]:
    events: dict[Name, float] = dict.fromkeys(SIDES, 0.0)
    size: dict[Name, float] = dict.fromkeys(SIDES, 0.0)
    for part in PARTS:
        for name in SIDES:
            history = await bench.history(name, part)
            events[name] += len(history.events) / len(PARTS)
            size[name] += sum(event.ByteSize() for event in history.events) / len(PARTS)
            _show(name, part, history)
    size["ours"] -= bench.plan_bytes
    return [
        Row(name="history events per walk", value=events["ours"], unit="events", baseline=events["hand"], at_most=1.0),
        Row(
            name="history bytes per walk, without the plan",
            value=size["ours"],
            unit="bytes",
            baseline=size["hand"],
            at_most=1.1,
        ),
    ]


def _show(name: Name, part: str, history: WorkflowHistory) -> None:
    kinds = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower() for event in history.events)
    size = sum(event.ByteSize() for event in history.events)
    print(f"{name} {part}: {len(history.events)} events, {size} bytes; {dict(kinds)}")


async def _speed(bench: Bench) -> Row:
    found: dict[Name, list[float]] = {name: [] for name in SIDES}
    for turn in range(_ROUNDS):
        # Whoever goes first changes with each round, so that a trend of the machine hits both.
        for name in SIDES if turn % 2 else reversed(SIDES):
            figure = await bench.per_second(name)
            print(f"round {turn}, {name}: {figure:.1f} walks/s")
            if turn:
                found[name].append(figure)
    return Row(
        name="walks per second",
        value=median(found["ours"]),
        unit="walks/s",
        baseline=median(found["hand"]),
        at_least=0.9,
    )


if __name__ == "__main__":
    hand_over(sys.argv, asyncio.run(_measure()))
    end_process(0)
