"""Intake: everything is stored once, changes what it must, and reaches those walks that listen."""

import asyncio

import pytest
from sqlalchemy import func, select

from rapport.errors import BadInput, NotFound
from rapport.store import candidates, consents, enrollments
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_tag
from rapport.usecases.incoming import Taken
from tests.unit.store.worlds import DAY, MONDAY, WELCOME, a_person, published
from tests.unit.usecases.ana import CLOCK, happens, told, walk

REPOOL = """
purpose: nurture
start: {when: {rejected: {stage: [onsite], reason: [headcount]}}}
steps: [{id: hello, send: welcome}]
"""
OTHER = "{purpose: nurture, exit: [{rejected: any}], steps: [{id: hello, send: welcome}]}"


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
    await published(store, welcome=WELCOME, other=OTHER)
    async with store.write() as tx:
        await a_person(tx)
        welcome, other = await walk(tx), await walk(tx, "other")
        await happens(tx, "rejected", detail={"stage": "onsite", "reason": "Ana said she is ill", "application": "a1"})
        await happens(tx, "stage_changed_to", detail={"stage": "offer", "application": "a1"})

        assert [{"kind": "stage_changed_to", "detail": {"stage": "offer"}}] == await told(tx, welcome)
        assert [{"kind": "rejected"}] == await told(tx, other)


async def test_a_click_reaches_the_walk_of_its_mail_and_a_reply_reaches_all(store: Store) -> None:
    """A click belongs to one mail; a reply to any mail is a reply of the person."""
    await published(store, welcome=WELCOME, other=OTHER.replace("{rejected: any}", "{replied: any}, {clicked: any}"))
    async with store.write() as tx:
        await a_person(tx)
        welcome, other = await walk(tx), await walk(tx, "other")
        for kind in ("clicked", "replied"):
            await happens(tx, kind, enrollment=welcome, step="hello", link="jobs")

        assert [
            {"kind": "clicked", "step": "hello", "link": "jobs"},
            {"kind": "replied", "step": "hello", "link": "jobs"},
        ] == await told(tx, welcome)
        assert [{"kind": "replied"}] == await told(tx, other)


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


async def test_news_that_comes_late_starts_a_walk_now(store: Store) -> None:
    """A webhook of last week does not backdate the first mail."""
    await published(store, repool=REPOOL)
    async with store.write() as tx:
        await a_person(tx)
        taken = await happens(tx, "rejected", days=-7, detail={"stage": "onsite", "reason": "headcount"})

        assert MONDAY == (await enrollments.get(tx, taken.started[0])).enrolled_at


async def test_what_happens_to_nobody_we_know_is_refused(store: Store) -> None:
    """An event needs somebody to whom it happened, and nothing is stored without."""
    async with store.write() as tx:
        with pytest.raises(NotFound):
            await happens(tx, "applied")
        with pytest.raises(BadInput, match="happens to a person"):
            await happens(tx, "applied", candidate=None)

        assert await tx.scalar(select(func.count()).select_from(HappeningRow)) == 0
