"""Jobs come from the ATS into mails, and leave them when they are closed."""

from dataclasses import replace

from rapport.crm.hiring import AtsJob
from rapport.store import jobs
from rapport.usecases.compose_mail import write_mail
from rapport.usecases.enroll import enroll
from rapport.usecases.publish import publish
from rapport.usecases.standing import standing
from tests.ats_house import BACK, CONNECTED, House, house
from tests.unit.store.worlds import MONDAY, a_publication
from tests.unit.usecases.desks import LETTERHEAD

__all__ = ["house"]
MAIL = """---
subject: New roles
---
{% if roles %}{% for role in roles %}
- {% if role.url %}[{{ role.title }}]({{ role.url }}){% else %}{{ role.title }}{% endif %}
{% endfor %}{% else %}Nothing new.{% endif %}
"""


async def _mail(house: House) -> str:
    publication = a_publication({"back": BACK}, mails={("welcome", ""): MAIL}, project=CONNECTED)
    await publish(house.store, publication, commit="c0ffee", at=MONDAY)
    async with house.store.write() as tx:
        walk = await enroll(tx, house.clock, sequence="back", candidate="c_ana", at=MONDAY, cause="test", again=True)
        here = await standing(tx, walk.id, MONDAY)
        written = await write_mail(tx, here, "hello", LETTERHEAD)
        await tx.rollback()
    return written.composed.raw.decode()


async def test_open_jobs_that_fit_are_in_the_mail(house: House) -> None:
    """She lives in Germany; the job in Portugal and the closed one are not for her."""
    world = house.ats
    world.jobs["1"] = AtsJob(id="1", title="Backend engineer", is_open=True, country="de")
    world.jobs["2"] = AtsJob(id="2", title="Frontend engineer", is_open=True, country="PT")
    world.jobs["3"] = AtsJob(id="3", title="Data engineer", is_open=False, country="DE")
    world.changed += [("job", name) for name in world.jobs]
    await house.poll()

    mail = await _mail(house)

    assert "Backend engineer" in mail
    assert "Frontend engineer" not in mail
    assert "Data engineer" not in mail


async def test_a_job_that_is_closed_or_gone_leaves_the_mails(house: House) -> None:
    """A hint is enough; a job that the ATS does not have any more is closed."""
    world = house.ats
    for name in ("1", "2"):
        world.jobs[name] = AtsJob(id=name, title=f"Job {name}", is_open=True, country="DE")
        await house.hint("job", name)
    await house.errands.drain()
    async with house.store.read() as tx:
        assert {"Job 1", "Job 2"} == {row.title for row in await jobs.open_jobs(tx)}
    world.jobs["1"] = replace(world.jobs["1"], is_open=False)
    del world.jobs["2"]
    house.clock.at += MONDAY - MONDAY.replace(hour=8)
    await house.hint("job", "1", key="2")
    await house.hint("job", "2", key="2")
    await house.errands.drain()

    assert "Nothing new." in await _mail(house)
