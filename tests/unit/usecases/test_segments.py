"""Segments fill themselves: whatever changes a person decides at once where they belong, and everybody hears of it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from rapport.store import candidates, consents, deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.segments import latest_recounts
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.segments import SegmentDueRow
from rapport.usecases.bulk_list import of_pool
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.publish import publish
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.usecases.segments import refresh, together
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, a_person, a_publication

PURPOSES = """
consent:
  purposes:
    nurture: {title: Mails, expires_after: 730 days}
    events: {title: Events}
    service: {title: Service mails, consent: not_needed}
"""
HOT = "  hot: {title: Hot, members: {candidate.score: {at_least: 20}}}\n"
SEGMENTS = f"""
pools:
  engineering: {{title: Engineering}}
  warm: {{title: Warm, expires_after: 30 days}}
{HOT}  hot-engineers:
    title: Hot engineers
    members: {{candidate.pools: {{include: hot}}, candidate.tags: {{include: engineer}}}}
  reachable: {{title: Reachable, members: {{candidate.consent: nurture}}}}
  lately: {{title: Lately, members: {{candidate.pools: {{include: warm}}}}}}
  nobody-yet: {{title: Not hired, members: {{none: [{{candidate.stage: hired}}]}}}}
{PURPOSES}"""
HELLO = "purpose: service\nstart: {when: {added_to_pool: hot}}\nsteps: [{id: hello, send: welcome}]"
WAITS = "purpose: service\nexit: [{removed_from_pool: hot}]\nsteps: [{id: hello, send: welcome}]"


async def live(store: Store, project: str = SEGMENTS, **flows: str) -> None:
    """Publish segments, and decide about everybody who is there."""
    await publish(store, a_publication(flows, project=project), commit="c0ffee", at=MONDAY - DAY)
    await SegmentKeeper(store, StandingClock()).drain()


def because(text: str, clock: StandingClock) -> Cause:
    """It happens now."""
    return Cause(text=text, at=clock.now())


async def heard(tx: Tx) -> Sequence[tuple[str, str]]:
    """Who joined and who left, in order."""
    rows = await tx.scalars(select(HappeningRow).where(HappeningRow.kind.like("%_pool")))
    found = sorted(rows, key=lambda row: (row.at, row.recorded_at, row.dedupe_key))
    return [(row.kind, row.detail["pool"]) for row in found]


async def test_a_score_lets_a_person_in_and_out_and_both_are_heard(store: Store, clock: StandingClock) -> None:
    """Twenty points begin the sequence that waits for the segment; losing them is heard as well."""
    await live(store, hello=HELLO)
    async with store.write() as tx:
        await a_person(tx, consent=())
        up = await change_score(tx, clock, "c_ana", how="add", points=20, cause=because("a", clock))
        inside = await candidates.pools_of(tx, "c_ana", clock.now())
        down = await change_score(tx, clock, "c_ana", how="subtract", points=1, cause=because("b", clock))

        assert up is not None
        assert down is not None
        assert (("hello/c_ana/1",), ["hot"]) == (up.started, inside)
        assert [("removed_from_pool", "hot")] == [(each.kind, each.detail["pool"]) for each in down.moved]
        assert [] == await candidates.pools_of(tx, "c_ana", clock.now())


async def test_leaving_a_segment_is_told_to_walks(store: Store, clock: StandingClock) -> None:
    """A sequence with `exit: removed_from_pool` ends for whom the condition no longer holds."""
    await live(store, waits=WAITS)
    async with store.write() as tx:
        await a_person(tx)
        await change_score(tx, clock, "c_ana", how="add", points=20, cause=because("a", clock))
        walk = await _enrolled(tx, clock)
        await change_score(tx, clock, "c_ana", how="set", points=0, cause=because("b", clock))
        told = [row.payload.get("kind") for row in await deliveries.undispatched(tx, candidate="c_ana")]

        assert ("waits/c_ana/1", "removed_from_pool") == (walk, told[-1])


async def _enrolled(tx: Tx, clock: StandingClock) -> str:
    return (await enroll(tx, clock, sequence="waits", candidate="c_ana", at=clock.now(), cause="test")).id


async def test_a_segment_may_ask_about_another_one(store: Store, clock: StandingClock) -> None:
    """Who becomes hot becomes a hot engineer at the same moment, and leaves both together."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx, consent=())
        await change_tag(tx, clock, "c_ana", how="add", tag="engineer", cause=because("a", clock))
        await change_score(tx, clock, "c_ana", how="set", points=30, cause=because("b", clock))
        inside = await candidates.pools_of(tx, "c_ana", clock.now())
        clock.at += DAY
        await change_tag(tx, clock, "c_ana", how="remove", tag="engineer", cause=because("c", clock))

        assert ["hot", "hot-engineers"] == inside
        assert ("removed_from_pool", "hot-engineers") == (await heard(tx))[-1]
        assert ["hot"] == await candidates.pools_of(tx, "c_ana", clock.now())


