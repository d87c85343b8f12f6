"""Pools, tags and scores change once per cause, and the change is heard like everything else that happens."""

from datetime import timedelta

from sqlalchemy import select

from rapport.store import candidates, enrollments
from rapport.store.database import Store
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score
from tests.unit.store.worlds import MONDAY, WELCOME, a_person, published
from tests.unit.usecases.ana import CLOCK, told

HOT = """
purpose: nurture
start: {when: [{score_reached: 40}, {tagged: vip}]}
exit: [{score_reached: 60}, {rejected: any}]
steps: [{id: hello, send: welcome}]
"""


async def test_a_start_that_is_refused_is_recorded(store: Store) -> None:
    """Why somebody in the pool got no welcome can be looked up."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, consent=())
        taken = await change_pool(
            tx, CLOCK, "c_ana", how="add", pool="engineering", cause=Cause(text="recruiter", at=MONDAY)
        )
        refusal = await tx.scalar(select(RefusalRow))

    assert taken is not None
    assert taken.started == ()
    assert refusal is not None
    assert ("no_consent", f"added_to_pool {taken.id}") == (refusal.reason, refusal.cause)


async def test_pools_tags_and_scores_change_once_and_are_heard(store: Store) -> None:
    """A pool starts, a tag starts, a rising score starts and ends; a retry of the same effect does nothing."""
    await published(store, welcome=WELCOME, hot=HOT)
    cause = Cause(text="welcome/c_ana/1/warm", at=MONDAY, shift=60.0)
    async with store.write() as tx:
        await a_person(tx)
        joined = await change_pool(tx, CLOCK, "c_ana", how="add", pool="engineering", cause=cause)
        again = await change_pool(tx, CLOCK, "c_ana", how="add", pool="engineering", cause=cause)
        low = await change_score(tx, CLOCK, "c_ana", how="add", points=39, cause=cause)
        retried = await change_score(tx, CLOCK, "c_ana", how="add", points=39, cause=cause)
        hot = await change_score(tx, CLOCK, "c_ana", how="add", points=1, cause=Cause(text="b", at=MONDAY))
        fell = await change_score(tx, CLOCK, "c_ana", how="subtract", points=9, cause=Cause(text="c", at=MONDAY))
        top = await change_score(tx, CLOCK, "c_ana", how="set", points=60, cause=Cause(text="d", at=MONDAY))
        score = (await candidates.get(tx, "c_ana")).score
        heard = await told(tx, "hot/c_ana/1")
        shift = (await enrollments.get(tx, "welcome/c_ana/1")).shift_seconds

    assert joined is not None
    assert low is not None
    assert hot is not None
    assert top is not None
    assert [("welcome/c_ana/1",), (), ("hot/c_ana/1",), ()] == [
        joined.started,
        low.started,
        hot.started,
        top.started,
    ]
    assert (again, retried, fell) == (None, None, None)
    assert (60, [{"kind": "score_reached", "detail": {"score": "60"}}], 60.0) == (score, heard, shift)


async def test_a_pool_that_expires_is_left(store: Store) -> None:
    """After its time in the pool, a person may come in anew."""
    await published(store, welcome=WELCOME)
    later = MONDAY + timedelta(days=31)
    async with store.write() as tx:
        await a_person(tx)
        await change_pool(tx, CLOCK, "c_ana", how="add", pool="warm", cause=Cause(text="a", at=MONDAY))
        pools = [await candidates.pools_of(tx, "c_ana", at) for at in (MONDAY, later)]
        again = await change_pool(tx, CLOCK, "c_ana", how="add", pool="warm", cause=Cause(text="b", at=later))
        gone = await change_pool(tx, CLOCK, "c_ana", how="remove", pool="warm", cause=Cause(text="c", at=later))
        nothing = await change_pool(tx, CLOCK, "c_ana", how="remove", pool="warm", cause=Cause(text="d", at=later))

    assert [["warm"], []] == pools
    assert (True, True, None) == (again is not None, gone is not None, nothing)
