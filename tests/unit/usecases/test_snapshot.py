"""The snapshot: the rules see what the store knows, at one instant."""

from datetime import date, datetime

import pytest

from rapport.engine.situation import MailFacts, Situation
from rapport.ids import send_id
from rapport.store import consents, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.mails import SendRow
from rapport.store.tables.walks import ReadRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_tag
from rapport.usecases.publish import publish
from rapport.usecases.snapshot import situation
from tests.unit.store.worlds import DAY, FAIR, MONDAY, WELCOME, a_person, a_publication, published
from tests.unit.usecases.ana import CLOCK, happens, walk


async def seen(tx: Tx, enrollment: str, at: datetime = MONDAY) -> Situation:
    """What the rules see."""
    return (await situation(tx, enrollment, at))[0]


async def a_send(tx: Tx, enrollment: str, *, state: str = "accepted", days: int = 0) -> None:
    """The mail of the step hello."""
    row = await enrollments.get(tx, enrollment)
    at = MONDAY + days * DAY
    await insert(
        tx,
        SendRow(
            id=send_id(enrollment, "hello"),
            enrollment=enrollment,
            step="hello",
            state=state,
            mail="welcome",
            version=row.version,
            recipient_key="0" * 64,
            at=at,
            recorded_at=at,
            accepted_at=at if state == "accepted" else None,
        ),
    )


async def test_everything_about_the_person_is_there(store: Store) -> None:
    """Fields by their names, tags and pools as lists, consents with their ends."""
    await published(store, welcome=f"{WELCOME}  - {{id: look, ats: {{read: application}}, as: app}}\n")
    cause = Cause(text="t", at=MONDAY)
    async with store.write() as tx:
        await a_person(tx, skills=["go"], custom={"shift": "night"}, joined_on=date(2026, 1, 2))
        enrollment = await walk(tx)
        await change_tag(tx, CLOCK, "c_ana", how="add", tag="vip", cause=cause)
        await change_pool(tx, CLOCK, "c_ana", how="add", pool="warm", cause=cause)
        await insert(
            tx,
            ReadRow(enrollment=enrollment, name="app", data={"status": "rejected"}, at=MONDAY, recorded_at=MONDAY),
        )

        found, plan, project = await situation(tx, enrollment, MONDAY)

    assert ("nurture", MONDAY, MONDAY) == (found.purpose, found.at, found.enrolled_at)
    assert {
        "id": "c_ana",
        "first_name": "Ana",
        "email": "c_ana@people.example",
        "country": "DE",
        "skills": ["go"],
        "score": 0,
        "joined_on": date(2026, 1, 2),
        "custom": {"shift": "night"},
        "tags": ["vip"],
        "pools": ["warm"],
    } == found.candidate
    assert {"nurture": MONDAY + 729 * DAY, "events": None} == found.consents
    assert {"app": {"status": "rejected"}} == found.reads
    assert ("welcome", "Acme") == (plan.sequence, project.organization.name)


async def test_suppression_and_withdrawal_take_consent_away_at_once(store: Store) -> None:
    """Also from a walk whose clock is seconds behind."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx)
        enrollment = await walk(tx)
        await happens(tx, "consent_withdrawn", days=0.001, detail={"purpose": "nurture"})
        withdrawn = await seen(tx, enrollment)
        assert person.email_key is not None
        await consents.suppress(tx, person.email_key, scope="events", reason="x", at=MONDAY, recorded_at=MONDAY)
        suppressed = await seen(tx, enrollment)

    assert ({"events": None}, {}) == (withdrawn.consents, suppressed.consents)


async def test_consent_ends_when_the_purpose_says_so(store: Store) -> None:
    """Two years without a new yes are a no."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        enrollment = await walk(tx)
        last = await seen(tx, enrollment, MONDAY + 728 * DAY)
        over = await seen(tx, enrollment, MONDAY + 729 * DAY)

    assert (True, False) == ("nurture" in last.consents, "nurture" in over.consents)


