"""Paths through a plan: which there are, how long they take, and how close together their mails come."""

from datetime import timedelta
from itertools import islice
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from rapport.dsl.plan import Plan, compile_plan
from rapport.engine.paths import WEEK, Path, busiest, count_paths, each_path, overview
from rapport.engine.reach import Range
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from tests.builders import MONDAY, a_plan, a_project, a_walk
from tests.strategies import cases, trees

_ASK = """
  - {id: hello, send: hello}
  - id: read
    wait_for: {clicked: hello}
    within: 7 days
    else: [{id: again, send: again}]
  - {id: month, wait: 30 days}
  - {id: bye, send: bye}
"""


def _days(least: int, most: int) -> Range:
    return Range(timedelta(days=least), timedelta(days=most))


def _week(path: Path) -> tuple[str, ...]:
    return busiest(path, [WEEK])[WEEK]


def _forty_questions() -> Plan:
    steps = "".join(
        f"""
  - id: ask-{number}
    if: {{candidate.score: {{at_least: {number}}}}}
    then: [{{id: mail-{number}, send: mail-{number}}}]
  - {{id: day-{number}, wait: 1 day}}"""
        for number in range(40)
    )
    return a_plan(steps)


def test_both_answers_to_a_question_are_paths_of_their_own() -> None:
    """Who clicks may be through in 30 days and gets two mails; who does not takes 37 and gets three."""
    clicked, silent = each_path(a_plan(_ASK))

    assert (("hello", "bye"), _days(30, 37)) == (clicked.mails, clicked.end.since)
    assert (("hello", "again", "bye"), _days(37, 37)) == (silent.mails, silent.end.since)


def test_a_path_says_its_choices_in_words() -> None:
    """The list of paths can be read without the file."""
    clicked, silent = each_path(a_plan(_ASK))

    assert (("read", "a click on hello within 7 days"),) == clicked.choices
    assert (("read", "7 days without a click on hello"),) == silent.choices


def test_a_path_takes_as_long_as_the_walk_does() -> None:
    """Where nothing is held, the calendar of a silent person is as long as the silent path."""
    calendar = a_walk(_ASK)
    *_, silent = each_path(a_plan(_ASK))

    walked = calendar.lines[-1].at.date() - calendar.scenario.start.instant.date()
    assert timedelta(days=37) == silent.end.since.most == walked


def test_a_stop_ends_its_path_with_its_reason() -> None:
    """Nobody is promised the mails behind a stop."""
    plan = a_plan("""
      - {id: gone, stop: no longer looking, if: {candidate.tags: {include: [gone]}}}
      - {id: hello, send: hello}
    """)

    assert [("no longer looking", ()), (None, ("hello",))] == [(path.ends, path.mails) for path in each_path(plan)]


def test_the_worst_week_lets_every_event_come_at_the_worst_moment() -> None:
    """The first mail may be read late and the next question answered at once."""
    plan = a_plan("""
      - {id: one, send: one}
      - {id: first, wait_for: {clicked: one}, within: 20 days}
      - {id: two, send: two}
      - {id: rest, wait: 6 days}
      - {id: three, send: three}
      - {id: more, wait: 7 days}
      - {id: four, send: four}
    """)
    clicked, silent = each_path(plan)

    assert ("one", "two", "three") == _week(clicked)
    assert ("two", "three") == _week(silent)


def test_a_mail_on_a_fixed_day_comes_close_to_one_that_is_late() -> None:
    """A click on day 25 moves the second mail next to the one of day 30."""
    plan = a_plan("""
      - {id: one, send: one}
      - {id: read, wait_for: {clicked: one}, within: 25 days, else: [{id: never, stop: silent}]}
      - {id: two, send: two}
      - {id: month, wait_until: {day: enrolled_at, offset: 30 days, at: "09:00", if_late: go_on}}
      - {id: three, send: three}
      - {id: four, send: four}
    """)
    clicked, _ = each_path(plan)

    assert ("two", "three", "four") == _week(clicked)
    assert _days(30, 30) == clicked.end.since


