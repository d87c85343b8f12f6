"""What the ATS said is asked again before a mail, when it was said more than ten minutes ago."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.engine.runtime import Outcome
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.ports import Delivery
from rapport.store.database import Store
from rapport.usecases.snapshot import situation
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, NoAts, a_desk, a_walk

STEPS = """  - {id: ask, ats: {read: application}, as: app}
  - {id: hello, send: welcome}
"""
POLICY = """
contact_policy: {never_between: null, quiet_after: {applied: forever_while_active}}
consent: {purposes: {nurture: {title: Mails}}}
"""
LATER = MONDAY + timedelta(minutes=11)
READ = ("read", "application", "c_ana")


async def _sent(store: Store, clock: StandingClock, ats: NoAts, *, at: Any = LATER, then: Any = None) -> Outcome:
    """The walk reads on Monday at nine; its mail is due later, when the ATS says `then`."""
    walk = await a_walk(store, clock, STEPS, project=POLICY, person={"consent": ("nurture",)})
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock, ats)
    await desk.act(walk, ["ask"], at=MONDAY)
    ats.answer = ats.answer if then is None else then
    clock.at = at
    return await desk.send(walk, "hello", at=at)


@pytest.mark.parametrize(
    ("minutes", "reads", "status"), [(10, 1, "done"), (11, 2, "skip")], ids=["young enough", "too old"]
)
async def test_an_old_answer_is_asked_for_again(
    store: Store, clock: StandingClock, minutes: int, reads: int, status: str
) -> None:
    """Somebody who is back in a process gets no mail, though nobody told us."""
    ats = NoAts(answer={"status": "rejected"})
    outcome = await _sent(store, clock, ats, at=MONDAY + timedelta(minutes=minutes), then={"status": "active"})

    assert ([READ] * reads, status) == (ats.calls, outcome.status)


async def test_who_is_still_out_gets_the_mail(store: Store, clock: StandingClock) -> None:
    """An answer that has not changed changes nothing."""
    assert "done" == (await _sent(store, clock, NoAts(answer={"status": "rejected"}))).status


async def test_a_hire_that_nobody_told_us_of_ends_the_walk(store: Store, clock: StandingClock) -> None:
    """Nobody who was hired gets a mail about open jobs."""
    outcome = await _sent(store, clock, NoAts(answer={"status": "rejected"}), then={"status": "hired", "id": "a1"})

    assert ("hold", ["hired"]) == (outcome.status, [one.kind for one in outcome.heard])


async def test_a_mail_waits_for_an_ats_that_is_away(store: Store, clock: StandingClock) -> None:
    """Rather later than wrong."""
    away = TemporaryFailure("The ATS does not answer.", hint="Wait.")
    outcome = await _sent(store, clock, NoAts(answer={"status": "rejected"}), then=away)

    assert ("retry", "The ATS does not answer.") == (outcome.status, outcome.reason)


async def test_an_ats_that_never_answers_stops_no_mail(store: Store, clock: StandingClock) -> None:
    """A connection that was taken out of the project cannot know more than we do."""
    gone = ConfigurationError("No ATS is connected.", hint="Add one.")

    assert "done" == (await _sent(store, clock, NoAts(answer={"status": "rejected"}), then=gone)).status


async def test_what_the_step_read_stays_as_it_was_read(store: Store, clock: StandingClock) -> None:
    """A condition behind the mail asks what the step has read, as in a test on the virtual clock."""
    await _sent(store, clock, NoAts(answer={"status": "rejected"}), then={"status": "archived"})
    async with store.read() as tx:
        known, _, _ = await situation(tx, "flow/c_ana/1", LATER)

    assert {"app": {"status": "rejected"}} == dict(known.reads)
    assert {"status": "archived"} == dict(known.ats)


async def test_a_walk_that_asks_no_ats_asks_none_before_its_mail(store: Store, clock: StandingClock) -> None:
    """Most mails need no ATS, and wait for none."""
    ats = NoAts(answer=TemporaryFailure("away", hint="Wait."))
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome}\n")
    outcome = await a_desk(store, Answering(Delivery(status="accepted")), clock, ats).send(walk, "hello", at=LATER)

    assert ("done", []) == (outcome.status, ats.calls)