async def test_what_became_of_a_mail(store: Store) -> None:
    """Only what people did counts, the first time, and only up to the instant that is looked at."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        enrollment = await walk(tx)
        await a_send(tx, enrollment)
        mine = {"enrollment": enrollment, "step": "hello"}
        await happens(tx, "clicked", days=1, verdict="machine", **mine)
        await happens(tx, "clicked", days=2, **mine)
        await happens(tx, "clicked", days=3, **mine)
        await happens(tx, "replied", days=5, **mine)

        facts = (await seen(tx, enrollment, MONDAY + 4 * DAY)).mails

    assert {"hello": MailFacts(sent=MONDAY, clicked=MONDAY + 2 * DAY)} == facts


@pytest.mark.parametrize("state", ["unknown", "dropped"])
async def test_a_mail_that_is_in_doubt_counts_as_sent(store: Store, state: str) -> None:
    """The walk went on as if it had left, so conditions and the contact policy see it the same way."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        enrollment = await walk(tx)
        await a_send(tx, enrollment, state=state)

        assert {"hello": MailFacts(sent=MONDAY)} == (await seen(tx, enrollment)).mails


@pytest.mark.parametrize("state", ["claimed", "rendered", "sending", "refused", "skipped"])
async def test_a_mail_that_was_not_accepted_was_not_sent(store: Store, state: str) -> None:
    """A claim is no mail."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        enrollment = await walk(tx)
        await a_send(tx, enrollment, state=state)

        assert {} == (await seen(tx, enrollment)).mails


async def test_the_latest_out_of_office_reply_counts_until_it_has_passed(store: Store) -> None:
    """She is back on the day that her last reply names, also one to a mail of before this walk."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "out_of_office", days=-1, detail={"until": "2026-12-01"})
        enrollment = await walk(tx)
        before = await seen(tx, enrollment)
        await happens(tx, "out_of_office", days=1, detail={"until": "2026-03-20"})
        await happens(tx, "out_of_office", days=2, detail={"until": "2026-03-10"})
        away = await seen(tx, enrollment, MONDAY + 3 * DAY)
        back = await seen(tx, enrollment, MONDAY + 10 * DAY)

    assert (date(2026, 12, 1), date(2026, 3, 10), None) == (before.back_on, away.back_on, back.back_on)


async def test_quiet_is_since_the_latest_of_each_event_of_the_policy(store: Store) -> None:
    """The contact policy counts from the last time that she answered, clicked, …, whichever walk it was about."""
    every = "{replied: 14 days, applied: forever_while_active, attended: 2 days, submitted: 1 day}"
    policy = f"contact_policy: {{quiet_after: {every}}}\nconsent: {{purposes: {{nurture: {{title: Mails}}}}}}"
    await publish(store, a_publication({"welcome": WELCOME}, project=policy), commit="c", at=MONDAY)
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "replied", days=-3)
        enrollment = await walk(tx)
        await happens(tx, "replied", days=1)
        await happens(tx, "replied", days=2)
        await happens(tx, "applied", days=3)
        await happens(tx, "attended", days=-2)
        await happens(tx, "tagged", days=1)

        assert {
            "replied": MONDAY + 2 * DAY,
            "applied": MONDAY + 3 * DAY,
            "attended": MONDAY - 2 * DAY,
        } == (await seen(tx, enrollment)).quiet


async def test_the_event_and_the_application_are_the_current_ones(store: Store) -> None:
    """A fair that was called off says so; an application is the one that the walk is about."""
    await published(store, fair=FAIR, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "registered_for_event", detail={"event": "f", "type": "job-fair", "city": "Wien"})
        await happens(tx, "applied", detail={"application": "a1"})
        await happens(tx, "rejected", days=1, detail={"application": "a2", "reason": "headcount"})
        await happens(tx, "event_cancelled", days=2, detail={"event": "f"})
        fair = await seen(tx, "fair/c_ana/1")
        about = await seen(tx, await walk(tx, application="a1"))

    assert {"id": "f", "type": "job-fair", "city": "Wien", "cancelled": True} == fair.event
    assert {"id": "a2", "status": "rejected", "outcome": "rejected", "reason": "headcount"}.items() <= (
        fair.application.items()
    )
    assert ("a1", "active") == (about.application["id"], about.application["status"])