@pytest.mark.parametrize("kind", ["unsubscribed", "consent_withdrawn", "complained", "bounced"])
async def test_who_may_not_be_written_to_leaves(store: Store, clock: StandingClock, kind: str) -> None:
    """A segment of people who agreed to mails loses whoever stops them, by whatever way."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx)
        await refresh(tx, clock, ["c_ana"], cause=because("import", clock))
        before = await candidates.pools_of(tx, "c_ana", clock.now())
        await take_in(tx, clock, Incoming(dedupe_key="1", kind=kind, candidate="c_ana", at=clock.now()))

        assert (["nobody-yet", "reachable"], ["nobody-yet"]) == (
            before,
            await candidates.pools_of(tx, "c_ana", clock.now()),
        )


async def test_news_from_the_ats_moves_people(store: Store, clock: StandingClock) -> None:
    """Somebody who is hired leaves the segment of those who are not."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx, consent=())
        await refresh(tx, clock, ["c_ana"], cause=because("import", clock))
        taken = await take_in(tx, clock, Incoming(dedupe_key="1", kind="hired", candidate="c_ana", at=clock.now()))

        assert [("removed_from_pool", {"pool": "nobody-yet"})] == [(each.kind, each.detail) for each in taken.moved]


async def test_the_erased_are_in_no_segment(store: Store, clock: StandingClock) -> None:
    """Not even in one whose condition holds for everybody of whom nothing is known."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx)
        await refresh(tx, clock, ["c_ana"], cause=because("import", clock))
        await take_in(tx, clock, Incoming(dedupe_key="1", kind="erased", candidate="c_ana", at=clock.now()))
        taken = await refresh(tx, clock, ["c_ana"], cause=because("again", clock))

        assert ((), []) == (taken, await candidates.pools_of(tx, "c_ana", clock.now()))
        assert [] == (await tx.scalars(select(SegmentDueRow))).all()


async def test_time_takes_people_out(store: Store, clock: StandingClock) -> None:
    """Consent that runs out and a membership that lapses are noticed at their time, and by nobody before."""
    await live(store)
    keeper = SegmentKeeper(store, clock)
    async with store.write() as tx:
        await a_person(tx, consent=("nurture",))
        await refresh(tx, clock, ["c_ana"], cause=because("import", clock))
        await change_pool(tx, clock, "c_ana", how="add", pool="warm", cause=because("met", clock))
    looked = []
    for days in (29, 30, 31, 728, 729, 800):
        clock.at = MONDAY + timedelta(days=days)
        looked.append(await keeper.drain())
    async with store.read() as tx:
        news = [item for item in await heard(tx) if item[0] == "removed_from_pool"]

    assert ([0, 1, 0, 0, 1, 0], [("removed_from_pool", "lately"), ("removed_from_pool", "reachable")]) == (looked, news)


async def test_a_new_meaning_is_worked_off_page_by_page(store: Store, clock: StandingClock) -> None:
    """Publishing another condition lets everybody be decided about, and a killed worker goes on where it stood."""
    names = [f"c_{number:03}" for number in range(250)]
    async with store.write() as tx:
        for number, name in enumerate(names):
            await a_person(tx, name, consent=(), score=number)
    await publish(store, a_publication({}, project=SEGMENTS), commit="1", at=MONDAY)
    first = await SegmentKeeper(store, clock).turn()
    async with store.read() as tx:
        asked = (await of_pool(tx, clock, "hot")).names
    rest = await SegmentKeeper(store, clock).drain()
    again = await publish(store, a_publication({}, project=SEGMENTS.replace("Hot,", "Warm,")), commit="2", at=MONDAY)
    async with store.read() as tx:
        [row] = await latest_recounts(tx, limit=9)
        members = (await of_pool(tx, clock, "hot")).names

    assert (100, 150, False) == (first, rest, again.recount)
    assert (names[20:], names[20:]) == (asked, members)
    assert (250, 230 + 250) == (row.people, row.moved)


async def test_nobody_can_be_put_into_a_segment(store: Store, clock: StandingClock) -> None:
    """A walk that was begun before a pool became a segment changes nothing about it, and goes on."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx, consent=())
        assert await change_pool(tx, clock, "c_ana", how="add", pool="hot", cause=because("a", clock)) is None
        assert [] == await candidates.pools_of(tx, "c_ana", clock.now())


