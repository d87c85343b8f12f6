"""How walks end: exits, goals and the ends that hold for everybody."""

from datetime import timedelta

import pytest

from rapport.engine.happening import Happening
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.engine.virtual import VirtualTime
from tests.builders import MONDAY, a_plan, a_project, a_walk, mails

TWO_MAILS = """
- {id: hello, send: hello}
- {id: week, wait: 7 days}
- {id: again, send: again}
"""


def test_a_walk_without_answers_reaches_its_end() -> None:
    """Nobody has to answer for a sequence to finish."""
    calendar = a_walk(TWO_MAILS)

    assert ["day 0 10:00 hello", "day 7 10:00 again"] == mails(calendar)
    assert calendar.ends == "end"


def test_an_exit_ends_the_walk_at_once() -> None:
    """Someone who answered gets no further mail."""
    calendar = a_walk(TWO_MAILS, exit_on=[{"replied": "any"}], when=[{"day 3": {"replied": "hello"}}])

    assert ["day 0 10:00 hello"] == mails(calendar)
    assert calendar.ends == "replied"


def test_an_exit_holds_while_a_mail_is_held_by_its_window() -> None:
    """A reply on Saturday stops the mail that waits for Monday."""
    calendar = a_walk(
        """
        - {id: hello, send: hello}
        - {id: five, wait: 5 days}
        - {id: again, send: again}
        """,
        window="office-hours",
        exit_on=[{"replied": "any"}],
        when=[{"day 6 12:00": {"replied": "hello"}}],
    )

    assert ["day 0 10:00 hello"] == mails(calendar)
    assert calendar.ends == "replied"


def test_a_goal_is_an_end_that_counts_as_success() -> None:
    """Reports must tell a success from a silence."""
    calendar = a_walk(TWO_MAILS, goal={"applied": "any"}, when=[{"day 3": "applied"}])

    assert calendar.ends == "goal: applied"


def test_at_one_instant_an_exit_counts_before_a_goal() -> None:
    """Who withdraws and applies in the same second has left."""
    calendar = a_walk(
        TWO_MAILS,
        goal={"applied": "any"},
        exit_on=[{"withdrew": "any"}],
        when=[{"day 3": "applied"}, {"day 3": "withdrew"}],
    )

    assert calendar.ends == "withdrew"


def test_of_an_exit_and_a_goal_the_earlier_counts() -> None:
    """What happened first decides."""
    calendar = a_walk(
        TWO_MAILS,
        goal={"applied": "any"},
        exit_on=[{"withdrew": "any"}],
        when=[{"day 3": "applied"}, {"day 4": "withdrew"}],
    )

    assert calendar.ends == "goal: applied"


def test_at_one_instant_an_exit_counts_before_a_timer() -> None:
    """A reply in the very minute of the next mail stops that mail."""
    calendar = a_walk(TWO_MAILS, exit_on=[{"replied": "any"}], when=[{"day 7 10:00": {"replied": "hello"}}])

    assert ["day 0 10:00 hello"] == mails(calendar)


@pytest.mark.parametrize(
    ("happens", "ends"),
    [
        ("unsubscribed", "unsubscribed"),
        ("erased", "erased"),
        ({"bounced": "hello"}, "bounced"),
        ({"complained": "hello"}, "complained"),
        ("hired", "hired"),
        ("consent_withdrawn", "consent"),
    ],
)
def test_some_ends_hold_for_every_sequence(happens: object, ends: str) -> None:
    """No file can switch these off."""
    calendar = a_walk(TWO_MAILS, when=[{"day 3": happens}])

    assert ["day 0 10:00 hello"] == mails(calendar)
    assert calendar.ends == ends


def test_unsubscribing_from_another_purpose_does_not_end_the_walk() -> None:
    """Who wants no event mails may still want the newsletter."""
    calendar = a_walk(TWO_MAILS, when=[{"day 3": {"unsubscribed": "events"}}])

    assert ["day 0 10:00 hello", "day 7 10:00 again"] == mails(calendar)


