"""What has to be done at an ATS is done in the end, whoever dies meanwhile."""

from datetime import timedelta

from rapport.crm.hiring import HiringOutcome
from rapport.errors import TemporaryFailure
from rapport.store import ats, ats_errands
from tests.ats_house import House, house

__all__ = ["house"]


async def test_an_errand_that_fails_is_done_later(house: House) -> None:
    """The ATS asks for a pause; nothing is lost."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.ats.bad_answers.append(TemporaryFailure("Slower.", hint="Later.", pause=timedelta(seconds=30)))
    await house.hint("application", "c_ana-backend")
    assert 1 == await house.errands.drain()
    assert 0 == await house.errands.drain()
    house.clock.at += timedelta(seconds=31)
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()


async def test_an_errand_of_a_killed_worker_is_done_by_another(house: House) -> None:
    """Nobody gives back what a dead process held; two minutes later it is free."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    async with house.store.write() as tx:
        await ats_errands.lease(tx, limit=10, now=house.clock.now(), lease=timedelta(minutes=2))
    assert 0 == await house.errands.drain()
    house.clock.at += timedelta(minutes=2)
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()


async def test_a_page_whose_worker_was_killed_is_read_again_and_counts_once(house: House) -> None:
    """The place moves on behind the last of what the page led to, so dying in between passes over nothing."""
    await house.desk.poll_page("main")
    async with house.store.write() as tx:
        (await ats.connection(tx, "main", now=house.clock.now())).cursor = ""
    await house.poll()

    assert ["applied"] == await house.told()
