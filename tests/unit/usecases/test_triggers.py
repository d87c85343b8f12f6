"""What starts a sequence: every event of the language, under the conditions that its file names, and once."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from rapport.dsl.events import KINDS
from rapport.store import enrollments
from rapport.store.database import Store, Tx
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.calendar import registered
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, a_database, a_person, opened, published

FAIR: Mapping[str, Any] = {"event": "fair-7", "type": "job-fair"}
# kind: (what the file says, what happens, what happens that is not meant)
STARTS: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any] | None]] = {
    "clicked": ("{clicked: any}", {}, None),
    "opened": ("{opened: any}", {}, None),
    "replied": ("{replied: any}", {}, None),
    "applied": ("{applied: any}", {"application": "a1", "job": "sre"}, None),
    "hired": ("{hired: any}", {"application": "a1"}, None),
    "withdrew": ("{withdrew: any}", {"application": "a1"}, None),
    "rejected": (
        "{rejected: {stage: [onsite], reason: [headcount]}}",
        {"application": "a1", "stage": "onsite", "reason": "headcount"},
        {"application": "a1", "stage": "onsite", "reason": "fraud"},
    ),
    "added_to_pool": ("{added_to_pool: engineering}", {"pool": "engineering"}, {"pool": "warm"}),
    "removed_from_pool": ("{removed_from_pool: warm}", {"pool": "warm"}, {"pool": "engineering"}),
    "tagged": ("{tagged: vip}", {"tag": "vip"}, {"tag": "other"}),
    "stage_changed_to": ("{stage_changed_to: [onsite, offer]}", {"stage": "offer"}, {"stage": "screen"}),
    "submitted": ("{submitted: referral}", {"form": "referral"}, {"form": "contact"}),
    "score_reached": ("{score_reached: 40}", {"score": "41"}, {"score": "39"}),
    "registered_for_event": ("{registered_for_event: {type: job-fair}}", FAIR, {"event": "meetup-1", "type": "meetup"}),
    "attended": ("{attended: {type: [job-fair, open-day]}}", FAIR, {"event": "meetup-1", "type": "meetup"}),
    "cancelled_registration": ("{cancelled_registration: any}", FAIR, None),
    "event_cancelled": ("{event_cancelled: any}", FAIR, None),
    "sequence_ended": (
        "{sequence_ended: {sequence: welcome, as: goal}}",
        {"sequence": "welcome", "as": "goal"},
        {"sequence": "welcome", "as": "exit"},
    ),
    "custom": ("{custom: {name: referred}}", {"name": "referred"}, {"name": "other"}),
}
GERMANS = "only_if: {candidate.country: DE}"


def starting(when: str, more: str = "") -> str:
    """A sequence that starts with an event; `service` needs no consent."""
    start = ", ".join(part for part in (f"when: {when}", more) if part)
    return f"{{purpose: service, start: {{{start}}}, steps: [{{id: hello, send: welcome}}]}}"


async def happens(
    tx: Tx, clock: StandingClock, kind: str, detail: Mapping[str, Any], *, key: str = "1", candidate: str = "c_ana"
) -> Taken:
    """It happens now."""
    incoming = Incoming(dedupe_key=f"{kind}:{key}", kind=kind, candidate=candidate, at=clock.now(), detail=detail)
    return await take_in(tx, clock, incoming)


async def refusals(tx: Tx) -> list[tuple[str, str, str]]:
    """Every refusal: sequence, reason, cause."""
    rows = (await tx.scalars(select(RefusalRow).order_by(RefusalRow.id))).all()
    return [(row.sequence, row.reason, row.cause) for row in rows]


def test_every_event_of_the_language_is_in_the_table() -> None:
    """A new event cannot be forgotten here."""
    assert set(KINDS) == set(STARTS)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_event_can_start_a_sequence(store: Store, clock: StandingClock, kind: str) -> None:
    """What the file names starts it, with the event as the cause; the same event told twice starts it once."""
    when, detail, other = STARTS[kind]
    await published(store, hello=starting(when))
    async with store.write() as tx:
        await a_person(tx)
        missed = () if other is None else (await happens(tx, clock, kind, other, key="other")).started
        first = await happens(tx, clock, kind, detail)
        again = await happens(tx, clock, kind, detail)
        row = await enrollments.get(tx, first.started[0])

        assert ((), ("hello/c_ana/1",), ()) == (missed, first.started, again.started)
        assert (f"{kind} {first.id}", clock.now()) == (row.cause, row.enrolled_at)
        assert [] == await refusals(tx)


@pytest.mark.parametrize("kind", KINDS)
async def test_only_if_decides_and_the_refusal_names_its_cause(store: Store, clock: StandingClock, kind: str) -> None:
    """Who does not fit is not enrolled, and `why` can say by which event they nearly were."""
    when, detail, _ = STARTS[kind]
    await published(store, hello=starting(when, GERMANS))
    async with store.write() as tx:
        await a_person(tx, country="AT")
        taken = await happens(tx, clock, kind, detail)

        assert () == taken.started
        assert [("hello", "only_if", f"{kind} {taken.id}")] == await refusals(tx)


@pytest.mark.parametrize(
    "condition",
    [
        "{candidate.country: DE}",
        "{candidate.country: {is_not: AT}}",
        "{candidate.custom.level: {at_most: 3}}",
        "{event.city: {exclude: Berlin}}",
        "{application.outcome: {is_not: rejected}}",
    ],
)
async def test_a_missing_field_refuses(store: Store, clock: StandingClock, condition: str) -> None:
    """What we do not know is no reason to write to somebody, whatever the test is."""
    await published(store, hello=starting("{tagged: vip}", f"only_if: {condition}"))
    async with store.write() as tx:
        await a_person(tx, country=None)
        taken = await happens(tx, clock, "tagged", {"tag": "vip"})

        assert () == taken.started
        assert [("hello", "only_if", f"tagged {taken.id}")] == await refusals(tx)


async def test_one_event_starts_every_sequence_that_waits_for_it(store: Store, clock: StandingClock) -> None:
    """A refusal by one sequence does not keep another from starting."""
    await published(
        store,
        all=starting("[{applied: any}, {tagged: vip}]"),
        austrians=starting("{tagged: vip}", "only_if: {candidate.country: AT}"),
        others=starting("{tagged: other}"),
    )
    async with store.write() as tx:
        await a_person(tx)
        taken = await happens(tx, clock, "tagged", {"tag": "vip"})

        assert ("all/c_ana/1",) == taken.started
        assert [("austrians", "only_if", f"tagged {taken.id}")] == await refusals(tx)


@pytest.mark.parametrize(
    ("rule", "days", "reason"),
    [
        ("", 400, "once"),
        ("once: true", 400, "once"),
        ("again_after: 30 days", 29, "again_after"),
        ("again_after: 30 days", 30, None),
    ],
)
async def test_how_often_a_person_may_come_back(
    store: Store, clock: StandingClock, rule: str, days: int, reason: str | None
) -> None:
    """After the walk has ended, `once` and `again_after` say whether the same kind of event starts another."""
    await published(store, hello=starting("{tagged: vip}", rule))
    async with store.write() as tx:
        await a_person(tx)
        [first] = (await happens(tx, clock, "tagged", {"tag": "vip"})).started
        running = await happens(tx, clock, "tagged", {"tag": "vip"}, key="2")
        await enrollments.end(tx, first, name="end", at=MONDAY + timedelta(hours=1), path=[])
        clock.at = MONDAY + days * DAY
        back = await happens(tx, clock, "tagged", {"tag": "vip"}, key="3")

        refused = [("hello", "already_enrolled", f"tagged {running.id}")]
        refused += [("hello", reason, f"tagged {back.id}")] if reason else []
        assert (() if reason else ("hello/c_ana/2",)) == back.started
        assert refused == await refusals(tx)


@pytest.mark.parametrize(
    ("kind", "field", "one", "other"),
    [
        ("registered_for_event", "event.id", {"event": "fair-7"}, {"event": "fair-8"}),
        ("attended", "event.id", {"event": "fair-7"}, {"event": "fair-8"}),
        ("applied", "application.id", {"application": "a1"}, {"application": "a2"}),
        ("rejected", "application.id", {"application": "a1"}, {"application": "a2"}),
    ],
)
async def test_once_per_what_the_file_names(
    store: Store, clock: StandingClock, kind: str, field: str, one: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    """Two fairs start two follow-ups; the same fair starts one, even when it is over."""
    await published(store, hello=starting(f"{{{kind}: any}}", f"once_per: {field}"))
    async with store.write() as tx:
        await a_person(tx)
        first = await happens(tx, clock, kind, one)
        second = await happens(tx, clock, kind, other, key="2")
        await enrollments.end(tx, first.started[0], name="end", at=MONDAY, path=[])
        third = await happens(tx, clock, kind, one, key="3")

        assert (("hello/c_ana/1",), ("hello/c_ana/2",), ()) == (first.started, second.started, third.started)
        assert [("hello", "once", f"{kind} {third.id}")] == await refusals(tx)


async def test_once_per_something_that_the_event_does_not_name(store: Store, clock: StandingClock) -> None:
    """Without the event's id nobody could tell the second time from the first."""
    await published(store, hello=starting("{tagged: vip}", "once_per: event.id"))
    async with store.write() as tx:
        await a_person(tx)
        taken = await happens(tx, clock, "tagged", {"tag": "vip"})

        assert [("hello", "no_once_key", f"tagged {taken.id}")] == await refusals(tx)


