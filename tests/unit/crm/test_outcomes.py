"""One model of how an application ended, whatever the ATS: only a rejection by us may lead back to us."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.ats_words import outcome_of, status_of
from rapport.crm.hiring import ApplicationStatus, AtsApplication, HiringOutcome
from rapport.crm.outcomes import EndedBy, outcome, slug
from rapport.dsl.stages import OUTCOMES, STATUSES

US, THEM, UNSAID = EndedBy.US, EndedBy.THEM, EndedBy.UNSAID
OURS, WITHDREW, HIRED = HiringOutcome.REJECTED_BY_US, HiringOutcome.WITHDREW, HiringOutcome.HIRED
CLOSED, FRAUD, OTHER = HiringOutcome.CLOSED_JOB, HiringOutcome.FRAUD, HiringOutcome.OTHER


@pytest.mark.parametrize(
    ("ended_by", "reason", "expected"),
    [
        (US, "Stronger candidate", OURS),
        (US, "Headcount", OURS),
        (US, None, OURS),
        (US, "Candidate withdrew", WITHDREW),
        (US, "Job no longer receiving applications", CLOSED),
        (US, "Fraudulent application", FRAUD),
        (THEM, "Took another offer", WITHDREW),
        (THEM, "Position closed", WITHDREW),
        (EndedBy.FRAUD, "Other", FRAUD),
        (EndedBy.HIRE, "Hired", HIRED),
        (UNSAID, "Hired", HIRED),
        (UNSAID, "Future hire", OURS),
        (UNSAID, "Under- qualified", OURS),
        (UNSAID, "Better for another role", OURS),
        (UNSAID, "Comp", OURS),
        (UNSAID, "Timing", OURS),
        (UNSAID, "Withdrew", WITHDREW),
        (UNSAID, "Offer declined", WITHDREW),
        (UNSAID, "Declined our offer", WITHDREW),
        (UNSAID, "Hat zurückgezogen", WITHDREW),
        (UNSAID, "Not interested", WITHDREW),
        (UNSAID, "Position filled", CLOSED),
        (UNSAID, "Position closed", CLOSED),
        (UNSAID, "Stelle besetzt", CLOSED),
        (UNSAID, "No Response", OTHER),
        (UNSAID, "No Response - OLD", OTHER),
        (UNSAID, "Something of our own", OTHER),
        (UNSAID, None, OTHER),
    ],
)
def test_who_ended_it_and_the_words_decide(ended_by: EndedBy, reason: str | None, expected: HiringOutcome) -> None:
    """Each reason has one meaning; words that we do not know bring nobody back."""
    assert expected is outcome(ended_by, reason)


@given(reason=st.text(max_size=60))
def test_no_words_turn_an_end_by_somebody_else_into_ours(reason: str) -> None:
    """Whatever a reason says, a hire, a fraud and a withdrawal are never a rejection by us."""
    others = [outcome(ended_by, reason) for ended_by in (EndedBy.HIRE, EndedBy.FRAUD, EndedBy.THEM)]

    assert OURS not in others


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Under- qualified", "under-qualified"), ("  Zu späte Rückmeldung! ", "zu-spate-ruckmeldung"), ("—", None)],
)
def test_a_reason_is_a_slug(text: str, expected: str | None) -> None:
    """Files name a reason as they name everything else."""
    assert expected == slug(text)


def test_conditions_may_ask_for_exactly_what_applications_are_called() -> None:
    """Whatever an ATS says of an application, `check` knows the word; and it lets no word pass that none ever has."""
    known = [
        AtsApplication(id="1", person="1", status=status, outcome=outcome)
        for status in get_args(ApplicationStatus)
        for outcome in (None, *HiringOutcome)
    ]

    assert set(STATUSES) == {status_of(each) for each in known}
    assert {*OUTCOMES, None} == {outcome_of(each) for each in known}
