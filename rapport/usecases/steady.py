"""Working beside the walks: turn by turn until it is time to stop, and telling others what the store knows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from rapport.errors import TemporaryFailure

Thing = TypeVar("Thing")
# What heals by itself or by repair of the machine; anything else is a fault of ours, and worth an error in the log.
_AWAY = (TemporaryFailure, SQLAlchemyError, OSError)
# How much a turn has done; after one that found nothing, there is a rest.
Turn: TypeAlias = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The line of the log for a turn that failed: a sentence for people, and the word of it for programs."""

    said: str
    action: str

    def note(self, log: logging.Logger, error: Exception, *, away: bool, **ids: str) -> None:
        """Say it once, with the kind of the error and never with its words, which may name somebody."""
        extra = {"action": self.action, "failure": type(error).__name__, **ids}
        log.log(logging.WARNING if away else logging.ERROR, self.said, extra=extra)


async def keep_at(  # each of them differs from one to the next who works
    turn: Turn,
    stop: asyncio.Event,
    *,
    log: logging.Logger,
    trouble: Trouble,
    every: timedelta,
    woken: asyncio.Event | None = None,
    away: tuple[type[Exception], ...] = (),
) -> None:
    """Take a turn, at once another one while there is something to do, and else rest for `every`, until `stop`.

    Whatever goes wrong is logged, and the next turn comes after a rest: the rest of the worker goes on. What `away`
    names is no fault of ours either. `woken` ends a rest early.
    """
    while not stop.is_set():
        if woken is not None:
            woken.clear()
        try:
            busy = await turn()
        except Exception as error:  # noqa: BLE001  # whatever it was, it must not end those who work beside it
            trouble.note(log, error, away=isinstance(error, (*_AWAY, *away)))
            busy = 0
        if not busy:
            await _rest(every, [stop, woken] if woken is not None else [stop])


async def tell_each(
    things: Iterable[Thing],
    tell: Callable[[Thing], Awaitable[None]],
    heard: Callable[[Thing], Awaitable[None]],
    *,
    log: logging.Logger,
    trouble: Trouble,
    ids: Callable[[Thing], Mapping[str, str]],
) -> int:
    """Tell all of them, one by one, and note who has heard; how many. Who cannot be told now is told another time."""
    told = 0
    for thing in things:
        try:
            await tell(thing)
        except Exception as error:  # noqa: BLE001  # whatever it was, it is told again
            trouble.note(log, error, away=True, **ids(thing))
            continue
        await heard(thing)
        told += 1
    return told


async def _rest(every: timedelta, until: Iterable[asyncio.Event]) -> None:
    """Until one of these events, at most for so long."""
    waits = [asyncio.ensure_future(event.wait()) for event in until]
    try:
        await asyncio.wait(waits, timeout=every.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
            with suppress(asyncio.CancelledError):
                await wait
