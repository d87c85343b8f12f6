"""A person's own pause, walked: mails wait for its end, or for the moment in which the person ends it."""

from datetime import datetime, timedelta

from rapport.engine.happening import Happening
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.engine.virtual import VirtualTime
from tests.builders import MONDAY, a_plan, a_project

STEPS = """
    - {id: week, wait: 7 days}
    - {id: hello, send: hello}
    - {id: more, wait: 2 days}
    - {id: again, send: again}
"""
DAY = timedelta(days=1)


def walked(*, ended_after: timedelta | None) -> list[timedelta]:
    """When the mails go, counted from the start, of a walk whose person pauses for 92 days at its beginning."""
    scenario = Scenario(
        plan=a_plan(STEPS), project=a_project(), start=Start.parse(MONDAY), tree={"candidate": {"id": "c_ana"}}
    )
    begins = scenario.start.instant
    world = scenario.world()
    world.paused_until = begins + 92 * DAY
    time = VirtualTime(world=world, now=begins)
    time.begin(scenario.plan, scenario.state())
    time.go_to(begins)
    if ended_after is not None:
        _end_pause(time, begins + ended_after)
    time.run_to_end(begins + 200 * DAY)
    return [mail.at - begins for mail in world.mails]


def _end_pause(time: VirtualTime, at: datetime) -> None:
    time.run_to_end(at)
    time.go_to(at)
    time.world.paused_until = None
    time.tell(Happening(id="resumed", kind="mails_resumed", at=at))
    time.go_to(at)


def test_mails_wait_for_the_end_of_the_pause_and_later_waits_count_from_the_real_send() -> None:
    """Nothing comes for three months, and then one mail after the other, not all at once."""
    assert [92 * DAY, 94 * DAY] == walked(ended_after=None)


def test_ending_the_pause_frees_the_mail_at_once() -> None:
    """Who wants mails again does not wait for the day that was named."""
    assert [30 * DAY, 32 * DAY] == walked(ended_after=30 * DAY)


def test_a_pause_that_ends_before_the_mail_is_due_moves_nothing() -> None:
    """Waits go on during a pause; only mails are held."""
    assert [7 * DAY, 9 * DAY] == walked(ended_after=3 * DAY)
