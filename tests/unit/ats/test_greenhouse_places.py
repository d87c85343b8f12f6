"""Where a job of Greenhouse is: its public post knows, else its office; a job without a place is a job all the same."""

from rapport.crm.hiring import AtsJob
from tests.unit.ats.vendors import Opened, opened


async def jobs_of(here: Opened) -> list[AtsJob]:
    """The jobs that a poll tells."""
    return list((await here.vendor.changes(None)).jobs)


async def test_a_job_is_where_its_post_says() -> None:
    """City, country and address, in a poll as well as for one job."""
    async with opened("greenhouse") as here:
        here.fake.add_job("backend", "Backend Engineer", city="Porto", country="PT", url="https://jobs.example/1")
        here.fake.add_job("data", "Data Engineer")
        told = {job.title: (job.city, job.country, job.url) for job in await jobs_of(here)}
        one = await here.vendor.job(here.fake.id_of("job", "backend"))

        assert {
            "Backend Engineer": ("Porto", "PT", "https://jobs.example/1"),
            "Data Engineer": (None, None, None),
        } == told
        assert one is not None
        assert "Porto" == one.city


async def test_without_the_right_to_see_posts_jobs_are_read_without_places() -> None:
    """Credentials of before need no new rights for what worked before."""
    async with opened("greenhouse") as here:
        here.fake.add_job("backend", "Backend Engineer", city="Porto", country="PT")
        here.faults.refused |= {f"/v3/{table}" for table in ("job_posts", "job_post_searchable_locations", "offices")}

        assert [("Backend Engineer", None)] == [(job.title, job.city) for job in await jobs_of(here)]


async def test_a_job_without_a_post_is_where_its_office_is() -> None:
    """The office's words, before the first comma; what follows may be a state, so it names no country."""
    async with opened("greenhouse") as here:
        here.fake.add_job("backend", "Backend Engineer", office="Portland, OR")

        assert [("Portland", None)] == [(job.city, job.country) for job in await jobs_of(here)]
