"""Rounds: whoever waits for a turn to write shares it with the others who wait, and nobody notices."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import pytest
from sqlalchemy import delete, event, func, select

from rapport.errors import NotFound
from rapport.store import answers, candidates, enrollments, happenings
from rapport.store.ahead import Looks
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.rounds import Rounds
from rapport.store.soon import gather_inserts, insert_soon
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.usecases.enroll import enroll
from tests.unit.store.impatient import make_impatient
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published

Block = Callable[[Tx], Awaitable[Any]]
_OPERATION = "tell_event"
_ANA = "c_ana"


def _looks(number: int, **more: str) -> Looks:
    return Looks(key=f"key-{number}", operation=_OPERATION, **more)


def _answer(number: int) -> IdempotencyRow:
    return IdempotencyRow(
        key=f"key-{number}", route=_OPERATION, request_hash="0" * 64, recorded_at=MONDAY, status=202, response={}
    )


def _happening(name: str) -> HappeningRow:
    return HappeningRow(
        id=name, dedupe_key=name, kind="custom", at=MONDAY, recorded_at=MONDAY, verdict="human", candidate=_ANA
    )


def _keeping(number: int, *, then: Block | None = None) -> Block:
    """A block that keeps an answer, then does more, and returns its number."""

    async def block(tx: Tx) -> int:
        await answers.keep(tx, _answer(number))
        if then is not None:
            await then(tx)
        return number

    return block


def _raising(error: Exception) -> Block:
    async def block(tx: Tx) -> None:
        await tx.scalar(select(func.count()).select_from(IdempotencyRow))
        raise error

    return block


async def _all(rounds: Rounds, *blocks: Block) -> Sequence[Any]:
    """Run blocks at once; what each got, errors included."""
    joined = (rounds.join(_looks(number), block) for number, block in enumerate(blocks))
    return await asyncio.gather(*joined, return_exceptions=True)


async def _kept(store: Store) -> Sequence[str]:
    async with store.read() as tx:
        return (await tx.scalars(select(IdempotencyRow.key).order_by(IdempotencyRow.key))).all()


def _counting(store: Store, what: Literal["begin", "handle_error"] = "begin") -> list[object]:
    """The transactions that begin from now on, or the statements that fail."""
    seen: list[object] = []
    event.listen(store.engine.sync_engine, what, seen.append)
    return seen


@pytest.fixture
def rounds(store: Store) -> Rounds:
    """An empty line at a store."""
    return Rounds(store)


async def test_whoever_waits_shares_one_transaction(store: Store, rounds: Rounds) -> None:
    """Ten callers at the same moment cost one write to the disk, and each gets its own answer after it."""
    transactions = _counting(store)

    found = await _all(rounds, *(_keeping(number) for number in range(10)))

    assert list(range(10)) == found
    assert 1 == len(transactions)
    assert [f"key-{number}" for number in range(10)] == await _kept(store)


async def test_an_outcome_is_told_when_it_is_on_disk(store: Store, rounds: Rounds) -> None:
    """Who has an answer can rely on it, whatever dies next."""

    async def kept_when_told(number: int) -> bool:
        await rounds.join(_looks(number), _keeping(number))
        return f"key-{number}" in await _kept(store)

    assert all(await asyncio.gather(*(kept_when_told(number) for number in range(5))))


async def test_the_line_is_served_in_its_order_and_in_bounded_rounds(store: Store, rounds: Rounds) -> None:
    """Nobody is overtaken, and other writers get their turn after 64 blocks."""
    order: list[int] = []
    transactions = _counting(store)

    async def noting(_: Tx) -> None:
        order.append(len(order))

    found = await _all(rounds, *(_keeping(number, then=noting) for number in range(150)))

    assert list(range(150)) == order == found
    assert 3 == len(transactions)


async def test_who_cannot_say_what_it_looks_at_shares_with_nobody(store: Store, rounds: Rounds) -> None:
    """A block about everybody keeps its place in the line and has a transaction of its own."""
    transactions = _counting(store)
    places = (_looks(0), _looks(1), None, _looks(3), _looks(4))

    found = await asyncio.gather(*(rounds.join(looks, _keeping(number)) for number, looks in enumerate(places)))

    assert list(range(5)) == found
    assert 3 == len(transactions)


async def test_an_error_stays_with_the_block_that_makes_it(store: Store, rounds: Rounds) -> None:
    """One broken call undoes what it did, and nothing of the others in its round."""
    broken = _keeping(1, then=_raising(ValueError("broken")))

    found = await _all(rounds, _keeping(0), broken, _keeping(2))

    assert [0, "ValueError('broken')", 2] == [found[0], repr(found[1]), found[2]]
    assert ["key-0", "key-2"] == await _kept(store)


async def test_after_an_error_the_next_ones_share_again(store: Store, rounds: Rounds) -> None:
    """One broken call makes its own round slow, and no other."""
    await _all(rounds, _keeping(0), _raising(ValueError("broken")))
    transactions = _counting(store)

    await asyncio.gather(*(rounds.join(_looks(number), _keeping(number)) for number in range(10, 20)))

    assert 1 == len(transactions)


async def test_an_error_that_changed_nothing_costs_the_others_nothing(store: Store, rounds: Rounds) -> None:
    """A caller that keeps naming somebody unknown does not slow down all the others."""
    transactions = _counting(store)
    unknown = NotFound(kind="candidate", name="c_no", hint="Import them.")

    found = await _all(rounds, _keeping(0), _raising(unknown), _keeping(2))

    assert [0, unknown, 2] == found
    assert 1 == len(transactions)


async def test_an_error_of_ours_that_comes_late_undoes_its_block(store: Store, rounds: Rounds) -> None:
    """What was stored before it is not left behind."""
    unknown = NotFound(kind="candidate", name="c_no", hint="Import them.")

    found = await _all(rounds, _keeping(0), _keeping(1, then=_raising(unknown)), _keeping(2))

    assert [0, unknown, 2] == found
    assert ["key-0", "key-2"] == await _kept(store)


async def test_a_store_that_goes_away_in_the_middle_is_away_for_the_whole_round(store: Store, rounds: Rounds) -> None:
    """All of the round are asked to come again, nothing of it is stored, and the next one is served."""
    found = await _all(rounds, _keeping(0), _keeping(1, then=_raising(StoreAway("away"))), _keeping(2))

    assert ["away"] * 3 == [error.cause for error in found]
    assert [] == await _kept(store)
    assert 7 == await rounds.join(_looks(7), _keeping(7))


async def test_a_commit_that_fails_is_told_to_the_whole_round(store: Store, rounds: Rounds) -> None:
    """A power cut between the last insert and the commit leaves nothing, and nobody believes otherwise."""

    def fail(_: object) -> None:
        raise ConnectionResetError

    event.listen(store.engine.sync_engine, "commit", fail)
    found = await _all(rounds, *(_keeping(number) for number in range(5)))
    event.remove(store.engine.sync_engine, "commit", fail)

    assert ["away"] * 5 == [error.cause for error in found]
    assert [] == await _kept(store)


async def test_a_line_does_not_wait_for_a_busy_store_one_after_the_other(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who waits learns at the same time that there was no turn."""
    hurried = Store.open(database)
    make_impatient(hurried, monkeypatch)
    failures = _counting(hurried, "handle_error")
    async with store.write():
        found = await _all(Rounds(hurried), *(_keeping(number) for number in range(200)))
    await hurried.close()

    assert {"busy"} == {error.cause for error in found}
    assert 1 == len(failures)
    assert [] == await _kept(store)


