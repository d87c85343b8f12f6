"""What breaks in a round, and who hears of it: only those whom it concerns, and all of those."""

import asyncio

import pytest
from sqlalchemy import event, func, select

from rapport.errors import NotFound
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.rounds import Rounds
from rapport.store.tables.doors import IdempotencyRow
from tests.unit.store.blocks import Block, counting, keeping, kept, looks_at, run_all
from tests.unit.store.impatient import make_impatient


def raising(error: Exception) -> Block:
    """A block that reads, and then fails."""

    async def block(tx: Tx) -> None:
        await tx.scalar(select(func.count()).select_from(IdempotencyRow))
        raise error

    return block


async def test_an_error_stays_with_the_block_that_makes_it(store: Store, rounds: Rounds) -> None:
    """One broken call undoes what it did, and nothing of the others in its round."""
    broken = keeping(1, then=raising(ValueError("broken")))

    found = await run_all(rounds, keeping(0), broken, keeping(2))

    assert [0, "ValueError('broken')", 2] == [found[0], repr(found[1]), found[2]]
    assert ["key-0", "key-2"] == await kept(store)


async def test_after_an_error_the_next_ones_share_again(store: Store, rounds: Rounds) -> None:
    """One broken call makes its own round slow, and no other."""
    await run_all(rounds, keeping(0), raising(ValueError("broken")))
    transactions = counting(store)

    await asyncio.gather(*(rounds.join(looks_at(number), keeping(number)) for number in range(10, 20)))

    assert 1 == len(transactions)


async def test_an_error_that_changed_nothing_costs_the_others_nothing(store: Store, rounds: Rounds) -> None:
    """A caller that keeps naming somebody unknown does not slow down all the others."""
    transactions = counting(store)
    unknown = NotFound(kind="candidate", name="c_no", hint="Import them.")

    found = await run_all(rounds, keeping(0), raising(unknown), keeping(2))

    assert [0, unknown, 2] == found
    assert 1 == len(transactions)


async def test_an_error_of_ours_that_comes_late_undoes_its_block(store: Store, rounds: Rounds) -> None:
    """What was stored before it is not left behind."""
    unknown = NotFound(kind="candidate", name="c_no", hint="Import them.")

    found = await run_all(rounds, keeping(0), keeping(1, then=raising(unknown)), keeping(2))

    assert [0, unknown, 2] == found
    assert ["key-0", "key-2"] == await kept(store)


async def test_a_store_that_goes_away_in_the_middle_is_away_for_the_whole_round(store: Store, rounds: Rounds) -> None:
    """All of the round are asked to come again, nothing of it is stored, and the next one is served."""
    found = await run_all(rounds, keeping(0), keeping(1, then=raising(StoreAway("away"))), keeping(2))

    assert ["away"] * 3 == [error.cause for error in found]
    assert [] == await kept(store)
    assert 7 == await rounds.join(looks_at(7), keeping(7))


async def test_a_commit_that_fails_is_told_to_the_whole_round(store: Store, rounds: Rounds) -> None:
    """A power cut between the last insert and the commit leaves nothing, and nobody believes otherwise."""

    def fail(_: object) -> None:
        raise ConnectionResetError

    event.listen(store.engine.sync_engine, "commit", fail)
    found = await run_all(rounds, *(keeping(number) for number in range(5)))
    event.remove(store.engine.sync_engine, "commit", fail)

    assert ["away"] * 5 == [error.cause for error in found]
    assert [] == await kept(store)


async def test_a_line_does_not_wait_for_a_busy_store_one_after_the_other(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who waits learns at the same time that there was no turn."""
    hurried = Store.open(database)
    make_impatient(hurried, monkeypatch)
    failures = counting(hurried, "handle_error")
    async with store.write():
        found = await run_all(Rounds(hurried), *(keeping(number) for number in range(200)))
    await hurried.close()

    assert {"busy"} == {error.cause for error in found}
    assert 1 == len(failures)
    assert [] == await kept(store)


async def test_a_caller_who_hangs_up_takes_nobody_along(store: Store, rounds: Rounds) -> None:
    """The round goes on; what was begun is stored, what still stood in the line is not."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waiting(_: Tx) -> None:
        begun.set()
        await go_on.wait()

    first = asyncio.create_task(rounds.join(looks_at(0), keeping(0, then=waiting)))
    await begun.wait()
    second, third = (asyncio.create_task(rounds.join(looks_at(number), keeping(number))) for number in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    go_on.set()

    assert 2 == await third
    assert ["key-0", "key-2"] == await kept(store)


async def test_a_process_that_ends_leaves_nobody_waiting(store: Store, rounds: Rounds) -> None:
    """Whoever is still in the line is let go, and nothing of an open round is stored."""
    begun = asyncio.Event()

    async def for_ever(_: Tx) -> None:
        begun.set()
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    first = asyncio.create_task(rounds.join(looks_at(0), keeping(0, then=for_ever)))
    await begun.wait()
    second = asyncio.create_task(rounds.join(looks_at(1), keeping(1)))
    await asyncio.sleep(0)
    [serving] = asyncio.all_tasks() - before - {first, second}

    serving.cancel()
    await asyncio.wait([serving, first, second])

    assert first.cancelled()
    assert second.cancelled()
    assert [] == await kept(store)