def test_a_hire_is_a_success_where_it_is_the_goal() -> None:
    """A sequence that works towards hires calls one a goal."""
    calendar = a_walk(TWO_MAILS, goal={"hired": "any"}, when=[{"day 3": "hired"}])

    assert calendar.ends == "goal: hired"


def test_consent_that_expires_ends_the_walk_on_the_day_it_expires() -> None:
    """Consent is checked at every moment, not only at the next mail."""
    scenario = Scenario(plan=a_plan(TWO_MAILS), project=a_project(), start=Start.parse(MONDAY), tree={})
    world = scenario.world()
    world.consents = {"nurture": scenario.start.instant + timedelta(days=4)}
    time = VirtualTime(world=world, now=scenario.start.instant)
    time.begin(scenario.plan, scenario.state())

    time.run_to_end(scenario.start.instant + timedelta(days=30))

    end = world.enrollments[scenario.enrollment].end
    assert end is not None
    assert (end.name, end.at) == ("consent", scenario.start.instant + timedelta(days=4))


@pytest.mark.parametrize("paused", [False, True], ids=["in that instant", "after a pause"])
def test_who_no_longer_consents_is_done_nothing_for(paused: bool) -> None:  # noqa: FBT001  # a case
    """Consent that ran out ends the walk before the step that would come next, however late the walk wakes."""
    plan = a_plan("[{id: wait, wait: 4 days}, {id: mark, tag: {add: warm}}, {id: call, webhook: {to: desk}}]")
    scenario = Scenario(plan=plan, project=a_project(), start=Start.parse(MONDAY), tree={})
    world, begins = scenario.world(), scenario.start.instant
    world.consents = {"nurture": begins + timedelta(days=4)}
    time = VirtualTime(world=world, now=begins)
    time.begin(plan, scenario.state())
    for kind, days in (("paused", 1), ("resumed", 9)) if paused else ():
        time.run_to_end(begins + timedelta(days=days))
        time.tell(Happening(id=kind, kind=kind, at=begins + timedelta(days=days)))

    time.run_to_end(begins + timedelta(days=30))

    end = world.enrollments[scenario.enrollment].end
    assert ("consent", []) == (end and end.name, world.actions)


def test_a_walk_that_never_had_consent_sends_nothing() -> None:
    """Without consent there is no first mail either."""
    calendar = a_walk(TWO_MAILS, candidate={"consent": []})

    assert [] == mails(calendar)
    assert calendar.ends == "consent"


def test_an_effect_of_its_own_can_end_a_walk() -> None:
    """A score that is reached by a step ends the sequence there, before the next effect."""
    calendar = a_walk(
        """
        - {id: plus, score: {add: 10}}
        - {id: mark, tag: {add: hot}}
        """,
        goal={"score_reached": 10},
    )

    assert ["plus"] == [action.step for action in calendar.actions]
    assert calendar.ends == "goal: score_reached"


def test_a_cancelled_event_ends_its_follow_up() -> None:
    """Nobody is told that they were missed at a fair that never took place."""
    calendar = a_walk(
        """
        - id: came
          wait_for: {attended: this_event}
          until: {day: event.ends_at, offset: 1 day, at: "09:00"}
          else: [{id: sorry, send: sorry}]
        """,
        event={"id": "fair-7", "starts_at": "2026-03-12 10:00", "ends_at": "2026-03-12 17:00"},
        when=[{"day 5": "event_cancelled"}],
    )

    assert [] == mails(calendar)
    assert calendar.ends == "event_cancelled"


def test_a_file_may_say_itself_what_follows_a_cancelled_event() -> None:
    """A sequence that waits for the cancellation handles it."""
    calendar = a_walk(
        """
        - id: off
          wait_for: {event_cancelled: this_event}
          within: 20 days
          then: [{id: regret, send: regret}]
        """,
        event={"id": "fair-7", "starts_at": "2026-03-12 10:00"},
        when=[{"day 5": "event_cancelled"}],
    )

    assert ["day 5 10:00 regret"] == mails(calendar)
