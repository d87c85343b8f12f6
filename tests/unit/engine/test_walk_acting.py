"""Deciding and acting: conditions, lots, effects, failures and holds."""

from hypothesis import given
from hypothesis import strategies as st

from rapport.engine.lot import draw
from tests.builders import a_walk, actions, mails

MANY_LOTS = 4000


def test_a_condition_on_a_missing_value_is_false() -> None:
    """Nothing known about the country means: not in Germany, and not outside it either."""
    steps = """
        - id: where
          if: {{candidate.seniority: {test}}}
          then: [{{id: yes, tag: {{add: "yes"}}}}]
          else: [{{id: no, tag: {{add: "no"}}}}]
        """

    assert ["no"] == actions(a_walk(steps.format(test="senior")))
    assert ["no"] == actions(a_walk(steps.format(test="{is_not: senior}")))
    assert ["yes"] == actions(a_walk(steps.format(test="{is_not: senior}"), candidate={"seniority": "junior"}))


def test_stop_unless_stops_when_nothing_is_known() -> None:
    """An ATS that answers nothing stops the walk instead of mailing."""
    calendar = a_walk(
        """
        - {id: look, ats: {read: application}, as: app}
        - {id: guard, stop: back in a process, unless: {app.status: rejected}}
        - {id: hello, send: hello}
        """,
        mocks={"look": {}},
    )

    assert [] == mails(calendar)
    assert calendar.ends == "back in a process"


def test_what_the_ats_said_can_be_asked() -> None:
    """`as:` names what was read."""
    calendar = a_walk(
        """
        - {id: look, ats: {read: application}, as: app}
        - {id: guard, stop: active again, if: {app.status: active}}
        - {id: hello, send: hello}
        """,
        mocks={"look": {"status": "rejected"}},
    )

    assert ["day 0 10:00 hello"] == mails(calendar)


def test_effects_change_what_later_conditions_see() -> None:
    """Points that a step gives count at the next question."""
    calendar = a_walk(
        """
        - {id: plus, score: {add: 30}}
        - {id: minus, score: {subtract: 5}}
        - {id: in, pool: {add: warm}}
        - id: hot
          if: {candidate.score: {at_least: 25}, candidate.pools: {include: warm}}
          then: [{id: mark, tag: {add: hot}}]
        """
    )

    assert ["plus", "minus", "in", "mark"] == actions(calendar)
    assert (25, ["warm"], ["hot"]) == tuple(calendar.time.world.candidate[key] for key in ("score", "pools", "tags"))


def test_a_failing_webhook_is_tried_for_two_days_and_then_held() -> None:
    """Nobody is skipped silently: the owner is told, and the walk stands still."""
    calendar = a_walk("[{id: call, webhook: {to: desk}}, {id: hello, send: hello}]", mocks={"call": {"fails": True}})

    assert [] == mails(calendar)
    assert calendar.waiting_at == "call"
    [hold] = calendar.time.world.holds
    assert calendar.scenario.start.day_number(hold.at) == 2


def test_if_fails_decides_what_a_failure_means() -> None:
    """`go_on` goes on, `stop` ends, `retry_for` tries that long first."""
    steps = "[{{id: call, webhook: {{to: desk}}, if_fails: {if_fails}}}, {{id: hello, send: hello}}]"
    fails = {"call": {"fails": True}}

    goes_on = a_walk(steps.format(if_fails="go_on"), mocks=fails)
    stops = a_walk(steps.format(if_fails="stop"), mocks=fails)
    later = a_walk(steps.format(if_fails="{retry_for: 3 hours, then: go_on}"), mocks=fails)

    assert ["day 0 10:00 hello"] == mails(goes_on)
    assert ([], "failed: call") == (mails(stops), stops.ends)
    assert ["day 0 13:00 hello"] == mails(later)


def test_an_exit_holds_while_a_step_is_retried() -> None:
    """Retrying is waiting, and a reply ends every wait."""
    calendar = a_walk(
        "[{id: call, webhook: {to: desk}}]",
        mocks={"call": {"fails": True}},
        exit_on=[{"applied": "any"}],
        when=[{"day 1": "applied"}],
    )

    assert calendar.ends == "applied"


def test_a_mail_that_fails_stops_the_walk_unless_it_may_go_on() -> None:
    """The default for mails is to stop."""
    steps = "[{{id: hello, send: hello{extra}}}, {{id: again, send: again}}]"
    fails = {"hello": {"fails": True}}

    stops = a_walk(steps.format(extra=""), mocks=fails)
    goes_on = a_walk(steps.format(extra=", if_fails: go_on"), mocks=fails)

    assert ([], "failed: hello") == (mails(stops), stops.ends)
    assert ["day 2 10:00 again"] == mails(goes_on)


def test_a_split_can_be_forced_in_a_test() -> None:
    """A test says which variant it is about."""
    steps = """
        - id: test
          split:
            short: {share: 50%, do: [{id: a, send: a}]}
            long: {share: 50%, do: [{id: b, send: b}]}
        """

    assert ["day 0 10:00 a"] == mails(a_walk(steps, variants={"test": "short"}))
    assert ["day 0 10:00 b"] == mails(a_walk(steps, variants={"test": "long"}))


@given(st.text(), st.text())
def test_the_lot_of_a_person_never_changes(enrollment: str, step: str) -> None:
    """Whoever asks, and how often: the same variant."""
    shares = (("a", 30), ("b", 70))

    assert draw(enrollment, step, shares) == draw(enrollment, step, shares)


def test_lots_keep_their_shares() -> None:
    """Thirty percent are thirty percent, give or take."""
    lots = [draw(f"flow/c_{number}/1", "test", (("a", 30), ("b", 70))) for number in range(MANY_LOTS)]

    # Five standard deviations of a binomial(4000, 0.3) are 145.
    assert abs(lots.count("a") - 1200) < 145


def test_a_mail_event_before_its_mail_is_a_mistake_of_the_test() -> None:
    """A test that clicks a mail that was not sent says so instead of passing."""
    calendar = a_walk("[{id: week, wait: 7 days}, {id: hello, send: hello}]", when=[{"day 3": {"clicked": "hello"}}])

    assert ((0, "clicked: hello has not been sent by then"),) == calendar.wrong