async def test_a_caller_who_hangs_up_takes_nobody_along(store: Store, rounds: Rounds) -> None:
    """The round goes on; what was begun is stored, what still stood in the line is not."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waiting(_: Tx) -> None:
        begun.set()
        await go_on.wait()

    first = asyncio.create_task(rounds.join(_looks(0), _keeping(0, then=waiting)))
    await begun.wait()
    second, third = (asyncio.create_task(rounds.join(_looks(number), _keeping(number))) for number in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    go_on.set()

    assert 2 == await third
    assert ["key-0", "key-2"] == await _kept(store)


async def test_who_comes_while_a_round_runs_is_in_the_next_one(store: Store, rounds: Rounds) -> None:
    """A line never stands still as long as somebody is in it."""
    latecomers: list[asyncio.Task[int]] = []
    transactions = _counting(store)

    async def inviting(_: Tx) -> None:
        latecomers.extend(asyncio.create_task(rounds.join(_looks(n), _keeping(n))) for n in (1, 2, 3))
        await asyncio.sleep(0)

    await rounds.join(_looks(0), _keeping(0, then=inviting))

    assert [1, 2, 3] == await asyncio.gather(*latecomers)
    assert 2 == len(transactions)


async def test_two_with_the_same_key_are_one_after_the_other(store: Store, rounds: Rounds) -> None:
    """What was looked up ahead is true for the first who uses it; the second finds what the first has done."""

    async def finding(tx: Tx) -> bool:
        known = await answers.find(tx, key="key-0", operation=_OPERATION)
        if known is None:
            await answers.keep(tx, _answer(0))
        return known is None

    transactions = _counting(store)
    found = await asyncio.gather(*(rounds.join(_looks(0), finding) for _ in range(3)))

    assert [True, False, False] == found
    assert 1 == len(transactions)
    assert ["key-0"] == await _kept(store)


async def test_the_same_happening_twice_in_a_round_is_one(store: Store, rounds: Rounds) -> None:
    """It is new for the first who tells it."""
    async with store.write() as tx:
        await a_person(tx)

    async def telling(tx: Tx) -> bool:
        return await happenings.keep(tx, _happening("h_1"))

    joined = (rounds.join(_looks(number, happening="h_1"), telling) for number in range(3))

    transactions = _counting(store)

    assert [True, False, False] == await asyncio.gather(*joined)
    assert 1 == len(transactions)


async def test_the_second_about_a_person_finds_what_the_first_has_changed(store: Store, rounds: Rounds) -> None:
    """A walk that begins in a round is there for whoever comes later in the same round."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)

    async def beginning(tx: Tx) -> Sequence[str]:
        person = await candidates.get_alone(tx, _ANA)
        walks = [walk.id for walk in await enrollments.walking(tx, person.id)]
        if not walks:
            await enroll(tx, StandingClock(), sequence="welcome", candidate=_ANA, at=MONDAY, cause="test")
        return walks

    transactions = _counting(store)
    joined = (rounds.join(_looks(number, candidate=_ANA), beginning) for number in range(2))

    assert [[], ["welcome/c_ana/1"]] == await asyncio.gather(*joined)
    assert 1 == len(transactions)


