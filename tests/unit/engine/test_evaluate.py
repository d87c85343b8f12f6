"""Conditions: every field and test of the language, and what is missing or of a wrong type."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.dsl import conditions
from rapport.dsl.conditions import OPERATORS, read_condition
from rapport.engine.evaluate import holds, what_was_read
from rapport.engine.fields import MISSING, look_up
from rapport.engine.situation import MailFacts, Situation
from tests.unit.engine.situations import a_project, a_situation, utc

PROJECT = a_project()
ANA = {
    "id": "c-1",
    "first_name": "Ana",
    "city": "Berlin",
    "seniority": "",
    "source": None,
    "score": 38,
    "tags": ["java", "met-at-fair"],
    "joined_on": "2026-01-05",
    "last_contacted_on": utc("2026-03-01 23:30"),
    "custom": {"visa": True, "years": 7, "desk": "7"},
}


def known() -> Situation:
    """Ana, ten days after the welcome mail that she clicked, with a rejected application and a fair ahead."""
    return a_situation(
        "2026-03-12 09:00",
        candidate=ANA,
        consents={"nurture": None, "events": utc("2026-06-01 00:00"), "tracking": utc("2026-03-12 09:00")},
        event={"id": "fair-7", "type": "job-fair", "starts_at": "2026-03-20 00:30", "zone": "Asia/Kolkata"},
        application={"status": "rejected", "rejected_on": date(2026, 2, 20)},
        mails={"welcome": MailFacts(sent=utc("2026-03-02 09:00"), clicked=utc("2026-03-03 09:00"))},
        reads={"app": {"status": "rejected", "stage": ""}},
    )


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"candidate.city": "Berlin"}, True),
        ({"candidate.city": "berlin"}, False),
        ({"candidate.city": ["Munich", "Berlin"]}, True),
        ({"candidate.city": {"is_not": "Munich"}}, True),
        ({"candidate.city": {"is_not": ["Munich", "Berlin"]}}, False),
        ({"candidate.tags": "java"}, True),
        ({"candidate.tags": ["go", "java"]}, True),
        ({"candidate.tags": {"is_not": "java"}}, False),
        ({"candidate.tags": {"include": ["go", "java"]}}, True),
        ({"candidate.tags": {"include": "go"}}, False),
        ({"candidate.tags": {"exclude": ["do-not-contact"]}}, True),
        ({"candidate.tags": {"exclude": ["do-not-contact", "java"]}}, False),
        ({"candidate.pools": {"exclude": ["engineering"]}}, True),
        ({"candidate.skills": "java"}, False),
        ({"candidate.score": {"at_least": 38}}, True),
        ({"candidate.score": {"above": 38}}, False),
        ({"candidate.score": {"at_most": 38}}, True),
        ({"candidate.score": {"below": 38}}, False),
        ({"candidate.score": {"at_least": 20, "below": 30}}, False),
        ({"candidate.score": 38}, True),
        ({"candidate.custom.years": {"above": 6}}, True),
        ({"candidate.custom.visa": True}, True),
        ({"candidate.joined_on": {"before": "2026-01-06"}}, True),
        ({"candidate.joined_on": {"before": "2026-01-05"}}, False),
        ({"candidate.joined_on": {"after": "2026-01-05"}}, False),
        ({"candidate.joined_on": "2026-01-05"}, True),
        ({"candidate.last_contacted_on": "2026-03-02"}, True),
        ({"candidate.last_contacted_on": {"after": "2026-03-01"}}, True),
        ({"event.starts_at": {"before": "2026-03-20"}}, True),
        ({"event.starts_at": "2026-03-19"}, True),
        ({"event.type": "job-fair"}, True),
        ({"application.rejected_on": {"after": "2026-02-19", "before": "2026-02-21"}}, True),
        ({"application.rejected_on": {"is_not": "2026-02-20"}}, False),
        ({"mail.welcome": "clicked"}, True),
        ({"mail.welcome": "replied"}, False),
        ({"mail.welcome": {"is_not": "opened"}}, True),
        ({"mail.nudge": {"is_not": "sent"}}, True),
        ({"mail.nudge": "sent"}, False),
        ({"candidate.consent": "nurture"}, True),
        ({"candidate.consent": ["marketing", "events"]}, True),
        ({"candidate.consent": "tracking"}, False),
        ({"app.status": "rejected"}, True),
        ({"app.stage": {"exists": False}}, True),
        ({"other.status": {"exists": True}}, False),
        ({"enrolled_at": {"before": "2026-03-03"}}, True),
        ({"candidate.seniority": {"exists": True}}, False),
        ({"candidate.city": {"exists": True}}, True),
        ({"candidate.city": {"exists": False}}, False),
        ({"candidate.score": {"exists": True}}, True),
    ],
)
def test_each_test_of_the_language(tree: Mapping[str, Any], *, expected: bool) -> None:
    """Every field and every test means what the language page says."""
    assert expected is holds(read_condition(tree), known(), PROJECT)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"candidate.city": "Berlin", "candidate.score": 38}, True),
        ({"candidate.city": "Berlin", "candidate.score": 1}, False),
        ({"all": [{"candidate.city": "Berlin"}, {"candidate.score": 1}]}, False),
        ({"any": [{"candidate.city": "Munich"}, {"candidate.score": 38}]}, True),
        ({"any": [{"candidate.city": "Munich"}, {"candidate.score": 1}]}, False),
        ({"none": [{"candidate.city": "Munich"}, {"candidate.score": 1}]}, True),
        ({"none": [{"candidate.city": "Munich"}, {"candidate.score": 38}]}, False),
        ({"any": [{"all": [{"candidate.city": "Berlin"}, {"none": [{"candidate.tags": "go"}]}]}]}, True),
    ],
)
def test_conditions_combine(tree: Mapping[str, Any], *, expected: bool) -> None:
    """Fields beside each other must all hold; all, any and none do the rest."""
    assert expected is holds(read_condition(tree), known(), PROJECT)


@pytest.mark.parametrize(
    "tree",
    [
        {"candidate.score": {"at_least": "20"}},
        {"candidate.score": "38"},
        {"candidate.score": {"is_not": "38"}},
        {"candidate.score": {"before": "2026-01-01"}},
        {"candidate.score": {"exclude": ["java"]}},
        {"candidate.city": {"at_least": 3}},
        {"candidate.city": {"after": "2026-01-01"}},
        {"candidate.tags": {"above": 1}},
        {"candidate.tags": {"before": "2026-01-01"}},
        {"candidate.joined_on": {"before": 2027}},
        {"candidate.joined_on": {"before": "tomorrow"}},
        {"candidate.custom.visa": 1},
        {"candidate.custom.visa": {"at_least": 0}},
        {"candidate.custom.desk": 7},
        {"candidate.custom.desk": {"is_not": 8}},
        {"candidate.custom": {"is_not": "x"}},
        {"candidate.city.name": "Berlin"},
    ],
)
def test_a_wrong_type_is_false(tree: Mapping[str, Any]) -> None:
    """A value of another kind than the test expects fails the test and never breaks the walk."""
    assert not holds(read_condition(tree), known(), PROJECT)


def test_score_and_lists_are_never_missing() -> None:
    """Somebody of whom nothing is known has score 0 and no tags, skills or pools."""
    nobody = a_situation(candidate={"score": None})
    expected = {"score": 0, "tags": [], "skills": [], "pools": []}

    assert expected == {name: look_up(f"candidate.{name}", nobody) for name in expected}


def test_an_email_domain_is_read_from_the_address() -> None:
    """A condition may ask for the domain where only the address is known."""
    emails = {"ana@Acme.Example": "acme.example", "nonsense": MISSING, 7: MISSING}

    assert emails == {
        email: look_up("candidate.email_domain", a_situation(candidate={"email": email})) for email in emails
    }


def test_what_was_read_is_plain() -> None:
    """`why` shows each value that a decision stood on, in JSON; nothing where nothing is known."""
    condition = read_condition(
        {"candidate.tags": "java", "any": [{"candidate.source": "fair"}, {"application.rejected_on": "2026-01-01"}]}
    )

    read = what_was_read(condition, known())

    expected = {
        "application.rejected_on": "2026-02-20",
        "candidate.source": None,
        "candidate.tags": ["java", "met-at-fair"],
    }
    assert expected == read
    assert json.loads(json.dumps(read)) == read


def test_a_date_beyond_the_calendar_is_no_day() -> None:
    """The last hours of the year 9999 are nobody's date."""
    situation = a_situation(candidate={"joined_on": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)})

    assert not holds(read_condition({"candidate.joined_on": {"after": "2026-01-01"}}), situation, PROJECT)


FIELDS = st.sampled_from(["candidate.source", "candidate.seniority", "candidate.custom.x", "event.city", "app.stage"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
VALUES = SCALARS | st.lists(SCALARS, max_size=3)


@given(field=FIELDS, operator=st.sampled_from(["is", *OPERATORS]), value=VALUES)
def test_a_missing_value_makes_every_operator_false(field: str, operator: str, value: Any) -> None:
    """Where nothing is known no test holds, but "does not exist"."""
    expected = operator == "exists" and value is False

    assert expected is holds(conditions.Test(field, operator, value), known(), PROJECT)


@given(found=VALUES | st.dictionaries(st.text(), SCALARS), operator=st.sampled_from(["is", *OPERATORS]), value=VALUES)
def test_no_value_breaks_a_condition(found: Any, operator: str, value: Any) -> None:
    """Whatever an ATS answers and whatever a file asks, a condition is true or false."""
    situation = a_situation(reads={"app": {"status": found}})
    condition = conditions.Test("app.status", operator, value)

    assert holds(condition, situation, PROJECT) in (True, False)
    assert {"app.status"} == what_was_read(condition, situation).keys()
