"""Points fade where project.yaml says so: conditions, segments and events see what is left of them."""

import pytest
from sqlalchemy import event, select

from rapport.store import candidates, deliveries
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_score
from rapport.usecases.enroll import enroll
from rapport.usecases.merge import merge_people
from rapport.usecases.publish import publish
from rapport.usecases.scores import score_of
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import situation_of_person
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, a_person, a_publication

WEEK = 7 * DAY
CONSENT = "consent: {purposes: {service: {title: Service mails, consent: not_needed}}}\n"
HOT = "pools: {hot: {title: Hot, members: {candidate.score: {at_least: 20}}}}\n"
FADES = "score: {half_life: 1 week}\n"
# As many as before scores could fade.
_STATEMENTS_OF_A_RISE = 9
WAITS = "purpose: service\nexit: [{removed_from_pool: hot}]\nsteps: [{id: hello, send: welcome}]"


async def live(store: Store, project: str, clock: StandingClock) -> None:
    """Publish a project and let the worker do what that leaves to do."""
    await publish(store, a_publication({"waits": WAITS}, project=project), commit="c0ffee", at=clock.now())
    await SegmentKeeper(store, clock).drain()


async def scored(
    store: Store, clock: StandingClock, points: int, who: str = "c_ana", cause: str = "", how: str = "add"
) -> None:
    """Points come, now."""
    async with store.write() as tx:
        why = Cause(text=cause or f"at {clock.now()}", at=clock.now())
        await change_score(tx, clock, who, how=how, points=points, cause=why)  # type: ignore[arg-type]


async def someone(store: Store, *names: str) -> None:
    """People without a score."""
    async with store.write() as tx:
        for name in names or ("c_ana",):
            await a_person(tx, name)


async def points_of(tx: Tx, clock: StandingClock, who: str = "c_ana") -> int:
    """The score that everybody sees now."""
    return await score_of(tx, await candidates.get(tx, who), clock.now())


async def test_a_rise_is_announced_with_what_is_left_of_the_points(store: Store, clock: StandingClock) -> None:
    """Forty points are twenty after a week; ten more make thirty, and that is what is heard and written down."""
    await live(store, CONSENT + FADES, clock)
    await someone(store)
    await scored(store, clock, 40)
    clock.at += WEEK
    await scored(store, clock, 10, cause="again")
    await scored(store, clock, 10, cause="again")

    async with store.read() as tx:
        heard = await tx.scalars(select(HappeningRow).where(HappeningRow.kind == "score_reached"))
        ledger = [(row.before, row.after) for row in await tx.scalars(select(ScoreEntryRow).order_by(ScoreEntryRow.id))]
        assert ["30", "40"] == sorted(row.detail["score"] for row in heard)
        assert ([(0, 40), (20, 30)], 30) == (ledger, await points_of(tx, clock))
        clock.at += WEEK
        person, project = await candidates.get(tx, "c_ana"), await live_project(tx)
        seen = await situation_of_person(tx, person, project, purpose="service", at=clock.now())
        assert (15, 15) == (seen.candidate["score"], await points_of(tx, clock))


async def test_who_cools_down_leaves_the_segment_at_that_instant(store: Store, clock: StandingClock) -> None:
    """Nothing happens to them but time: the worker lets them go, and their walk hears when it was."""
    await live(store, CONSENT + HOT + FADES, clock)
    await someone(store)
    await scored(store, clock, 40)
    async with store.write() as tx:
        await enroll(tx, clock, sequence="waits", candidate="c_ana", at=clock.now(), cause="test")
    clock.at = MONDAY + WEEK
    await SegmentKeeper(store, clock).drain()
    async with store.read() as tx:
        still = await candidates.pools_of(tx, "c_ana", clock.now())
    clock.at = MONDAY + 30 * DAY  # the worker was away
    await SegmentKeeper(store, clock).drain()

    async with store.read() as tx:
        [left] = await tx.scalars(select(HappeningRow).where(HappeningRow.kind == "removed_from_pool"))
        told = [row.payload.get("kind") for row in await deliveries.undispatched(tx, candidate="c_ana")]
        assert (["hot"], []) == (still, await candidates.pools_of(tx, "c_ana", clock.now()))
        assert "removed_from_pool" == told[-1]
        assert 7.25 < (left.at - MONDAY) / DAY < 7.26  # when 40 points have become less than 19.5


