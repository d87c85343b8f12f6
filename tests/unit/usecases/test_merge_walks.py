"""What becomes of the walks of two records that turn out to be one person."""

import pytest
from sqlalchemy import select

from rapport.errors import Refused
from rapport.store import candidates, enrollments
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow
from rapport.usecases.enroll import enroll
from tests.unit.store.worlds import DAY, FAIR, MONDAY, WELCOME, a_person, published
from tests.unit.usecases.ana import CLOCK
from tests.unit.usecases.records import merged

HELLO = "purpose: events\nsteps: [{id: hello, send: welcome}]"


async def test_two_walks_of_one_sequence_become_one(store: Store) -> None:
    """Of two walks through the same sequence the one that began later ends at once, and its workflow hears of it."""
    await published(store, welcome=WELCOME, fair=FAIR)
    async with store.write() as tx:
        for name, at in (("c_ana", MONDAY + DAY), ("c_old", MONDAY)):
            await a_person(tx, name)
            await enroll(tx, CLOCK, sequence="welcome", candidate=name, at=at, cause="test")

        await merged(tx, "ana<old")

        walks = {walk.id: (walk.candidate, walk.state) for walk in await enrollments.of_person(tx, "c_ana", "welcome")}
        told = await tx.execute(select(DeliveryRow.enrollment).where(DeliveryRow.kind == "cancel"))
        assert {"welcome/c_old/1": ("c_ana", "starting"), "welcome/c_ana/1": ("c_ana", "ended")} == walks
        assert [("welcome/c_ana/1",)] == [tuple(row) for row in told]
        with pytest.raises(Refused, match="being walked"):
            await enroll(tx, CLOCK, sequence="welcome", candidate="c_old", at=MONDAY + 2 * DAY, cause="test")


@pytest.mark.parametrize(
    ("mine", "theirs", "ends"),
    [
        ("awareness", "hired", ["welcome/c_ana/1"]),
        ("alumni", "hired", ["welcome/c_ana/1"]),
        ("hired", None, ["fair/c_old/1"]),
        ("hired", "hired", []),
    ],
)
async def test_who_was_hired_under_the_other_record_is_hired_and_written_to_no_more(
    store: Store, mine: str | None, theirs: str | None, ends: list[str]
) -> None:
    """What was begun without knowing of the hire ends, and what was meant for her goes on."""
    await published(store, welcome=WELCOME, fair=HELLO)
    async with store.write() as tx:
        await a_person(tx, stage=mine)
        await a_person(tx, "c_old", stage=theirs)
        await enroll(tx, CLOCK, sequence="welcome", candidate="c_ana", at=MONDAY, cause="test")
        await enroll(tx, CLOCK, sequence="fair", candidate="c_old", at=MONDAY, cause="test")

        await merged(tx, "ana<old")

        told = (await tx.scalars(select(DeliveryRow).where(DeliveryRow.kind == "happening"))).all()
        assert "hired" == (await candidates.get(tx, "c_ana")).stage
        assert [(walk, "hired") for walk in ends] == [(each.enrollment, each.payload["kind"]) for each in told]
