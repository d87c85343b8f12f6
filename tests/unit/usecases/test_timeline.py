"""The timeline: causes stand before what they caused, also within one instant; and refusals are told."""

import pytest

from rapport.engine.state import End
from rapport.errors import Refused
from rapport.ports import Delivery
from rapport.store import enrollments
from rapport.store.database import Store
from rapport.usecases.enroll import enroll_now
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.timeline import refusals, timeline
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, a_desk, a_receiver, a_walk
from tests.unit.usecases.test_send import move_to

STEPS = """
  - {id: hello, send: welcome}
  - id: warm
    if: {candidate.country: DE}
    then: [{id: zeal, score: {add: 5}}, {id: mark, tag: {add: warm}}, {id: again, send: again}]
"""


async def texts(store: Store, walk: str) -> list[str]:
    """The lines, as `step text`."""
    async with store.read() as tx:
        return [f"{entry.step or '-'} {entry.text}" for entry in await timeline(tx, walk)]


async def test_one_instant_is_told_in_the_order_of_cause_and_effect(store: Store, clock: StandingClock) -> None:
    """Everything on Monday at nine: the mail before its click, the tag before word of it, the reply before the end."""
    walk = await a_walk(store, clock, STEPS, head="exit: [{replied: any}, {tagged: warm}]")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.send(walk, "hello", at=MONDAY)
    await desk.decide(walk, "warm", at=MONDAY)
    await desk.act(walk, ["zeal", "mark"], at=MONDAY)
    await desk.send(walk, "again", at=MONDAY)
    async with store.write() as tx:
        for kind, step in (("clicked", "hello"), ("replied", None)):
            await take_in(
                tx,
                clock,
                Incoming(dedupe_key=kind, kind=kind, candidate="c_ana", enrollment=walk, step=step, at=MONDAY),
            )
    await desk.finish(walk, End("replied", MONDAY), [])

    assert [
        "- enrolled in flow: test",
        "- replied",
        "hello welcome: accepted",
        "hello clicked",
        "warm yes",
        "zeal score: done",
        "mark tag: done",
        "- tagged warm",
        "- ended: replied",
        "- sequence ended flow",
    ] == [line for line in await texts(store, walk) if not line.startswith("again")]


async def test_a_bounce_stands_behind_its_mail(store: Store, clock: StandingClock) -> None:
    """First the mail was refused, then it was a bounce, and that was the end."""
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome}\n")
    await move_to(store, "nobody@people.test")
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    async with store.write() as tx:
        await enrollments.end(tx, walk, name="bounced", at=MONDAY, path=[])

    heads = [line.partition(" (")[0] for line in await texts(store, walk)]
    assert ["- enrolled in flow: test", "hello welcome: refused", "hello bounced", "- ended: bounced"] == heads


async def test_every_refusal_says_what_asked_and_why(store: Store, clock: StandingClock) -> None:
    """Nobody has to guess why a person is not in a sequence."""
    await a_walk(store, clock, "  - {id: hello, send: welcome}\n")
    for sequence in ("flow", "nowhere"):
        with pytest.raises(Refused):
            await enroll_now(store, clock, sequence=sequence, candidate="c_ana", cause="api: desk")
    async with store.read() as tx:
        entries = await refusals(tx, "c_ana")

    assert [
        "not enrolled (already_enrolled, api: desk): The sequence 'flow' is being walked by this person.",
        "not enrolled (not_published, api: desk): The sequence 'nowhere' has no published version.",
    ] == [entry.text for entry in entries]