async def test_a_half_life_counts_from_the_last_change(store: Store, clock: StandingClock) -> None:
    """Publishing one lets old points fade at once and moves people; taking it back brings nothing back that is gone."""
    await live(store, CONSENT + HOT, clock)
    await someone(store)
    await scored(store, clock, 40)
    clock.at += 2 * WEEK
    async with store.read() as tx:
        before = await points_of(tx, clock)
    await live(store, CONSENT + HOT + FADES, clock)
    async with store.read() as tx:
        faded = await points_of(tx, clock)
        left = await candidates.pools_of(tx, "c_ana", clock.now())
    await scored(store, clock, 1)
    await live(store, CONSENT + HOT, clock)
    clock.at += WEEK

    async with store.read() as tx:
        assert (40, 10, [], 11) == (before, faded, left, await points_of(tx, clock))


async def test_news_that_comes_late_takes_its_place_in_the_order_of_what_happened(
    store: Store, clock: StandingClock
) -> None:
    """A `set` that is told late does not undo what came after it, and what was before a `set` changes nothing."""
    await live(store, CONSENT, clock)
    await someone(store, "c_ana", "c_ben")
    changes = {
        "c_ana": [("add", 3, -1), ("add", 5, 2), ("set", 10, 1), ("subtract", 1, 3)],
        "c_ben": [("set", 7, 2), ("set", 10, 1), ("add", 4, 1), ("add", 1, 3)],
    }
    async with store.write() as tx:
        for name, told in changes.items():
            for how, points, day in told:
                cause = Cause(text=f"{how} {points}", at=MONDAY + day * DAY)
                await change_score(tx, clock, name, how=how, points=points, cause=cause)  # type: ignore[arg-type]

        clock.at += WEEK
        assert [14, 8] == [await points_of(tx, clock, name) for name in changes]
        row = ScoreEntryRow
        ledger = await tx.scalars(select(row).where(row.candidate == "c_ben").order_by(row.id))
        assert [(0, 7), (7, 7), (7, 7), (7, 8)] == [(each.before, each.after) for each in ledger]


async def test_set_makes_it_exactly_that(store: Store, clock: StandingClock) -> None:
    """What had been counted before, and what rounding left over of it, is forgotten."""
    await live(store, CONSENT + FADES, clock)
    await someone(store)
    await scored(store, clock, 41)
    clock.at += WEEK
    await scored(store, clock, 8, how="set")
    clock.at += WEEK

    async with store.read() as tx:
        assert 4 == await points_of(tx, clock)


async def test_merged_people_have_what_is_left_of_both(store: Store, clock: StandingClock) -> None:
    """Points that are a week old do not become fresh by a merge."""
    await live(store, CONSENT + FADES, clock)
    await someone(store, "c_ana", "c_old")
    await scored(store, clock, 40, "c_old")
    clock.at += WEEK
    await scored(store, clock, 8)
    async with store.write() as tx:
        await merge_people(tx, clock, kept="c_ana", gone="c_old", cause=Cause(text="same", at=clock.now()))
    clock.at += WEEK

    async with store.read() as tx:
        gone = await tx.get_one(CandidateRow, "c_old")
        assert (14, 0, None) == (await points_of(tx, clock), gone.score, gone.score_at)


@pytest.mark.parametrize("project", [CONSENT, CONSENT + FADES])
async def test_fading_costs_no_statement(store: Store, clock: StandingClock, project: str) -> None:
    """A score is one row's, whatever its age: a change reads and writes as much as it did before scores could fade."""
    await live(store, project, clock)
    await someone(store)
    await scored(store, clock, 40)
    clock.at += WEEK
    statements: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *called: statements.append(called[2]))
    await scored(store, clock, 10)

    assert _STATEMENTS_OF_A_RISE == len(
        [one for one in statements if not one.startswith(("BEGIN", "SELECT set_config"))]
    )
