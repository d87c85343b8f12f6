"""Rounds: whoever waits for a turn to write shares it with the others who wait, and nobody notices."""

import asyncio
from collections.abc import Sequence

from rapport.store import answers, candidates, enrollments, happenings
from rapport.store.database import Store, Tx
from rapport.store.rounds import Rounds
from rapport.usecases.enroll import enroll
from tests.unit.store.blocks import ANA, OPERATION, a_happening, an_answer, counting, keeping, kept, looks_at, run_all
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published


async def test_whoever_waits_shares_one_transaction(store: Store, rounds: Rounds) -> None:
    """Ten callers at the same moment cost one write to the disk, and each gets its own answer after it."""
    transactions = counting(store)

    found = await run_all(rounds, *(keeping(number) for number in range(10)))

    assert list(range(10)) == found
    assert 1 == len(transactions)
    assert [f"key-{number}" for number in range(10)] == await kept(store)


async def test_an_outcome_is_told_when_it_is_on_disk(store: Store, rounds: Rounds) -> None:
    """Who has an answer can rely on it, whatever dies next."""

    async def kept_when_told(number: int) -> bool:
        await rounds.join(looks_at(number), keeping(number))
        return f"key-{number}" in await kept(store)

    assert all(await asyncio.gather(*(kept_when_told(number) for number in range(5))))


async def test_the_line_is_served_in_its_order_and_in_bounded_rounds(store: Store, rounds: Rounds) -> None:
    """Nobody is overtaken, and other writers get their turn after 64 blocks."""
    order: list[int] = []
    transactions = counting(store)

    async def noting(_: Tx) -> None:
        order.append(len(order))

    found = await run_all(rounds, *(keeping(number, then=noting) for number in range(150)))

    assert list(range(150)) == order == found
    assert 3 == len(transactions)


async def test_who_cannot_say_what_it_looks_at_shares_with_nobody(store: Store, rounds: Rounds) -> None:
    """A block about everybody keeps its place in the line and has a transaction of its own."""
    transactions = counting(store)
    places = (looks_at(0), looks_at(1), None, looks_at(3), looks_at(4))

    found = await asyncio.gather(*(rounds.join(looks, keeping(number)) for number, looks in enumerate(places)))

    assert list(range(5)) == found
    assert 3 == len(transactions)


async def test_who_comes_while_a_round_runs_is_in_the_next_one(store: Store, rounds: Rounds) -> None:
    """A line never stands still as long as somebody is in it."""
    latecomers: list[asyncio.Task[int]] = []
    transactions = counting(store)

    async def inviting(_: Tx) -> None:
        latecomers.extend(asyncio.create_task(rounds.join(looks_at(n), keeping(n))) for n in (1, 2, 3))
        await asyncio.sleep(0)

    await rounds.join(looks_at(0), keeping(0, then=inviting))

    assert [1, 2, 3] == await asyncio.gather(*latecomers)
    assert 2 == len(transactions)


async def test_two_with_the_same_key_are_one_after_the_other(store: Store, rounds: Rounds) -> None:
    """What was looked up ahead is true for the first who uses it; the second finds what the first has done."""

    async def finding(tx: Tx) -> bool:
        known = await answers.find(tx, key="key-0", operation=OPERATION)
        if known is None:
            await answers.keep(tx, an_answer(0))
        return known is None

    transactions = counting(store)
    found = await asyncio.gather(*(rounds.join(looks_at(0), finding) for _ in range(3)))

    assert [True, False, False] == found
    assert 1 == len(transactions)
    assert ["key-0"] == await kept(store)


async def test_the_same_happening_twice_in_a_round_is_one(store: Store, rounds: Rounds) -> None:
    """It is new for the first who tells it."""
    async with store.write() as tx:
        await a_person(tx)

    async def telling(tx: Tx) -> bool:
        return await happenings.keep(tx, a_happening("h_1"))

    joined = (rounds.join(looks_at(number, happening="h_1"), telling) for number in range(3))

    transactions = counting(store)

    assert [True, False, False] == await asyncio.gather(*joined)
    assert 1 == len(transactions)


async def test_the_second_about_a_person_finds_what_the_first_has_changed(store: Store, rounds: Rounds) -> None:
    """A walk that begins in a round is there for whoever comes later in the same round."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)

    async def beginning(tx: Tx) -> Sequence[str]:
        person = await candidates.get_alone(tx, ANA)
        walks = [walk.id for walk in await enrollments.walking(tx, person.id)]
        if not walks:
            await enroll(tx, StandingClock(), sequence="welcome", candidate=ANA, at=MONDAY, cause="test")
        return walks

    transactions = counting(store)
    joined = (rounds.join(looks_at(number, candidate=ANA), beginning) for number in range(2))

    assert [[], ["welcome/c_ana/1"]] == await asyncio.gather(*joined)
    assert 1 == len(transactions)
