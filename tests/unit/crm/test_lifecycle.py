"""Where people stand moves with what happens to them, and late news never takes a hire back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.lifecycle import MOVING, stage_after
from rapport.dsl.stages import ALUMNI, HIRED, STAGES

ANYWHERE = st.sampled_from([None, *STAGES])
ANYTHING = st.sampled_from([*sorted(MOVING), "opened", "tagged", "unsubscribed"])


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (None, "clicked", "consideration"),
        ("awareness", "registered_for_event", "consideration"),
        ("applicant", "clicked", "applicant"),
        ("rejected", "replied", "rejected"),
        (None, "opened", None),
        ("consideration", "applied", "applicant"),
        ("rejected", "applied", "applicant"),
        ("alumni", "applied", "applicant"),
        ("in-process", "applied", "in-process"),
        ("applicant", "stage_changed_to", "in-process"),
        ("in-process", "rejected", "rejected"),
        ("in-process", "withdrew", "consideration"),
        ("rejected", "hired", "hired"),
        ("hired", "rejected", "hired"),
        ("alumni", "rejected", "alumni"),
    ],
)
def test_what_happens_moves_the_stage(before: str | None, kind: str, after: str) -> None:
    """Interest, an application, an interview, an answer: each leads on as the table in the module says."""
    assert after == stage_after(before, kind)


@given(news=st.lists(ANYTHING, max_size=12))
def test_nothing_leads_back_from_a_hire(news: list[str]) -> None:
    """Whatever is heard later, a hired person stays hired until somebody says otherwise by hand."""
    stage: str | None = HIRED
    for kind in news:
        stage = stage_after(stage, kind)

    assert stage == HIRED


@given(before=ANYWHERE, kind=ANYTHING, under_way=st.sampled_from([None, "applicant", "in-process"]))
def test_only_a_hand_makes_alumni_and_the_same_news_twice_is_once(
    before: str | None, kind: str, under_way: str | None
) -> None:
    """A second telling changes nothing more, and no news makes somebody a former colleague."""
    once = stage_after(before, kind, under_way=under_way)

    assert once == stage_after(once, kind, under_way=under_way)
    assert once != ALUMNI or before == ALUMNI


def test_another_application_under_way_outlives_a_rejection() -> None:
    """Rejected for one job and interviewing for another: still in process."""
    assert stage_after("in-process", "rejected", under_way="in-process") == "in-process"
