"""How long a walk keeps trying, and that it listens to what the other side asks for."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.dsl.duration import Duration
from rapport.engine.happening import Happening
from rapport.engine.patience import next_try
from rapport.engine.runtime import Outcome
from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.engine.state import WalkState
from rapport.engine.virtual import VirtualTime
from rapport.engine.world import World
from tests.builders import MONDAY, a_plan, a_project
from tests.unit.engine.situations import utc

NOW = utc("2026-03-02 10:00")
TWO_DAYS = Duration.parse("2 days")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        (None, 5 * MINUTE),
        (MINUTE, 5 * MINUTE),
        (20 * MINUTE, 20 * MINUTE),
        (47 * HOUR, 47 * HOUR),
        (49 * HOUR, None),
    ],
)
def test_nobody_is_asked_sooner_than_they_want(asked: timedelta | None, again: timedelta | None) -> None:
    """Try again in 20 minutes means 20 minutes; in a month means that it is over now."""
    not_before = NOW + asked if asked else None

    found = next_try(TWO_DAYS, attempts=2, since=NOW, now=NOW, not_before=not_before)

    assert (NOW + again if again else None) == found


@given(st.integers(1, 50), st.integers(0, 60 * 24 * 3), st.one_of(st.none(), st.integers(0, 60 * 24 * 4)))
def test_a_next_try_is_later_and_within_patience(attempts: int, passed: int, asked: int | None) -> None:
    """Whatever the other side asks for, a walk never spins and never tries after its patience."""
    now = NOW + passed * MINUTE
    not_before = None if asked is None else now + asked * MINUTE

    again = next_try(TWO_DAYS, attempts=attempts, since=NOW, now=now, not_before=not_before)

    if again is not None:
        assert now < again <= NOW + 48 * HOUR
        assert not_before is None or not_before <= again


def test_a_mail_that_cannot_be_sent_is_held_until_a_person_decides() -> None:
    """`if_fails` works for mails as for calls: three hours of trying, a hold, a retry that fails, a skip."""
    steps = "[{id: hello, send: hello, if_fails: {retry_for: 3 hours, then: hold}}, {id: again, send: again}]"
    scenario = Scenario(
        plan=a_plan(steps),
        project=a_project(),
        start=Start.parse(MONDAY),
        tree={"mocks": {"hello": {"fails": True}}},
    )
    begins = scenario.start.instant
    time = VirtualTime(world=scenario.world(), now=begins)
    time.begin(scenario.plan, scenario.state())
    for kind, hours in (("retried", 5), ("skipped", 9)):
        time.run_to_end(begins + hours * HOUR)
        time.now = begins + hours * HOUR
        time.tell(Happening(id=kind, kind=kind, at=time.now))
    time.run_to_end(begins + 48 * HOUR)

    assert [begins + 3 * HOUR, begins + 8 * HOUR] == [hold.at for hold in time.world.holds]
    assert [("again", begins + 9 * HOUR)] == [(mail.what, mail.at) for mail in time.world.mails]


class QuickOwner(World):
    """A world whose owner answers a hold before the walk knows that its question has arrived."""

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> None:
        """Note it, and answer at once."""
        await super().hold(enrollment, step, reason, at=at)
        self.tell(Happening(id="skip", kind="skipped", at=at), "nobody")


def test_whoever_answers_a_hold_at_once_is_heard() -> None:
    """An answer that overtakes the news of its question is not lost: the walk goes on."""
    fails = {"mocks": {"call": {"fails": True}}}
    plan = a_plan("[{id: call, webhook: {to: desk}, if_fails: hold}]")
    scenario = Scenario(plan=plan, project=a_project(), start=Start.parse(MONDAY), tree=fails)
    usual = scenario.world()
    world = QuickOwner(project=usual.project, candidate=usual.candidate, consents=usual.consents, mocks=usual.mocks)
    time = VirtualTime(world=world, now=scenario.start.instant)
    time.begin(plan, scenario.state())
    time.run_to_end(scenario.start.instant + HOUR)

    assert time.idle


class BusyOnce(World):
    """A world whose mail server asks for another try the first time."""

    busy = True

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Be busy, then send."""
        self.busy, was_busy = False, self.busy
        return Outcome(status="retry", reason="busy") if was_busy else await super().send(enrollment, step, at=at)


def test_a_mail_that_was_held_has_all_of_its_patience_left() -> None:
    """Held from Friday evening until Monday, and the server is busy on Monday at nine: it goes a minute later."""
    plan = a_plan("[{id: hello, send: hello, send_between: office-hours}]")
    friday = Start.parse("2026-03-06 18:00 Europe/Berlin")
    usual = Scenario(plan=plan, project=a_project(), start=friday, tree={}).world()
    world = BusyOnce(project=usual.project, candidate=usual.candidate, consents=usual.consents)
    time = VirtualTime(world=world, now=friday.instant)
    time.begin(plan, WalkState.begin("flow/c_ana/1", friday.instant))

    time.run_to_end(friday.instant + 14 * 24 * HOUR)

    assert [("hello", friday.moment("day 3 09:01"))] == [(mail.what, mail.at) for mail in world.mails]
