"""Intake: everything is stored once, changes what it must, and reaches those walks that listen."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.errors import BadInput, NotFound
from rapport.store import candidates, consents, deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.calendar import registered
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, FAIR, MONDAY, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
REPOOL = """
purpose: nurture
start: {when: {rejected: {stage: [onsite], reason: [headcount]}}}
steps: [{id: hello, send: welcome}]
"""
HOT = """
purpose: nurture
start: {when: [{score_reached: 40}, {tagged: vip}]}
exit: [{score_reached: 60}, {rejected: any}]
steps: [{id: hello, send: welcome}]
"""
FAIR_DETAIL = {"event": "fair-7", "type": "job-fair", "ends_at": "2026-03-12 17:00"}


async def happens(tx: Tx, kind: str, *, key: str = "", days: int = 0, **more: Any) -> Taken:
    """Something happens to Ana."""
    fields = {"dedupe_key": key or f"{kind}:{days}", "candidate": "c_ana", "at": MONDAY + days * DAY, **more}
    return await take_in(tx, CLOCK, Incoming(kind=kind, **fields))


async def walk(tx: Tx, sequence: str = "welcome", **more: Any) -> str:
    """Ana walks."""
    return (await enroll(tx, CLOCK, sequence=sequence, candidate="c_ana", at=MONDAY, cause="test", **more)).id


async def told(tx: Tx, enrollment: str) -> list[dict[str, Any]]:
    """What a walk will hear, without the ids."""
    rows = await deliveries.undispatched(tx, enrollment=enrollment)
    return [
        {key: value for key, value in row.payload.items() if key not in ("id", "at")}
        for row in rows
        if row.kind == "happening"
    ]


async def test_the_same_event_twice_is_one_event(store: Store) -> None:
    """A webhook that is delivered twice, at the same moment even, moves nothing twice."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await walk(tx)

    async def once() -> Taken:
        async with store.write() as tx:
            return await happens(tx, "applied", key="greenhouse:1")

    taken = await asyncio.gather(once(), once())

    assert sorted((each.new, each.deliveries) for each in taken) == [(False, 0), (True, 1)]
    async with store.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(HappeningRow)) == 1


async def test_a_walk_hears_only_what_it_listens_to_in_words_of_its_plan(store: Store) -> None:
    """A rejection's free text never leaves the store; a sequence that does not ask hears nothing."""
    await published(store, welcome=WELCOME, hot=HOT)
    async with store.write() as tx:
        await a_person(tx)
        welcome, hot = await walk(tx), await walk(tx, "hot")
        await happens(tx, "rejected", detail={"stage": "onsite", "reason": "Ana said she is ill", "application": "a1"})
        await happens(tx, "stage_changed_to", detail={"stage": "offer", "application": "a1"})

        assert [{"kind": "stage_changed_to", "detail": {"stage": "offer"}}] == await told(tx, welcome)
        assert [{"kind": "rejected"}] == await told(tx, hot)


async def test_a_click_reaches_the_walk_of_its_mail_and_a_reply_reaches_all(store: Store) -> None:
    """A click belongs to one mail; a reply to any mail is a reply of the person."""
    await published(store, welcome=WELCOME, hot=HOT.replace("{rejected: any}", "{replied: any}, {clicked: any}"))
    async with store.write() as tx:
        await a_person(tx)
        welcome, hot = await walk(tx), await walk(tx, "hot")
        for kind in ("clicked", "replied"):
            await happens(tx, kind, enrollment=welcome, step="hello", link="jobs")

        assert [
            {"kind": "clicked", "step": "hello", "link": "jobs"},
            {"kind": "replied", "step": "hello", "link": "jobs"},
        ] == await told(tx, welcome)
        assert [{"kind": "replied"}] == await told(tx, hot)


