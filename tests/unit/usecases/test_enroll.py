"""Enrolling: who gets in, who does not, and why."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.errors import Refused
from rapport.store import consents, deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.enroll import Enrolled, enroll, enroll_now
from tests.unit.store.worlds import DAY, FAIR, MONDAY, WELCOME, StandingClock, a_person, published

ONCE = WELCOME.replace("again_after: 180 days", "once: true")
SERVICE = "{purpose: service, steps: [{id: hello, send: welcome}]}"


async def let_in(tx: Tx, sequence: str = "welcome", at: datetime = MONDAY, **more: Any) -> Enrolled:
    """Enroll Ana."""
    return await enroll(tx, StandingClock(), sequence=sequence, candidate="c_ana", at=at, cause="test", **more)


async def refused(tx: Tx, sequence: str = "welcome", at: datetime = MONDAY, **more: Any) -> str:
    """The reason why Ana is not let in."""
    with pytest.raises(Refused) as caught:
        await let_in(tx, sequence, at, **more)
    kept = await tx.scalar(select(RefusalRow).order_by(RefusalRow.id.desc()))
    assert kept is not None
    assert (kept.reason, kept.cause, kept.at) == (caught.value.reason, "test", at)
    return caught.value.reason


async def test_a_walk_is_begun_with_ids_and_the_plan_only(store: Store) -> None:
    """Everything that Temporal is told about Ana is an opaque id."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        enrolled = await let_in(tx, shift=3600.0)

        [start] = await deliveries.undispatched(tx, enrollment=enrolled.id)
        row = await enrollments.get(tx, enrolled.id)

    assert enrolled.id == "welcome/c_ana/1"
    assert ("starting", 1, MONDAY, 3600.0, "") == (row.state, row.n, row.enrolled_at, row.shift_seconds, row.once_key)
    assert start.kind == "start"
    assert {**start.payload, "plan": None} == {
        "enrollment": "welcome/c_ana/1",
        "plan": None,
        "enrolled_at": "2026-03-02T09:00:00+00:00",
        "shift": 3600.0,
        "owner": "anna-koch",
        "title": "welcome",
        "sequence": "welcome",
        "version": row.version,
        "event": None,
    }
    assert "Ana" not in str(start.payload)
    assert "people.example" not in str(start.payload)


async def test_two_equal_requests_at_once_begin_one_walk(store: Store, clock: StandingClock) -> None:
    """A double click on "enroll" sends one mail."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)

    results = await asyncio.gather(
        *(enroll_now(store, clock, sequence="welcome", candidate="c_ana", cause="api") for _ in range(2)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["Enrolled", "Refused"]
    async with store.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(EnrollmentRow)) == 1
        assert (await tx.scalars(select(RefusalRow.reason))).all() == ["already_enrolled"]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"consent": ()}, "no_consent"),
        ({"consent": ("events",)}, "no_consent"),
        ({"country": "AT"}, "only_if"),
        ({"country": None}, "only_if"),
        ({"erased_at": MONDAY}, "erased"),
    ],
)
async def test_who_does_not_fit_is_not_let_in(store: Store, person: dict[str, Any], reason: str) -> None:
    """Consent, the condition of the start and erasure are checked, and the answer is kept."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, **person)

        assert reason == await refused(tx)
        assert await deliveries.depth(tx) == 0


