"""`rapport walks`: who is where, and what an operator tells a walk."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cli.main import rapport
from rapport.errors import Refused
from rapport.store import deliveries, enrollments
from rapport.usecases.enroll import enroll_now
from tests.unit.store.worlds import WELCOME, StandingClock, a_database, a_person, opened, published

ANA, BO, CY = "welcome/c_ana/1", "welcome/c_bo/1", "other/c_cy/1"
Do = Callable[..., tuple[object, str, str]]


async def _prepare(url: str) -> None:
    """Ana and Bo are in one sequence, Cy in another."""
    async with opened(url) as store:
        await published(store, welcome=WELCOME, other=WELCOME)
        async with store.write() as tx:
            for name in ("c_ana", "c_bo", "c_cy"):
                await a_person(tx, name)
        for walk in (ANA, BO, CY):
            sequence, candidate, _ = walk.split("/")
            await enroll_now(store, StandingClock(), sequence=sequence, candidate=candidate, cause="test")
        async with store.write() as tx:
            await enrollments.begin_all(tx, [ANA, BO, CY])


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation of its own with three walks."""
    url = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    asyncio.run(_prepare(url))
    return url


@pytest.fixture
def do(url: str) -> Do:
    """Runs `rapport walks`; its exit code or the kind of its error, what it printed and what it complained of."""
    del url

    def run(*arguments: str) -> tuple[object, str, str]:
        result = CliRunner().invoke(rapport, ("walks", *arguments), standalone_mode=False)
        if result.exception is not None:
            return type(result.exception), result.stdout, str(result.exception)
        return result.return_value, result.stdout, result.stderr

    return run


def outbox(url: str, walk: str) -> Sequence[tuple[str, Any]]:
    """What is on its way to a walk, and who said it."""

    async def look() -> Sequence[tuple[str, Any]]:
        async with opened(url) as store, store.read() as tx:
            return [(row.kind, row.payload.get("by")) for row in await deliveries.undispatched(tx, enrollment=walk)]

    return asyncio.run(look())


def test_walks_are_counted_by_state(do: Do) -> None:
    """How many are under way and how many stand still, in all sequences or in one."""
    do("pause", ANA)

    assert (0, "       2  running\n       1  paused\n", "") == do()
    assert (0, "       1  running\n", "") == do("--sequence", "other")


def test_the_ids_of_one_state_are_listed_for_other_commands(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """One id a line and nothing else, however many pages there are, so that `xargs` can hand them on."""
    monkeypatch.setattr("cli.walks._PAGE", 1)
    in_one = do("--state", "running", "--sequence", "welcome")

    assert (0, f"{ANA}\n{BO}\n", "") == in_one
    assert (0, f"{CY}\n{ANA}\n{BO}\n", "") == do("--state", "running")
    assert (0, "", "") == do("--state", "paused")


def test_a_walk_is_paused_resumed_and_cancelled(do: Do, url: str) -> None:
    """Each is stored at once, as over the API, and delivered in this order."""
    said = [do(command, ANA) for command in ("pause", "resume", "cancel")]

    sentences = ("is paused.", "goes on.", "ends as soon as a worker runs.")
    assert [(0, f"{ANA} {sentence}\n", "") for sentence in sentences] == said
    by = "command line"
    assert [("start", None), ("pause", by), ("resume", by), ("cancel", by)] == outbox(url, ANA)


def test_one_refusal_does_not_hold_up_the_others(do: Do, url: str) -> None:
    """Of many walks some have moved on meanwhile: each of these is named with its reason, and the rest is done."""
    do("pause", ANA)
    code, done, refused = do("pause", ANA, "welcome/c_nobody/1", BO)

    assert (1, f"{BO} is paused.\n") == (code, done)
    known, unknown = refused.splitlines()
    assert f"rapport: {ANA} is paused already. Resume it to let it go on." == known
    assert unknown.startswith("rapport: There is no enrollment 'welcome/c_nobody/1'.")
    assert unknown.endswith("`rapport show PERSON`.")
    assert ["start", "pause"] == [kind for kind, _ in outbox(url, ANA)]


@pytest.mark.parametrize("more", [(), ("--state", "running")])
def test_a_slip_in_the_sequence_is_no_empty_list(do: Do, more: tuple[str, ...]) -> None:
    """Otherwise it would look as if nobody were in it."""
    error, printed, said = do("--sequence", "welcom", *more)

    assert (Refused, "", True) == (error, printed, 'Did you mean "welcome"?' in said)


@pytest.mark.parametrize("arguments", [("pause",), ("--state", "asleep"), ("--sequence", "welcome", "pause", BO)])
def test_wrong_use_pauses_nobody(do: Do, url: str, arguments: tuple[str, ...]) -> None:
    """A sequence before the command does not mean all of its walks, and nothing is guessed."""
    error, _, _ = do(*arguments)

    assert isinstance(error, type)
    assert issubclass(error, click.UsageError)
    assert ["start"] == [kind for kind, _ in outbox(url, BO)]