@pytest.mark.parametrize("verdict", ["machine", "unsure"])
async def test_machines_move_nothing(store: Store, verdict: str) -> None:
    """A mail scanner's click is stored and marked, and that is all."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        welcome = await walk(tx)

        taken = await happens(
            tx, "clicked", enrollment=welcome, step="hello", link="jobs", verdict=verdict, evidence={"agent": "bot"}
        )

        row = await tx.get_one(HappeningRow, taken.id)
        assert (True, 0, []) == (taken.new, taken.deliveries, await told(tx, welcome))
        assert (verdict, {"agent": "bot"}) == (row.verdict, row.evidence)


@pytest.mark.parametrize(
    ("kind", "detail", "scopes", "left", "heard"),
    [
        ("unsubscribed", {"purpose": "nurture"}, {"nurture"}, {"events"}, True),
        ("unsubscribed", {"purpose": "events"}, {"events"}, {"nurture"}, False),
        ("unsubscribed", {}, {"all"}, set(), True),
        ("consent_withdrawn", {"purpose": "nurture"}, set(), {"events"}, True),
        ("complained", {}, {"all"}, set(), True),
        ("bounced", {"bounce": "hard"}, {"all"}, {"nurture", "events"}, True),
        ("bounced", {"bounce": "soft"}, set(), {"nurture", "events"}, False),
        ("out_of_office", {"until": "2026-03-20"}, set(), {"nurture", "events"}, True),
    ],
)
async def test_what_ends_contact_holds_at_once(
    store: Store, *, kind: str, detail: dict[str, str], scopes: set[str], left: set[str], heard: bool
) -> None:
    """The ledger and the suppression list know before any walk does."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx)
        welcome = await walk(tx)

        await happens(tx, kind, detail=detail)

        ledger = {entry.purpose: entry.state for entry in await consents.ledger(tx, "c_ana")}
        assert scopes == await consents.suppressed(tx, person.email_key)
        assert left == {purpose for purpose, state in ledger.items() if state == "granted"}
        assert heard == bool(await told(tx, welcome))


async def test_erasure_erases_and_the_walk_still_ends(store: Store) -> None:
    """Her data is gone, her walk hears of it, and her address is still known as one to leave alone."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx, last_name="Silva", skills=["go"], custom={"note": "x"})
        key, welcome = person.email_key, await walk(tx)
        await change_tag(tx, CLOCK, "c_ana", how="add", tag="x", cause=Cause(text="t", at=MONDAY))
        await happens(tx, "bounced", key="bounce:c_ana@people.example")

        await happens(tx, "erased", days=1)

        heard = await told(tx, welcome)
        assert key is not None
        assert await consents.was_erased(tx, key)
    async with store.read() as tx:
        row = await candidates.get(tx, "c_ana")
        keys = (await tx.scalars(select(HappeningRow.dedupe_key))).all()
        assert [{"kind": "bounced"}, {"kind": "erased"}] == heard
        assert {None} == {row.first_name, row.last_name, row.email, row.email_key, row.country}
        assert ([], {}, MONDAY + DAY) == (row.skills, row.custom, row.erased_at)
        assert await candidates.tags_of(tx, "c_ana") == []
        assert not [key for key in keys if "people.example" in key]


async def test_whose_data_was_erased_is_registered_nowhere(store: Store) -> None:
    """Which events somebody went to is personal as well."""
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "registered_for_event", detail=FAIR_DETAIL)
        before = await registered(tx, "fair-7")

        await happens(tx, "erased", days=1)

        assert (["c_ana"], []) == (before, await registered(tx, "fair-7"))
        assert {None} == set((await tx.scalars(select(HappeningRow.event))).all())


async def test_an_application_follows_the_ats_and_old_news_changes_nothing(store: Store) -> None:
    """Webhooks come in any order; what is newest holds."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        about = {"application": "a1", "job": "Backend Engineer"}
        await happens(tx, "applied", detail=about)
        await happens(tx, "rejected", days=3, detail={**about, "stage": "onsite", "reason": "headcount"})
        await happens(tx, "stage_changed_to", days=2, detail={**about, "stage": "onsite"})

        row = await tx.get_one(ApplicationRow, "a1")
        person = await candidates.get(tx, "c_ana")

    assert ("rejected", "rejected", "headcount", "onsite") == (row.status, row.outcome, row.reason, row.stage)
    assert (MONDAY + 3 * DAY).date() == row.rejected_on
    assert person.stage == "rejected"


