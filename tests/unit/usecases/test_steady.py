"""What works beside the walks goes on whatever happens, rests when there is nothing to do, and stops when asked."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from rapport.errors import NotFound, TemporaryFailure
from rapport.usecases.steady import Trouble, keep_at, tell_each

LOG = logging.getLogger("tests.steady")
TROUBLE = Trouble(said="Nothing done", action="nothing_done")
SHORT, LONG = timedelta(milliseconds=1), timedelta(hours=1)
ADDRESS = "ada@people.example"


class Scripted:
    """Turns as they are written down; the last one asks to stop."""

    def __init__(self, stop: asyncio.Event, *turns: int | Exception) -> None:
        self.turns, self.stop = list(turns), stop

    async def turn(self) -> int:
        """The next one."""
        found = self.turns.pop(0)
        if not self.turns:
            self.stop.set()
        if isinstance(found, Exception):
            raise found
        return found


def noted(caplog: pytest.LogCaptureFixture) -> Sequence[tuple[str, str]]:
    """Levels and kinds of failures in the log."""
    return [(record.levelname, vars(record)["failure"]) for record in caplog.records if record.name == LOG.name]


async def test_whatever_goes_wrong_the_next_turn_comes(caplog: pytest.LogCaptureFixture) -> None:
    """A store that is away is a warning and a fault of ours an error; both are logged without their words."""
    stop = asyncio.Event()
    away, fault = TemporaryFailure(f"{ADDRESS} is away.", hint="Wait."), KeyError(ADDRESS)
    script = Scripted(stop, away, fault, NotFound(kind="x", name=ADDRESS, hint="x"), ArithmeticError(ADDRESS), 0)

    async with asyncio.timeout(10):
        await keep_at(script.turn, stop, log=LOG, trouble=TROUBLE, every=SHORT, away=(ArithmeticError,))

    kinds = [
        ("WARNING", "TemporaryFailure"),
        ("ERROR", "KeyError"),
        ("ERROR", "NotFound"),
        ("WARNING", "ArithmeticError"),
    ]
    assert kinds == noted(caplog)
    assert ADDRESS not in caplog.text


async def test_who_has_something_to_do_does_not_rest_and_a_stop_ends_the_rest() -> None:
    """Three turns follow at once; the hour of rest behind the fourth is over when it is time to stop."""
    stop, resting = asyncio.Event(), asyncio.Event()
    turns = [3, 1, 2, 0]

    async def turn() -> int:
        found = turns.pop(0)
        if not found:
            resting.set()
        return found

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_at(turn, stop, log=LOG, trouble=TROUBLE, every=LONG))
        await resting.wait()
        stop.set()

    assert [] == turns


async def test_who_is_woken_looks_at_once() -> None:
    """A door in the same process need not wait for the rest to be over, nor is a wake in mid-turn lost."""
    stop, woken = asyncio.Event(), asyncio.Event()
    script = Scripted(stop, 0, 0, 0)

    async def turn() -> int:
        woken.set()
        return await script.turn()

    async with asyncio.timeout(10):
        await keep_at(turn, stop, log=LOG, trouble=TROUBLE, every=LONG, woken=woken)

    assert [] == script.turns


async def test_who_cannot_be_told_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    """One of three cannot be reached: the others have heard, and the log names it by its id."""
    heard: list[str] = []

    async def tell(thing: str) -> None:
        if thing == "b":
            raise ConnectionError(ADDRESS)

    async def note(thing: str) -> None:
        heard.append(thing)

    told = await tell_each(["a", "b", "c"], tell, note, log=LOG, trouble=TROUBLE, ids=lambda thing: {"request": thing})

    assert (2, ["a", "c"]) == (told, heard)
    assert [("WARNING", "ConnectionError")] == noted(caplog)
    assert ["b"] == [vars(record)["request"] for record in caplog.records]