def test_dates_that_nobody_knows_beforehand_are_named_not_guessed() -> None:
    """How long the wait for a fair is depends on the fair."""
    plan = a_plan("""
      - {id: before, wait_until: {day: event.starts_at, offset: -1 day, at: "09:00", if_late: go_on}}
      - {id: see-you, send: see-you}
      - {id: after, wait_until: {day: event.ends_at, offset: 1 day, at: "09:00", if_late: go_on}}
      - {id: thanks, send: thanks}
    """)
    [path] = each_path(plan)

    assert {"event.starts_at", "event.ends_at"} == path.end.open
    # The day before, the fair itself and the day after it lie between the mails, however short the fair is.
    assert ("see-you",) == busiest(path, [timedelta(days=2)])[timedelta(days=2)]


def test_nobody_is_in_time_for_a_day_that_has_passed() -> None:
    """A path that cannot be walked is not listed."""
    plan = a_plan("""
      - {id: month, wait: 30 days}
      - {id: week, wait_until: {day: enrolled_at, offset: 7 days, at: "09:00", if_late: skip},
         then: [{id: hello, send: hello}]}
    """)

    assert [()] == [path.mails for path in each_path(plan)]


def test_business_days_take_between_none_and_two_weekends() -> None:
    """Three business days from a Sunday are three days, from a Friday five; six span at least one weekend."""
    [three] = each_path(a_plan("- {id: pause, wait: 3 business days}"))
    [six] = each_path(a_plan("- {id: pause, wait: 6 business days}"))

    assert (_days(3, 5), _days(8, 10)) == (three.end.since, six.end.since)


def test_mails_a_whole_week_apart_are_not_in_one_week() -> None:
    """The contact policy counts rolling hours: after seven days the first mail no longer counts."""
    [path] = each_path(a_plan("[{id: a, send: one}, {id: pause, wait: 7 days}, {id: b, send: two}]"))

    assert ("one",) == busiest(path, [WEEK, 2 * WEEK])[WEEK]


def test_who_is_late_where_that_stops_the_walk_gets_no_mail() -> None:
    """The path of those who registered too late ends there."""
    plan = a_plan("""
      - {id: before, wait_until: {day: event.starts_at, offset: -1 day, at: "09:00", if_late: stop}}
      - {id: see-you, send: see-you}
    """)

    assert [(None, ("see-you",)), ("late", ())] == [(path.ends, path.mails) for path in each_path(plan)]


def test_a_stop_unless_goes_on_where_the_condition_holds() -> None:
    """The words say it the right way round."""
    stops, goes_on = each_path(a_plan("- {id: guard, stop: not rejected, unless: {app.status: rejected}}"))

    assert ((("guard", "not (app.status is rejected)"),), "not rejected") == (stops.choices, stops.ends)
    assert ((("guard", "app.status is rejected"),), None) == (goes_on.choices, goes_on.ends)


def test_a_trillion_paths_are_counted_not_walked() -> None:
    """Forty questions are more paths than memory has room; the overview comes at once."""
    plan = _forty_questions()

    seen = overview(plan)

    assert (2**40, _days(40, 40), (0, 40), 7) == (seen.paths, seen.length, seen.mails, seen.busiest(WEEK))
    assert 3 == len(list(islice(each_path(plan), 3)))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(trees())
def test_the_overview_agrees_with_the_paths(tree: dict[str, Any]) -> None:
    """No path is longer, has more mails or a worse week than the overview says."""
    plan = compile_plan("made-up", tree)
    assume(count_paths(plan) <= 300)
    seen = overview(plan)

    for path in each_path(plan):
        assert seen.length.least <= path.end.since.least
        assert path.end.since.most <= seen.length.most
        assert seen.mails[0] <= len(path.mails) <= seen.mails[1]
        assert len(_week(path)) <= seen.busiest(WEEK)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(cases())
def test_whatever_happens_to_a_person_their_walk_is_on_the_list(case: tuple[Plan, dict[str, Any]]) -> None:
    """Every walk is the beginning of a listed path: the list leaves nothing out."""
    plan, tree = case
    assume(count_paths(plan) <= 300)
    scenario = Scenario(plan=plan, project=a_project(), start=Start.parse(MONDAY), tree=tree)

    calendar = scenario.run()

    walked = [passed.step for passed in calendar.time.state(scenario.enrollment).path]
    listed = [[turn.node.id for turn in path.turns] for path in each_path(plan)]
    assert any(steps[: len(walked)] == walked for steps in listed)
