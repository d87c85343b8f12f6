"""Rounds: blocks that wait for the same turn to write share it; each hears of its own outcome, once it is on disk."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rapport.store.ahead import Looks
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.together import Block, run_together

Outcome = TypeVar("Outcome")

# An event takes a millisecond or two in a round: nobody else who writes waits much longer than a tenth of a second.
_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One block in the line, and where its outcome will be."""

    looks: Looks | None
    block: Block
    outcome: "asyncio.Future[Any]" = field(repr=False)

    def tell(self, outcome: object) -> None:
        """Hand the outcome to whoever waits for it, if somebody still does."""
        if self.outcome.done():
            return
        if isinstance(outcome, Exception):
            self.outcome.set_exception(outcome)
        else:
            self.outcome.set_result(outcome)


class Rounds:
    """The line of one process, in the order of arrival; a turn to write is for all who wait."""

    def __init__(self, store: Store) -> None:
        """Make an empty line; nothing is begun before somebody joins."""
        self._store = store
        self._line: deque[_Place] = deque()
        self._alone = 0
        self._taking: asyncio.Task[None] | None = None

    async def join(self, looks: Looks | None, block: Callable[[Tx], Awaitable[Outcome]]) -> Outcome:
        """Run a block as in `Store.write`, in one transaction with others that wait; return once that is on disk.

        Each finds what it would find if they came one after the other, and an error undoes only what its own block
        did, which may run twice for it. A block that cannot say what it looks at shares with nobody. StoreAway for a
        whole round, and for the whole line when there was no turn.
        """
        place = _Place(looks=looks, block=block, outcome=asyncio.get_running_loop().create_future())
        self._line.append(place)
        if self._taking is None or self._taking.done():
            # A task of its own: a caller who hangs up takes nobody along.
            self._taking = asyncio.create_task(self._take_rounds())
        outcome: Outcome = await place.outcome
        return outcome

    async def _take_rounds(self) -> None:
        try:
            while self._line:
                await self._take_round()
        finally:
            # Only when this process ends: else the line is empty.
            for place in self._line:
                place.outcome.cancel()

    async def _take_round(self) -> None:
        taken: list[_Place] = []
        try:
            outcomes = await self._run(taken)
        except asyncio.CancelledError:
            self._line.extendleft(reversed(taken))
            raise
        except Exception as error:  # noqa: BLE001  # who waits for it raises it
            self._undone(taken, error)
        else:
            for place, outcome in zip(taken, outcomes, strict=True):
                place.tell(outcome)

    async def _run(self, taken: list[_Place]) -> Sequence[Any]:
        """One turn; `taken` is filled only in it, so that whoever comes while we wait for it comes along."""
        async with self._store.write() as tx:
            taken += self._next()
            return await run_together(tx, [(place.looks, place.block) for place in taken])

    def _undone(self, taken: Sequence[_Place], error: Exception) -> None:
        if len(taken) > 1 and not isinstance(error, StoreAway):
            # Each tries again in a round of its own, so that the error stays with the block that makes it.
            self._line.extendleft(reversed(taken))
            self._alone = len(taken)
            return
        # Without a turn nobody was taken, and a line of callers must not wait for it one after the other.
        for place in taken or self._all():
            place.tell(error)

    def _next(self) -> list[_Place]:
        """Whose turn it is: those at the head of the line, but for callers who have hung up."""
        heads = [self._line.popleft()]
        most = 1 if self._alone or heads[0].looks is None else _MOST
        while self._line and self._line[0].looks is not None and len(heads) < most:
            heads.append(self._line.popleft())
        self._alone = max(0, self._alone - 1)
        return [place for place in heads if not place.outcome.done()]

    def _all(self) -> list[_Place]:
        line = list(self._line)
        self._line.clear()
        return line
