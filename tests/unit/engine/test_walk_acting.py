"""Deciding and acting: conditions, lots, effects, failures and holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.engine.happening import Happening
from rapport.engine.lot import draw
from rapport.engine.runtime import Outcome
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.engine.state import End
from rapport.engine.virtual import VirtualTime
from rapport.engine.world import World
from tests.builders import MONDAY, a_plan, a_project, a_walk, actions, mails

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


class Hasty(World):
    """A world in which a store is ahead of the walk, once: it asks the walk to wait, or to hear first."""

    heard: tuple[Happening, ...] = ()
    asked: int = 0

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Not yet."""
        self.asked += 1
        if self.asked > 1:
            return await super().act(enrollment, steps, at=at)
        return Outcome(status="hold", until=at + timedelta(minutes=1), reason="on its way", heard=self.heard)


def a_hasty_walk(steps: str, *heard: Happening) -> VirtualTime:
    """Walk a day in that world."""
    plan = a_plan(steps, exit=[{"replied": "any"}])
    scenario = Scenario(plan=plan, project=a_project(), start=Start.parse(MONDAY), tree={})
    usual = scenario.world()
    world = Hasty(project=usual.project, candidate=usual.candidate, consents=usual.consents)
    world.heard = heard
    time = VirtualTime(world=world, now=scenario.start.instant)
    time.begin(plan, scenario.state())
    time.run_to_end(scenario.start.instant + timedelta(days=1))
    return time


@pytest.mark.parametrize(
    "steps", ["[{id: a, tag: {add: x}}, {id: b, tag: {add: y}}]", "[{id: a, webhook: {to: desk}}]"]
)
def test_an_effect_that_has_to_wait_is_done_later_and_once(steps: str) -> None:
    """When the store says that something must be heard first and nothing comes, the effect is done a minute later."""
    time = a_hasty_walk(steps)
    begins = Start.parse(MONDAY).instant

    assert {begins + timedelta(minutes=1)} == {done.at for done in time.world.actions}
    assert ["a", "b"][: len(time.world.actions)] == [done.step for done in time.world.actions]
    assert time.idle


def test_an_effect_behind_an_end_is_not_done_and_not_passed() -> None:
    """The news that comes with the answer ends the walk at once, and no calendar says that the tag was set."""
    at = Start.parse(MONDAY).instant
    time = a_hasty_walk("[{id: a, tag: {add: x}}]", Happening(id="r", kind="replied", at=at))
    [enrolled] = time.world.enrollments.values()

    assert [] == time.world.actions
    assert End("replied", at) == enrolled.end
    assert () == enrolled.path


def test_a_membership_lapses_and_begins_anew() -> None:
    """Thirty days in a pool are over on day 40, and who is put into it again has joined it again."""
    project = a_project("pools: {warm: {title: Warm, expires_after: 30 days}}")
    calendar = a_walk(
        """
        - {id: in, pool: {add: warm}}
        - {id: wait, wait: 40 days}
        - {id: still, stop: still warm, if: {candidate.pools: warm}}
        - {id: anew, pool: {add: warm}}
        - {id: more, wait: 20 days}
        - {id: again, stop: warm again, if: {candidate.pools: warm}}
        """,
        project=project,
    )

    assert "warm again" == calendar.ends