@pytest.mark.parametrize("verdict", ["machine", "unsure"])
async def test_a_machine_starts_nothing(store: Store, clock: StandingClock, verdict: Any) -> None:
    """A scanner that clicks every link begins no relationship."""
    await published(store, hello=starting("{clicked: any}"))
    async with store.write() as tx:
        await a_person(tx)
        incoming = Incoming(dedupe_key="1", kind="clicked", candidate="c_ana", at=MONDAY, verdict=verdict)

        assert () == (await take_in(tx, clock, incoming)).started


async def test_a_cancelled_event_starts_what_follows_for_everybody_registered(
    store: Store, clock: StandingClock
) -> None:
    """The event desk calls the fair off once; everybody who is registered hears from us, nobody else does."""
    await published(store, sorry=starting("{event_cancelled: {type: job-fair}}", "once_per: event.id"))
    async with store.write() as tx:
        for name in ("c_ana", "c_ben", "c_cleo", "c_dan"):
            await a_person(tx, name)
        for name in ("c_ana", "c_ben", "c_cleo"):
            await happens(tx, clock, "registered_for_event", FAIR, key=name, candidate=name)
        await happens(tx, clock, "registered_for_event", {"event": "fair-8"}, key="8", candidate="c_dan")
        clock.at += DAY
        await happens(tx, clock, "cancelled_registration", FAIR, key="x", candidate="c_cleo")
        off = Incoming(
            dedupe_key="off", kind="event_cancelled", candidate=None, at=clock.now(), detail={"event": "fair-7"}
        )
        taken = await take_in(tx, clock, off)
        again = await take_in(tx, clock, off)
        row = await enrollments.get(tx, "sorry/c_ana/1")

        assert (("sorry/c_ana/1", "sorry/c_ben/1"), ()) == (taken.started, again.started)
        assert ("fair-7", 2) == (row.event, await tx.scalar(select(func.count()).select_from(EnrollmentRow)))


