"""What is said of all walks beforehand: steps that none comes to, crowded weeks, long silences."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from rapport.dsl.duration import Duration
from rapport.dsl.plan import compile_plan
from rapport.dsl.project import Cap
from rapport.engine.foresight import (
    crowd,
    may_be_crowded,
    may_be_silent,
    silences,
    steps_reached,
    walked,
)
from rapport.engine.paths import WEEK, busiest, count_paths, each_path
from tests.builders import a_plan
from tests.strategies import trees

_TWO_A_WEEK = Cap(mails=2, per=Duration.parse("7 days"))
_MONTHS = timedelta(days=120)


def test_a_date_that_has_passed_leads_nowhere() -> None:
    """After a month nobody is in time for the first week, nor gets what hangs on it."""
    plan = a_plan("""
      - {id: month, wait: 30 days}
      - id: first-week
        wait_until: {day: enrolled_at, offset: 7 days, if_late: skip}
        then: [{id: hello, send: hello}]
      - {id: bye, send: bye}
    """)

    assert {"month", "first-week", "bye"} == steps_reached(plan)


def test_a_date_that_nobody_knows_may_always_come() -> None:
    """An event may be next year, so that its eve can be waited for after any month."""
    plan = a_plan("""
      - {id: month, wait: 30 days}
      - id: eve
        wait_until: {day: event.starts_at, offset: -1 day, if_late: skip}
        then: [{id: hello, send: hello}]
    """)

    assert {"month", "eve", "hello"} == steps_reached(plan)


def test_a_date_that_only_some_have_waited_for_may_come_for_the_others() -> None:
    """Who has not been held up by the event may still be in time for its eve."""
    plan = a_plan("""
      - id: warm
        if: {candidate.score: {at_least: 10}}
        then:
          - {id: event, wait_until: {day: event.starts_at, if_late: go_on}}
      - {id: days, wait: 10 days}
      - id: eve
        wait_until: {day: event.starts_at, offset: -1 day, if_late: skip}
        then: [{id: hello, send: hello}]
    """)

    assert "hello" in steps_reached(plan)


def test_the_crowded_week_is_that_of_whoever_clicks_at_once() -> None:
    """Two mails in a week become three for somebody who does not make us wait."""
    plan = a_plan("""
      - {id: one, send: one}
      - {id: read, wait_for: {clicked: one}, within: 14 days, then: [{id: two, send: two}]}
      - {id: days, wait: 3 days}
      - {id: three, send: three}
    """)

    found = crowd(each_path(plan), _TWO_A_WEEK)

    assert found is not None
    assert (["one", "two", "three"], "three") == ([node.id for node in found.mails], found.too_many.id)


def test_a_silence_lies_between_two_mails() -> None:
    """What comes before the first mail is no silence: nobody has heard of us yet."""
    plan = a_plan("""
      - {id: year, wait: 365 days}
      - {id: one, send: one}
      - {id: half-year, wait: 180 days}
      - {id: two, send: two}
      - {id: month, wait: 30 days}
      - {id: three, send: three}
    """)

    [found] = silences(each_path(plan), _MONTHS)

    assert ("one", "two", timedelta(days=180)) == (found.before.id, found.after.id, found.length)


def test_a_silence_is_that_of_whoever_waits_least() -> None:
    """A wait for a click is no silence of its own: it may be over at once."""
    plan = a_plan("""
      - {id: one, send: one}
      - {id: read, wait_for: {clicked: one}, within: 200 days, then: [{id: two, send: two}]}
    """)

    assert () == silences(each_path(plan), _MONTHS)


def test_more_paths_than_can_be_walked_are_none() -> None:
    """Thirty choices are a billion ways, and nobody waits for that."""
    choices = "".join(
        f"\n  - {{id: q{n}, if: {{candidate.score: {n}}}, then: [{{id: s{n}, send: s}}]}}" for n in range(30)
    )

    assert walked(a_plan(choices)) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(trees())
def test_the_quick_look_never_overlooks_what_the_paths_show(tree: dict[str, Any]) -> None:
    """One pass over the steps may cry wolf, and never sleeps: whatever a path has, it has seen."""
    plan = compile_plan("made-up", tree)
    assume(count_paths(plan) <= 200)
    paths = list(each_path(plan))

    worst = max(len(busiest(path, [WEEK])[WEEK]) for path in paths)

    assert {turn.node.id for path in paths for turn in path.turns} <= steps_reached(plan)
    assert (worst > _TWO_A_WEEK.mails) == (crowd(paths, _TWO_A_WEEK) is not None)
    assert worst <= _TWO_A_WEEK.mails or may_be_crowded(plan, _TWO_A_WEEK)
    assert not silences(paths, timedelta(days=10)) or may_be_silent(plan, timedelta(days=10))