async def test_consent_lapses(store: Store) -> None:
    """After 730 days without a new yes, nobody is enrolled."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)

        assert await refused(tx, at=MONDAY + 729 * DAY) == "no_consent"
        assert await let_in(tx, at=MONDAY + 728 * DAY) == Enrolled("welcome/c_ana/1")


async def test_a_suppressed_address_is_not_let_in_where_no_consent_is_needed(store: Store) -> None:
    """A bounced address gets no mail on any legal basis."""
    await published(store, service=SERVICE)
    async with store.write() as tx:
        person = await a_person(tx, consent=())
        assert person.email_key is not None
        await consents.suppress(tx, person.email_key, scope="all", reason="bounced", at=MONDAY, recorded_at=MONDAY)

        assert await refused(tx, "service") == "suppressed"


async def test_no_consent_is_needed_where_none_is_declared(store: Store) -> None:
    """A purpose with another legal basis lets everybody in."""
    await published(store, service=SERVICE)
    async with store.write() as tx:
        await a_person(tx, consent=())

        assert await let_in(tx, "service") == Enrolled("service/c_ana/1")


async def test_unknown_names_are_refused_and_kept(store: Store) -> None:
    """A typing error in a webhook can be found again."""
    await published(store, welcome=WELCOME, fair=FAIR)
    async with store.write() as tx:
        assert await refused(tx) == "unknown_candidate"
        await a_person(tx)
        assert await refused(tx, "nothing") == "not_published"
        assert await refused(tx, "fair", event="fair-7") == "unknown_event"
        assert await refused(tx, "fair", application="app-7") == "unknown_application"
        assert await refused(tx, "fair") == "no_once_key"


async def test_an_application_of_somebody_else_is_refused(store: Store) -> None:
    """Nobody is written to about another person's application."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        await insert(tx, ApplicationRow(id="a1", candidate="c_ben", at=MONDAY, recorded_at=MONDAY))

        assert await refused(tx, application="a1") == "unknown_application"


async def test_again_after_counts_from_the_last_time(store: Store) -> None:
    """After half a year she may be welcomed again, and by hand at any time."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        first = await let_in(tx)
        assert await refused(tx) == "already_enrolled"
        assert await refused(tx, again=True) == "already_enrolled"
        await enrollments.end(tx, first.id, name="end", at=MONDAY + DAY, path=[])

        assert await refused(tx, at=MONDAY + 179 * DAY) == "again_after"
        second = await let_in(tx, at=MONDAY + 180 * DAY)
        await enrollments.end(tx, second.id, name="end", at=MONDAY + 181 * DAY, path=[])
        third = await let_in(tx, at=MONDAY + 182 * DAY, again=True)

    assert ["welcome/c_ana/2", "welcome/c_ana/3"] == [second.id, third.id]


async def test_once_means_once(store: Store) -> None:
    """Nobody is welcomed twice, unless a person decides so."""
    await published(store, welcome=ONCE)
    async with store.write() as tx:
        await a_person(tx)
        first = await let_in(tx)
        await enrollments.end(tx, first.id, name="end", at=MONDAY, path=[])

        assert await refused(tx, at=MONDAY + 700 * DAY) == "once"


async def test_once_per_event(store: Store) -> None:
    """She may follow two fairs at once, and each of them once."""
    await published(store, fair=FAIR)
    async with store.write() as tx:
        await a_person(tx)
        for event in ("fair-7", "fair-8"):
            await insert(tx, CalendarEventRow(id=event, at=MONDAY, recorded_at=MONDAY))
        first = await let_in(tx, "fair", event="fair-7")
        second = await let_in(tx, "fair", event="fair-8")
        assert await refused(tx, "fair", event="fair-7") == "already_enrolled"
        await enrollments.end(tx, first.id, name="end", at=MONDAY, path=[])
        assert await refused(tx, "fair", event="fair-7") == "once"
        row = await enrollments.get(tx, second.id)

    assert ("fair-8", "fair-8", 2) == (row.event, row.once_key, row.n)


async def test_a_refusal_at_a_door_is_kept(store: Store, clock: StandingClock) -> None:
    """Why somebody was not enrolled can be looked up later."""
    await published(store, welcome=WELCOME)
    with pytest.raises(Refused, match="someone we do not know"):
        await enroll_now(store, clock, sequence="welcome", candidate="c_nobody", cause="api")

    async with store.read() as tx:
        assert (await tx.scalars(select(RefusalRow.cause))).all() == ["api"]