async def test_a_publication_of_another_process_holds_for_the_next_event(
    store: Store, database: str, clock: StandingClock
) -> None:
    """Who publishes does not have to restart the API: what begins, and what no longer does, is asked each time."""
    await published(store, hello=starting("{tagged: vip}"))
    async with store.write() as tx:
        for name in ("c_ana", "c_ben"):
            await a_person(tx, name)
        before = await happens(tx, clock, "tagged", {"tag": "vip"}, key="1")
    async with opened(database) as elsewhere:
        await published(elsewhere, hello=starting("{tagged: speaker}"), bye=starting("{tagged: vip}"))

    async with store.write() as tx:
        after = await happens(tx, clock, "tagged", {"tag": "vip"}, key="2", candidate="c_ben")

    assert (("hello/c_ana/1",), ("bye/c_ben/1",)) == (before.started, after.started)


async def test_who_is_registered_is_found_without_reading_everything(tmp_path: Path) -> None:
    """Calling a fair off must not take longer with every click of the last years."""
    query: list[str] = []
    async with opened(a_database(tmp_path)) as store, store.read() as tx:
        event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: query.append(call[2]))
        await registered(tx, "fair-7")
        plan = await (await tx.connection()).exec_driver_sql(f"EXPLAIN QUERY PLAN {query[-1]}", ("fair-7", "", "", ""))

        assert "happenings_by_event" in " ".join(str(row) for row in plan)
