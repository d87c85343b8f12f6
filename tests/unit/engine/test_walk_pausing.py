"""Pausing, and going on afterwards: nobody is lost, and not everybody gets their mail in the same second."""

from datetime import datetime, timedelta
from typing import Any

from rapport.engine.happening import Happening
from rapport.engine.lot import turn
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.engine.virtual import VirtualTime
from tests.builders import MONDAY, a_plan, a_project

STEPS = """
    - {id: hello, send: hello}
    - {id: week, wait: 7 days}
    - {id: again, send: again}
"""
WINDOW = {"from": "talent-team", "send_between": "office-hours"}
DAY = timedelta(days=1)


class Paused:
    """A walk that is paused on day 1, and what happens to it then."""

    def __init__(self, steps: str = STEPS, candidate: str = "c_ana", **keys: Any) -> None:
        self.scenario = Scenario(
            plan=a_plan(steps, **keys),
            project=a_project(),
            start=Start.parse(MONDAY),
            tree={"candidate": {"id": candidate}},
        )
        self.begins = self.scenario.start.instant
        self.time = VirtualTime(world=self.scenario.world(), now=self.begins)
        self.time.begin(self.scenario.plan, self.scenario.state())
        self.time.go_to(self.begins)
        self.say("paused", self.begins + DAY)

    def say(self, kind: str, at: datetime, step: str | None = None) -> None:
        """Let the walk hear it, at its instant."""
        self.time.go_to(at)
        self.time.tell(Happening(id=f"{kind}/{at}", kind=kind, at=at, step=step))
        self.time.go_to(at)

    def to_the_end(self) -> list[tuple[str, datetime]]:
        """Every mail with its instant, once nothing wakes the walk any more."""
        self.time.run_to_end(self.begins + 60 * DAY)
        return [(mail.what, mail.at) for mail in self.time.world.mails]

    @property
    def turn(self) -> timedelta:
        """How long after a resume it is this walk's turn."""
        return turn(self.scenario.enrollment)


def test_what_a_pause_made_late_takes_its_turn_after_the_resume() -> None:
    """A mail of day 7, resumed on day 9: it goes a few minutes later, and those of others at other minutes."""
    walk = Paused()

    walk.say("resumed", walk.begins + 9 * DAY)

    assert timedelta(0) < walk.turn < timedelta(minutes=15)
    assert [("hello", walk.begins), ("again", walk.begins + 9 * DAY + walk.turn)] == walk.to_the_end()


def test_what_is_not_late_keeps_its_time() -> None:
    """Resumed on day 3, the mail of day 7 goes on day 7 as planned."""
    walk = Paused()

    walk.say("resumed", walk.begins + 3 * DAY)

    assert ("again", walk.begins + 7 * DAY) == walk.to_the_end()[-1]


def test_nothing_leaves_without_a_resume() -> None:
    """A pause has no end of its own."""
    assert ["hello"] == [what for what, _ in Paused().to_the_end()]


def test_a_second_pause_while_waiting_for_the_turn_holds_again() -> None:
    """Paused again before its turn came, a walk stands still until it is resumed again."""
    walk = Paused()
    walk.say("resumed", walk.begins + 9 * DAY)
    walk.say("paused", walk.begins + 9 * DAY + walk.turn / 2)

    walk.say("resumed", walk.begins + 20 * DAY)

    assert ("again", walk.begins + 20 * DAY + walk.turn) == walk.to_the_end()[-1]


def test_a_reply_while_waiting_for_the_turn_ends_the_walk() -> None:
    """Exits hold at every moment, and this is one."""
    walk = Paused(exit=[{"replied": "any"}])
    walk.say("resumed", walk.begins + 9 * DAY)

    walk.say("replied", walk.begins + 9 * DAY + walk.turn / 2)

    assert ["hello"] == [what for what, _ in walk.to_the_end()]
    end = walk.time.world.enrollments[walk.scenario.enrollment].end
    assert end is not None
    assert "replied" == end.name


def test_a_late_mail_still_waits_for_its_window() -> None:
    """Resumed in the night, a late mail goes when the office opens, and not at the minute of its turn."""
    walk = Paused(defaults=WINDOW)

    walk.say("resumed", walk.begins + 9 * DAY + timedelta(hours=14))

    assert ("again", walk.begins + 10 * DAY - timedelta(hours=1)) == walk.to_the_end()[-1]


def test_a_click_during_a_pause_is_answered_in_turn() -> None:
    """What was heard during the pause counts, and its answer is spread like everything else."""
    steps = """
        - {id: hello, send: hello}
        - {id: read, wait_for: {clicked: hello}, within: 7 days, then: [{id: thanks, send: thanks}]}
    """
    walk = Paused(steps)
    walk.say("clicked", walk.begins + 2 * DAY, step="hello")

    walk.say("resumed", walk.begins + 3 * DAY)

    assert ("thanks", walk.begins + 3 * DAY + walk.turn) == walk.to_the_end()[-1]


def test_a_walk_that_missed_nothing_answers_at_once() -> None:
    """Nothing was late at the resume: a click a minute afterwards is answered in that minute."""
    steps = """
        - {id: hello, send: hello}
        - {id: read, wait_for: {clicked: hello}, within: 7 days, then: [{id: thanks, send: thanks}]}
    """
    walk = Paused(steps)
    walk.say("resumed", walk.begins + 3 * DAY)

    walk.say("clicked", walk.begins + 3 * DAY + walk.turn / 2, step="hello")

    assert ("thanks", walk.begins + 3 * DAY + walk.turn / 2) == walk.to_the_end()[-1]


def test_turns_are_spread_evenly() -> None:
    """A thousand resumed walks: no second of the quarter of an hour gets a crowd."""
    turns = [turn(f"flow/c_{number}/1") for number in range(1_000)]

    minutes = [int(one.total_seconds()) // 60 for one in turns]
    # Five standard deviations of a binomial(1000, 1/15) are 40.
    assert all(abs(minutes.count(minute) - 1_000 / 15) < 40 for minute in range(15))
    assert turns == [turn(f"flow/c_{number}/1") for number in range(1_000)]
