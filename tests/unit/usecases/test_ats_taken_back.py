"""A hire or a rejection that the ATS takes back is followed here, and the next one counts as new."""

from datetime import timedelta

from sqlalchemy import select

from rapport.crm.hiring import HiringOutcome
from rapport.store import candidates
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.enroll import enroll
from rapport.usecases.publish import publish
from rapport.usecases.standing import standing
from tests.ats_house import BACK, CONNECTED, House, house
from tests.unit.store.worlds import DAY, MONDAY, a_publication

__all__ = ["house"]

AGAIN = BACK.replace("[stronger-candidate]}}}", "[stronger-candidate]}}, again_after: 0 days}")


async def _stage(house: House) -> str | None:
    async with house.store.read() as tx:
        return (await candidates.get(tx, "c_ana")).stage


async def test_an_unhire_leads_back_and_a_later_rejection_counts(house: House) -> None:
    """Only the ATS itself takes a hire back: the application is active again, and nothing is held against anybody."""
    await house.poll()
    house.ats.end("c_ana-backend", HiringOutcome.HIRED)
    await house.poll()
    assert "hired" == await _stage(house)
    house.ats.apply("c_ana", "frontend", stage="onsite")
    await house.poll()
    assert "hired" == await _stage(house)
    house.ats.reopen("c_ana-backend")
    await house.poll()

    assert "in-process" == await _stage(house)
    house.ats.end("c_ana-frontend", HiringOutcome.WITHDREW)
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.poll()
    assert ("rejected", ["c_ana"]) == (await _stage(house), await house.walks())
    assert ["applied", "hired", "applied", "stage_changed_to"] == (await house.told())[:4]


async def test_a_hire_that_the_ats_did_not_tell_is_taken_back_by_nobody(house: House) -> None:
    """Who was put somewhere by hand stays there, for a hire even when other applications end."""
    await house.poll()
    async with house.store.write() as tx:
        (await candidates.get(tx, "c_ana")).stage = "consideration"
    await house.hint("person", "c_ana")
    await house.errands.drain()
    assert "consideration" == await _stage(house)
    async with house.store.write() as tx:
        (await candidates.get(tx, "c_ana")).stage = "hired"
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="no-show")
    await house.poll()

    assert "hired" == await _stage(house)


async def test_alumni_stay_so_for_the_hire_of_long_ago(house: House) -> None:
    """A hire from before the connection is known, and leads nobody away; a new application does."""
    house.ats.end("c_ana-backend", HiringOutcome.HIRED)
    house.clock.at += timedelta(days=400)
    house.ats.now = house.clock.at
    async with house.store.write() as tx:
        (await candidates.get(tx, "c_ana")).stage = "alumni"
    await house.poll()
    assert "alumni" == await _stage(house)
    house.ats.apply("c_ana", "frontend")
    await house.poll()

    assert "applicant" == await _stage(house)


async def test_after_a_merge_a_person_stands_where_the_applications_of_both_have_them(house: House) -> None:
    """Whoever was hired under another record is hired."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="no-show")
    house.ats.person("double", email="other@people.example")
    house.ats.apply("double", "frontend")
    house.ats.end("double-frontend", HiringOutcome.HIRED)
    await house.poll()
    assert "rejected" == await _stage(house)
    house.ats.merge("double", "c_ana")
    await house.hint("merged", "double", new_id="c_ana")
    await house.errands.drain()

    assert "hired" == await _stage(house)


async def test_a_walk_that_ended_stays_ended_and_a_second_rejection_begins_the_next(house: House) -> None:
    """An unreject wakes no walk; the rejection after it is a new one, and the sequence says how soon it may begin."""
    await publish(house.store, a_publication({"back": AGAIN}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    await house.poll()
    ended = []
    for _ in range(2):
        house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
        await house.poll()
        async with house.store.write() as tx:
            for walk in await tx.scalars(select(EnrollmentRow)):
                walk.state, walk.end_name, walk.ended_at = "ended", "in a process", MONDAY
        house.ats.reopen("c_ana-backend")
        await house.poll()
        async with house.store.read() as tx:
            ended.append(sorted((walk.n, walk.state) for walk in await tx.scalars(select(EnrollmentRow))))

    assert [[(1, "ended")], [(1, "ended"), (2, "ended")]] == ended


async def test_the_quiet_time_after_a_hire_ends_when_it_is_taken_back(house: House) -> None:
    """Mails wait for nothing that was not so."""
    quiet = CONNECTED.replace("quiet_after: {replied: 14 days}", "quiet_after: {hired: 365 days}")
    await publish(house.store, a_publication({"back": BACK}, project=quiet), commit="c0ffee", at=MONDAY - DAY)
    await house.poll()
    async with house.store.write() as tx:
        walk = await enroll(tx, house.clock, sequence="back", candidate="c_ana", at=MONDAY, cause="test")
    house.ats.end("c_ana-backend", HiringOutcome.HIRED)
    await house.poll()
    assert ["hired"] == await _quiet_after(house, walk.id)
    house.ats.reopen("c_ana-backend")
    await house.poll()

    assert [] == await _quiet_after(house, walk.id)


async def _quiet_after(house: House, walk: str) -> list[str]:
    async with house.store.read() as tx:
        return list((await standing(tx, walk, MONDAY + DAY)).situation.quiet)