async def test_much_at_once_is_decided_about_once(store: Store, clock: StandingClock) -> None:
    """An import that writes a person bit by bit lets nobody join and leave by half of a row."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx, consent=())
        async with together(tx, clock) as moved:
            await change_score(tx, clock, "c_ana", how="set", points=50, cause=because("a", clock))
            await change_score(tx, clock, "c_ana", how="set", points=5, cause=because("b", clock))
            await change_tag(tx, clock, "c_ana", how="add", tag="engineer", cause=because("a", clock))

        assert [] == moved


async def test_what_no_segment_asks_about_costs_nothing(store: Store, clock: StandingClock) -> None:
    """A change that no condition reads is one look at what is live, a second one none, and one that is read two."""
    await live(store, f"pools:\n{HOT}{PURPOSES}")
    statements: list[str] = []
    async with store.write() as tx:
        person = await a_person(tx, consent=())
        event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        counts = []
        for changed in ({"tags"}, {"city"}, {"score"}):
            await refresh(tx, clock, [person.id], cause=because("a", clock), changed=changed)
            counts.append(len(statements))

    assert [1, 1, 2] == counts


async def test_many_people_are_read_together(store: Store, clock: StandingClock) -> None:
    """An import of hundreds asks four questions, not four for each person."""
    await live(store)
    statements: list[str] = []
    async with store.write() as tx:
        names = [f"c_{number:03}" for number in range(60)]
        for name in names:
            await a_person(tx, name, consent=(), stage="hired")
        event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        await refresh(tx, clock, names, cause=because("import", clock))

    assert len(statements) <= 6


async def test_the_ledger_of_consent_opens_a_segment(store: Store, clock: StandingClock) -> None:
    """Whoever writes consent down calls `refresh`, and the person is in."""
    await live(store)
    async with store.write() as tx:
        await a_person(tx, consent=())
        await consents.record(
            tx,
            candidate="c_ana",
            purpose="nurture",
            state="granted",
            source="form",
            at=clock.now(),
            recorded_at=clock.now(),
        )
        moved = await refresh(tx, clock, ["c_ana"], cause=because("form", clock), changed={"consent"})

        assert [{"pool": "reachable"}] == [each.detail for each in moved]


async def test_walks_know_by_themselves(store: Store, clock: StandingClock) -> None:
    """Nobody is told twice: the outbox holds one start for the segment and one word for each walk."""
    await live(store, hello=HELLO, waits=WAITS)
    async with store.write() as tx:
        await a_person(tx)
        for _ in range(2):
            await change_score(tx, clock, "c_ana", how="add", points=20, cause=because("same", clock))

        assert ["hello"] == [row.sequence for row in await enrollments.walking(tx, "c_ana")]


async def test_a_keeper_that_fails_takes_nobody_along(store: Store, clock: StandingClock, caplog: Any) -> None:
    """One person whose segments cannot be decided is logged, and the worker's other work goes on."""
    await publish(store, a_publication({}, project=SEGMENTS), commit="1", at=MONDAY)
    stop = asyncio.Event()

    class Broken(SegmentKeeper):
        async def turn(self) -> int:
            stop.set()
            message = "a fault of ours"
            raise ValueError(message)

    await Broken(store, clock).run(stop)

    assert ["segments_away"] == [record.action for record in caplog.records if hasattr(record, "action")]
