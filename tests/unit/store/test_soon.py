"""Inserts that wait to be sent together are there for whoever looks."""

from typing import Any

from sqlalchemy import delete, select

from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.soon import gather_inserts, insert_soon
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.usecases.enroll import enroll
from tests.unit.store.blocks import ANA, a_happening
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published


async def test_whoever_looks_finds_what_waits_to_be_inserted(store: Store) -> None:
    """Gathering inserts changes nothing for anybody who reads: not for a query, not for a delete, not for a flush."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        walk = await enroll(tx, StandingClock(), sequence="welcome", candidate=ANA, at=MONDAY, cause="test")
        gather_inserts(tx)
        told: dict[str, Any] = {"enrollment": walk.id, "kind": "happening", "payload": {}}
        told |= {"at": MONDAY, "created_at": MONDAY}
        for number in (1, 2):
            await insert_soon(tx, DeliveryRow(**told, happening=f"h_{number}"))
            await insert_soon(tx, a_happening(f"h_{number}"))

        assert ["h_1", "h_2"] == (await tx.scalars(select(DeliveryRow.happening).offset(1))).all()
        await insert_soon(tx, a_happening("h_3"))
        await tx.execute(delete(HappeningRow).where(HappeningRow.id == "h_3"))
        await insert_soon(tx, a_happening("h_4"))
        await insert(tx, DeliveryRow(**told, happening="h_4"))
        await insert_soon(tx, a_happening("h_5"))

    async with store.read() as tx:
        assert {"h_1", "h_2", "h_4", "h_5"} == {*(await tx.scalars(select(HappeningRow.id))).all()}
