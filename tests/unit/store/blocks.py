"""Blocks of work that each keep one answer, and what becomes of them in a line at a store."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from sqlalchemy import event, select

from rapport.store import answers
from rapport.store.ahead import Looks
from rapport.store.database import Store, Tx
from rapport.store.rounds import Rounds
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.intake import HappeningRow
from tests.unit.store.worlds import MONDAY

Block = Callable[[Tx], Awaitable[Any]]
OPERATION = "tell_event"
ANA = "c_ana"


def looks_at(number: int, **more: str) -> Looks:
    """What the block of this number says that it looks at."""
    return Looks(key=f"key-{number}", operation=OPERATION, **more)


def an_answer(number: int) -> IdempotencyRow:
    """The answer that the block of this number keeps."""
    return IdempotencyRow(
        key=f"key-{number}", route=OPERATION, request_hash="0" * 64, recorded_at=MONDAY, status=202, response={}
    )


def a_happening(name: str) -> HappeningRow:
    """Something that happened to Ana."""
    return HappeningRow(
        id=name, dedupe_key=name, kind="custom", at=MONDAY, recorded_at=MONDAY, verdict="human", candidate=ANA
    )


def keeping(number: int, *, then: Block | None = None) -> Block:
    """A block that keeps an answer, then does more, and returns its number."""

    async def block(tx: Tx) -> int:
        await answers.keep(tx, an_answer(number))
        if then is not None:
            await then(tx)
        return number

    return block


async def run_all(rounds: Rounds, *blocks: Block) -> Sequence[Any]:
    """Run blocks at once; what each got, errors included."""
    joined = (rounds.join(looks_at(number), block) for number, block in enumerate(blocks))
    return await asyncio.gather(*joined, return_exceptions=True)


async def kept(store: Store) -> Sequence[str]:
    """The keys of all answers on disk."""
    async with store.read() as tx:
        return (await tx.scalars(select(IdempotencyRow.key).order_by(IdempotencyRow.key))).all()


def counting(store: Store, what: Literal["begin", "handle_error"] = "begin") -> list[object]:
    """The transactions that begin from now on, or the statements that fail."""
    seen: list[object] = []
    event.listen(store.engine.sync_engine, what, seen.append)
    return seen