async def test_whoever_looks_finds_what_waits_to_be_inserted(store: Store) -> None:
    """Gathering inserts changes nothing for anybody who reads: not for a query, not for a delete, not for a flush."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        walk = await enroll(tx, StandingClock(), sequence="welcome", candidate=_ANA, at=MONDAY, cause="test")
        gather_inserts(tx)
        told: dict[str, Any] = {"enrollment": walk.id, "kind": "happening", "payload": {}}
        told |= {"at": MONDAY, "created_at": MONDAY}
        for number in (1, 2):
            await insert_soon(tx, DeliveryRow(**told, happening=f"h_{number}"))
            await insert_soon(tx, _happening(f"h_{number}"))

        assert ["h_1", "h_2"] == (await tx.scalars(select(DeliveryRow.happening).offset(1))).all()
        await insert_soon(tx, _happening("h_3"))
        await tx.execute(delete(HappeningRow).where(HappeningRow.id == "h_3"))
        await insert_soon(tx, _happening("h_4"))
        await insert(tx, DeliveryRow(**told, happening="h_4"))
        await insert_soon(tx, _happening("h_5"))

    async with store.read() as tx:
        assert {"h_1", "h_2", "h_4", "h_5"} == {*(await tx.scalars(select(HappeningRow.id))).all()}


async def test_a_process_that_ends_leaves_nobody_waiting(store: Store, rounds: Rounds) -> None:
    """Whoever is still in the line is let go, and nothing of an open round is stored."""
    begun = asyncio.Event()

    async def for_ever(_: Tx) -> None:
        begun.set()
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    first = asyncio.create_task(rounds.join(_looks(0), _keeping(0, then=for_ever)))
    await begun.wait()
    second = asyncio.create_task(rounds.join(_looks(1), _keeping(1)))
    await asyncio.sleep(0)
    [serving] = asyncio.all_tasks() - before - {first, second}

    serving.cancel()
    await asyncio.wait([serving, first, second])

    assert first.cancelled()
    assert second.cancelled()
    assert [] == await _kept(store)
