"""Putting the made-up person of a case into a store, enrolled, with nothing having happened yet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rapport.clock import Clock
from rapport.engine.scenario import Scenario
from rapport.ids import address_key
from rapport.store import consents, deliveries, published
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.entry import start_of

_CAUSE = "test case"
_PLAIN = ("first_name", "last_name", "locale", "timezone", "country", "city", "seniority", "source", "stage", "custom")
_WORDS = ("skills", "score", "owner_recruiter", *_PLAIN)
_EVENT = ("type", "title", "starts_at", "ends_at", "zone", "city")
_APPLICATION = ("job", "stage", "status", "outcome", "reason")
# The ids that a case may leave out.
_EVENT_ID, _APPLICATION_ID = "event", "application"


async def put_in(tx: Tx, clock: Clock, scenario: Scenario, enrollment: str, *, pepper: bytes) -> None:
    """Write the person, what they agreed to, and their enrollment, whose start is put on its way to Temporal."""
    at, now = scenario.start.instant, clock.now()
    candidate = scenario.candidate
    await insert(tx, _candidate(candidate, at, now, pepper))
    for tag in candidate.get("tags", ()):
        await insert(tx, TagRow(candidate=candidate["id"], tag=tag, cause=_CAUSE, at=at, recorded_at=now))
    for pool in candidate.get("pools", ()):
        await insert(tx, PoolMemberRow(candidate=candidate["id"], pool=pool, cause=_CAUSE, at=at, recorded_at=now))
    for purpose in scenario.consents:
        await consents.record(
            tx, candidate=candidate["id"], purpose=purpose, state="granted", source=_CAUSE, at=at, recorded_at=now
        )
    await _enroll(tx, scenario, enrollment, now)


def event_id(scenario: Scenario) -> str | None:
    """The id of the event that the walk is about, if it is about one."""
    event = scenario.tree.get("event")
    return str(event.get("id") or _EVENT_ID) if event else None


def application_id(scenario: Scenario) -> str | None:
    """The id of the application that the walk is about, if it is about one."""
    application = scenario.tree.get("application")
    return str(application.get("id") or _APPLICATION_ID) if application else None


async def _enroll(tx: Tx, scenario: Scenario, enrollment: str, now: datetime) -> None:
    """Begin the walk past all rules of the entrance: a case starts enrolled."""
    at, sequence, candidate = scenario.start.instant, scenario.plan.sequence, str(scenario.candidate["id"])
    event, application = event_id(scenario), application_id(scenario)
    if event:
        await insert(tx, CalendarEventRow(id=event, at=at, recorded_at=now, **_words(scenario.tree["event"], _EVENT)))
    if application:
        await insert(tx, _application(scenario.tree["application"], application, candidate, at, now))
    version = await published.live_version(tx, sequence)
    assert version is not None  # noqa: S101  # published with this very store
    row = EnrollmentRow(
        id=enrollment,
        sequence=sequence,
        candidate=candidate,
        n=int(enrollment.rpartition("/")[2]),
        version=version.hash,
        state="starting",
        enrolled_at=at,
        recorded_at=now,
        cause=_CAUSE,
        event=event,
        application=application,
    )
    await insert(tx, row)
    await deliveries.put(tx, enrollment=row.id, kind="start", payload=start_of(row, version), at=at, now=now)


def _candidate(fields: Mapping[str, Any], at: datetime, now: datetime, pepper: bytes) -> CandidateRow:
    return CandidateRow(
        id=str(fields["id"]),
        recorded_at=now,
        email=fields["email"],
        email_key=address_key(fields["email"], pepper),
        score_at=at,
        joined_on=_day(fields.get("joined_on")),
        last_contacted_on=_day(fields.get("last_contacted_on")),
        **_words(fields, _WORDS),
    )


def _application(fields: Mapping[str, Any], name: str, candidate: str, at: datetime, now: datetime) -> ApplicationRow:
    return ApplicationRow(
        id=name,
        candidate=candidate,
        at=at,
        recorded_at=now,
        rejected_on=_day(fields.get("rejected_on")),
        **_words(fields, _APPLICATION),
    )


def _words(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if fields.get(name) is not None}


def _day(value: Any) -> date | None:
    """The day of a date; what is none is not known."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
