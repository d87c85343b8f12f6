"""Conditions whose answer is known before anybody is asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.dsl.catalogue import FIELDS
from rapport.dsl.certain import Known, answer
from rapport.dsl.conditions import read_condition
from rapport.engine.evaluate import holds
from rapport.engine.situation import Situation
from tests.builders import a_project

KNOWN = Known(FIELDS, "nurture")
_SCORE = st.fixed_dictionaries(
    {}, optional={key: st.integers(0, 4) for key in ("at_least", "at_most", "above", "below", "is_not")}
).filter(bool)
_COUNTRY = st.sampled_from(["DE", ["DE", "AT"], {"is_not": "DE"}, {"is_not": ["AT", "CH"]}, {"exists": False}])
_DAY = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-04"]) for key in ("before", "after")}
).filter(bool)
_TESTS = st.one_of(
    st.builds(lambda test: {"candidate.score": test}, _SCORE | st.integers(0, 4) | st.just({"exists": True})),
    st.builds(lambda test: {"candidate.country": test}, _COUNTRY),
    st.builds(lambda test: {"candidate.joined_on": test}, _DAY),
    st.just({"candidate.consent": "nurture"}),
)
_CONDITIONS = st.recursive(
    _TESTS,
    lambda inner: st.builds(
        lambda how, items: {how: items},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
_PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "score": st.integers(0, 5),
        "country": st.sampled_from(["DE", "AT", "CH"]),
        "joined_on": st.sampled_from(["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-05"]),
    },
)


@given(tree=_CONDITIONS, person=_PEOPLE)
def test_what_is_certain_is_so_for_everybody(tree: dict[str, Any], person: dict[str, Any]) -> None:
    """Nobody is told that a condition never holds who could meet somebody for whom it does."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    situation = Situation(at=at, purpose="nurture", enrolled_at=at, candidate=person, consents={"nurture": None})
    condition = read_condition(tree)

    assert answer(condition, KNOWN) in {None, holds(condition, situation, a_project())}


@pytest.mark.parametrize(
    ("tree", "known"),
    [
        ({"candidate.score": {"above": 40, "at_most": 40}}, False),
        ({"candidate.score": {"at_least": 40, "at_most": 40}}, None),
        ({"all": [{"candidate.country": "DE"}, {"candidate.country": ["AT", "CH"]}]}, False),
        ({"all": [{"candidate.score": 30}, {"all": [{"candidate.score": {"at_least": 40}}]}]}, False),
        ({"any": [{"candidate.consent": "nurture"}, {"candidate.city": "Bonn"}]}, True),
        ({"none": [{"candidate.consent": ["nurture", "events"]}]}, False),
        ({"candidate.score": {"exists": True}}, True),
        ({"all": [{"candidate.country": ["DE", "AT"]}, {"candidate.country": {"is_not": ["AT", "DE"]}}]}, False),
        ({"candidate.tags": {"include": "a", "exclude": "b"}}, None),
        ({"all": [{"candidate.score": "many"}, {"candidate.score": {"at_least": 1}}]}, None),
    ],
)
def test_contradictions_are_found(tree: dict[str, Any], known: bool | None) -> None:  # noqa: FBT001  # the value under test
    """A number over forty that is not over forty, a country that is two countries."""
    assert known is answer(read_condition(tree), KNOWN)