async def test_a_rejection_starts_the_sequence_that_waits_for_it(store: Store) -> None:
    """A silver medalist is re-pooled with the application that it was about; others are not."""
    await published(store, repool=REPOOL)
    async with store.write() as tx:
        await a_person(tx)
        about = {"application": "a1", "stage": "onsite"}
        missed = await happens(tx, "rejected", detail={**about, "reason": "fraud"})
        hit = await happens(tx, "rejected", days=1, detail={**about, "reason": "headcount"})
        row = await enrollments.get(tx, hit.started[0])

    assert ((), ("repool/c_ana/1",)) == (missed.started, hit.started)
    assert ("a1", f"rejected {hit.id}", MONDAY + DAY) == (row.application, row.cause, row.enrolled_at)


async def test_registering_starts_a_follow_up_and_the_fair_moves_for_all(store: Store) -> None:
    """The follow-up knows its fair; when the fair moves or is called off, everybody on it hears so."""
    await published(store, fair=FAIR, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await walk(tx)
        taken = await happens(tx, "registered_for_event", detail=FAIR_DETAIL)
        [fair] = taken.started
        moved = {"event": "fair-7", "ends_at": "2026-03-19 17:00"}
        changed = await happens(tx, "event_changed", days=1, candidate=None, detail=moved)
        await happens(tx, "attended", days=2, detail={"event": "fair-8"})
        await happens(tx, "attended", days=3, detail={"event": "fair-7"})
        await happens(tx, "event_cancelled", days=4, candidate=None, detail={"event": "fair-7"})

        heard = await told(tx, fair)
        event = await tx.get_one(CalendarEventRow, "fair-7")

    assert changed.deliveries == 1
    assert [
        {"kind": kind, "detail": {"event": "fair-7"}} for kind in ("event_changed", "attended", "event_cancelled")
    ] == heard
    assert ("job-fair", "2026-03-19 17:00", True) == (event.type, event.ends_at, event.cancelled)


async def test_a_second_registration_uses_what_is_known_of_the_event(store: Store) -> None:
    """The event desk need not repeat what kind of event it is."""
    await published(store, fair=FAIR)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        await happens(tx, "registered_for_event", detail=FAIR_DETAIL)

        taken = await happens(tx, "registered_for_event", key="2", candidate="c_ben", detail={"event": "fair-7"})

    assert taken.started == ("fair/c_ben/1",)


async def test_a_registration_with_an_old_date_does_not_move_the_fair(store: Store) -> None:
    """Only the event desk moves a fair; a form that was filled in earlier cannot, nor can older news."""
    await published(store, fair=FAIR)
    moved = {"event": "fair-7", "ends_at": "2026-03-19 17:00"}
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "event_changed", days=1, candidate=None, detail=moved)
        await happens(tx, "registered_for_event", days=2, detail=FAIR_DETAIL)
        await happens(tx, "event_changed", candidate=None, detail={"event": "fair-7", "ends_at": "2026-03-05 17:00"})
        event = await tx.get_one(CalendarEventRow, "fair-7")

    assert ("job-fair", "2026-03-19 17:00", False) == (event.type, event.ends_at, event.cancelled)


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


async def test_news_that_comes_late_starts_a_walk_now(store: Store) -> None:
    """A webhook of last week does not backdate the first mail."""
    await published(store, repool=REPOOL)
    async with store.write() as tx:
        await a_person(tx)
        taken = await happens(tx, "rejected", days=-7, detail={"stage": "onsite", "reason": "headcount"})

        assert MONDAY == (await enrollments.get(tx, taken.started[0])).enrolled_at


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


async def test_what_happens_to_nobody_we_know_is_refused(store: Store) -> None:
    """An event needs somebody to whom it happened, and nothing is stored without."""
    async with store.write() as tx:
        with pytest.raises(NotFound):
            await happens(tx, "applied")
        with pytest.raises(BadInput, match="happens to a person"):
            await happens(tx, "applied", candidate=None)

        assert await tx.scalar(select(func.count()).select_from(HappeningRow)) == 0
