"""Mails show jobs that fit, the best first, and none for somebody of whom nothing is known."""

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.fitting_roles import MOST_ROLES, OpenJob, fitting

ANA = {"skills": ["Python", "SQL"], "city": "Porto", "country": "PT", "seniority": "senior"}


def _titles(candidate: Mapping[str, object], *jobs: OpenJob) -> list[str]:
    return [job.title for job in fitting(candidate, jobs)]


def test_skills_count_most_then_the_place_then_the_level() -> None:
    """Of equals, the job that was opened last comes first."""
    jobs = (
        OpenJob(title="same country", country="PT"),
        OpenJob(title="one skill", skills=("python",)),
        OpenJob(title="one skill, newer", skills=("python",), opened_at=datetime(2026, 3, 1, tzinfo=UTC)),
        OpenJob(title="two skills", skills=("sql", "python")),
        OpenJob(title="one skill, her city and level", skills=("sql",), city="porto", seniority="Senior"),
    )

    expected = ["one skill, her city and level", "two skills", "one skill, newer", "one skill", "same country"]
    assert expected == _titles(ANA, *jobs)


def test_other_skills_and_other_countries_do_not_fit() -> None:
    """A mail about the wrong job is worse than none."""
    assert [] == _titles(ANA, OpenJob(title="nurse", skills=("care",), city="Porto", country="PT"))
    assert [] == _titles(ANA, OpenJob(title="far away", skills=("python",), country="US"))
    assert [] == _titles({}, OpenJob(title="backend", skills=("python",), city="Porto"))
    assert [] == _titles({"seniority": "senior"}, OpenJob(title="any", seniority="senior"))


_WORDS = st.sampled_from(["python", "sql", "care"])
_JOBS = st.builds(
    OpenJob,
    title=_WORDS,
    skills=st.lists(_WORDS, max_size=2).map(tuple),
    city=st.none() | st.just("Porto"),
    country=st.sampled_from([None, "PT", "US"]),
)


@given(jobs=st.lists(_JOBS, max_size=12), skills=st.lists(_WORDS), country=st.sampled_from([None, "PT"]))
def test_nobody_gets_more_than_five_and_all_of_them_fit(
    jobs: list[OpenJob], skills: list[str], country: str | None
) -> None:
    """Whatever is open."""
    found = fitting({"skills": skills, "country": country, "city": "Porto"}, jobs)

    assert len(found) <= MOST_ROLES
    assert all(job.country in (None, country) or country is None for job in found)
    assert all(set(job.skills) & set(skills) for job in found if job.skills and skills)
