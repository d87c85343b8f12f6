"""The answers that POSTs got: kept for those who repeat a call, and not for ever."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from rapport.store import answers
from rapport.store.database import Store, Tx
from rapport.store.tables.doors import IdempotencyRow
from tests.unit.store.worlds import MONDAY

_OPERATION = "tell_event"


def _answer(key: str, at: datetime) -> IdempotencyRow:
    return IdempotencyRow(
        key=key, route=_OPERATION, request_hash="0" * 64, recorded_at=at, status=202, response={"key": key}
    )


async def _keep(tx: Tx, name: str, count: int, at: datetime) -> None:
    for number in range(count):
        await answers.keep(tx, _answer(f"{name}-{number}", at))


async def test_an_answer_is_found_by_its_key_and_operation(store: Store) -> None:
    """The same key names another call in another place."""
    async with store.write() as tx:
        await answers.keep(tx, _answer("key", MONDAY))

        found = await answers.find(tx, key="key", operation=_OPERATION)
        assert found is not None
        assert {"key": "key"} == found.response
        assert await answers.find(tx, key="key", operation="enroll") is None
        assert await answers.find(tx, key="Key", operation=_OPERATION) is None


async def test_old_answers_are_swept_out_while_new_ones_come(store: Store) -> None:
    """The table holds what may be asked again, however long the API has run; the youngest kept answer stays."""
    later = MONDAY + answers.KEPT
    async with store.write() as tx:
        await _keep(tx, "old", 600, MONDAY - timedelta(seconds=1))
        await _keep(tx, "kept", 10, MONDAY)

        await _keep(tx, "new", 1_500, later)

        left = (await tx.scalars(select(IdempotencyRow.key).where(IdempotencyRow.recorded_at < later))).all()
        assert {f"kept-{number}" for number in range(10)} == set(left)


async def test_one_sweep_takes_the_oldest_few_hundred(store: Store) -> None:
    """Nobody's call waits for a table that nobody has swept for a year."""
    async with store.write() as tx:
        await _keep(tx, "older", 600, MONDAY)
        await _keep(tx, "old", 600, MONDAY + timedelta(seconds=1))

        await answers.sweep(tx, before=MONDAY + timedelta(days=1))

        by_age = select(IdempotencyRow.recorded_at, func.count()).group_by(IdempotencyRow.recorded_at)
        left = [tuple(row) for row in await tx.execute(by_age.order_by(IdempotencyRow.recorded_at))]
        assert [(MONDAY, 600 - 512), (MONDAY + timedelta(seconds=1), 600)] == left
