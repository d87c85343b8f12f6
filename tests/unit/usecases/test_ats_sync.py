"""What an ATS says of applications is stored, whatever way and order it comes; only our rejections lead back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rapport.crm.hiring import HiringOutcome
from rapport.store import ats, candidates
from rapport.store.tables.recruiting import ApplicationRow
from tests.ats_house import House, house

__all__ = ["house"]


async def test_a_rejection_by_us_begins_the_way_back(house: House) -> None:
    """The webhook only says that something changed; what is read decides, and the person is found by address."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    assert 1 == await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()
    async with house.store.read() as tx:
        row = await tx.get_one(ApplicationRow, "main/c_ana-backend")
        assert ("rejected", "onsite", "stronger-candidate") == (row.outcome, row.stage, row.reason)
        assert "c_ana" == await ats.candidate_of(tx, "main", "c_ana")
        assert "Porto" == (await candidates.get(tx, "c_ana")).city


@pytest.mark.parametrize("outcome", [each for each in HiringOutcome if each is not HiringOutcome.REJECTED_BY_US])
async def test_nobody_else_comes_back(house: House, outcome: HiringOutcome) -> None:
    """Hires, withdrawals, fraud and closed jobs begin no re-pool."""
    house.ats.end("c_ana-backend", outcome, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert [] == await house.walks()
    assert "rejected" not in await house.told()


async def test_employees_and_people_in_another_process_do_not_come_back_and_it_is_said_why(house: House) -> None:
    """Each refusal is there for whoever asks why."""
    house.ats.apply("c_ana", "frontend")
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.ats.person("c_bob", is_employee=True)
    house.ats.apply("c_bob", stage="onsite")
    house.ats.end("c_bob-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    await house.hint("application", "c_bob-backend")
    await house.errands.drain()

    assert [] == await house.walks()
    assert ["active_elsewhere", "employee"] == await house.refusals()


async def test_webhook_and_polling_of_the_same_fact_are_one_happening(house: House) -> None:
    """However often and late it is told."""
    await house.poll()
    house.ats.move("c_ana-backend", "offer")
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()
    assert 0 == await house.hint("application", "c_ana-backend")
    await house.hint("person", "c_ana", key="2")
    await house.poll()

    assert ["applied", "stage_changed_to"] == await house.told()


async def test_polling_alone_begins_the_way_back(house: House) -> None:
    """A rejection that only polling finds is looked at with everything else that is known of the person."""
    await house.poll()
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.poll()

    assert ["c_ana"] == await house.walks()
    assert ["applied", "rejected"] == await house.told()


async def test_what_happened_before_we_were_connected_starts_nothing(house: House) -> None:
    """Whoever was rejected last year gets no mail because an ATS was connected today."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.clock.at += timedelta(days=30)
    await house.poll()

    assert [] == await house.walks()
    async with house.store.read() as tx:
        assert "rejected" == (await tx.get_one(ApplicationRow, "main/c_ana-backend")).outcome


async def test_a_rejection_that_is_taken_back_and_given_again_is_told_each_time(house: House) -> None:
    """Unreject is followed: they are in a process again."""
    await house.poll()
    for _ in range(2):
        house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
        await house.poll()
        house.ats.reopen("c_ana-backend")
        await house.poll()

    assert ["applied", *["rejected", "stage_changed_to"] * 2] == await house.told()
    async with house.store.read() as tx:
        row = await tx.get_one(ApplicationRow, "main/c_ana-backend")
        assert ("active", None, None) == (row.status, row.outcome, row.reason)


async def test_what_has_no_date_when_it_is_first_seen_starts_nothing(house: House) -> None:
    """Nobody knows how old it is; what changes after that is news."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    filed = house.ats.filed["c_ana-backend"]
    house.ats.filed["c_ana-backend"] = replace(filed, applied_at=None, updated_at=None, rejected_on=None)
    await house.hint("person", "c_ana")
    await house.errands.drain()
    assert [] == await house.walks()

    house.ats.filed["c_ana-backend"] = replace(filed, status="active", outcome=None, applied_at=None, updated_at=None)
    house.clock.at += timedelta(minutes=1)
    await house.hint("person", "c_ana", key="2")
    await house.errands.drain()
    house.ats.filed["c_ana-backend"] = replace(filed, applied_at=None, updated_at=None, rejected_on=None)
    house.clock.at += timedelta(minutes=1)
    await house.hint("person", "c_ana", key="3")
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()
