"""Telling what happened over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.event_shapes import EVENT_KINDS
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import CalendarEventRow
from tests.api.doors import ANA, SentMail, Visitor
from tests.unit.store.worlds import MONDAY, StandingClock

APPLIED = {"kind": "applied", "candidate": ANA, "detail": {"job": "backend"}}
FAIR = {"id": "fair-26", "type": "job-fair", "starts_at": "2026-04-01T10:00", "zone": "Europe/Berlin"}

NEEDED = {
    "clicked": "/enrollment",
    "opened": "/enrollment",
    "added_to_pool": "/detail/pool",
    "removed_from_pool": "/detail/pool",
    "tagged": "/detail/tag",
    "stage_changed_to": "/detail/stage",
    "submitted": "/detail/form",
    "score_reached": "/detail/score",
    "registered_for_event": "/event",
    "attended": "/event",
    "cancelled_registration": "/event",
    "event_cancelled": "/event",
    "event_changed": "/event",
    "sequence_ended": "/detail/sequence",
    "custom": "/detail/name",
    "out_of_office": "/detail/until",
}


async def _kinds(store: Store) -> list[str]:
    async with store.read() as tx:
        return list((await tx.scalars(select(HappeningRow.kind))).all())


@pytest.mark.usefixtures("mail")
async def test_an_event_reaches_the_walks_that_listen(visitor: Visitor) -> None:
    """An application is the goal of this walk, so that it hears of it."""
    answer = await visitor.post("/v1/events", APPLIED)

    assert 202 == answer.status_code
    assert {"new": True, "deliveries": 1, "started": []}.items() <= answer.json().items()


async def test_an_event_can_begin_a_sequence(visitor: Visitor) -> None:
    """Whoever is put into a pool gets the sequence that starts there."""
    body = {"kind": "added_to_pool", "email": "c_ana@people.example", "detail": {"pool": "engineering"}}
    answer = await visitor.post("/v1/events", body)

    assert ["welcome/c_ana/1"] == answer.json()["started"]
    assert ["engineering"] == (await visitor.get(f"/v1/candidates/{ANA}")).json()["pools"]


async def test_a_tag_that_is_told_is_a_tag_that_the_person_has(visitor: Visitor) -> None:
    """Telling of a tag puts it on."""
    await visitor.post("/v1/events", {"kind": "tagged", "candidate": ANA, "detail": {"tag": "speaker"}})

    assert ["speaker"] == (await visitor.get(f"/v1/candidates/{ANA}")).json()["tags"]


async def test_the_same_event_id_counts_once_under_any_key(visitor: Visitor, store: Store) -> None:
    """A source that forgets its keys and remembers its ids is safe as well."""
    answers = [await visitor.post("/v1/events", {**APPLIED, "id": "ats-7"}) for _ in range(2)]

    assert [True, False] == [answer.json()["new"] for answer in answers]
    assert ["applied"] == await _kinds(store)


async def test_the_same_key_at_the_same_moment_stores_one_event(visitor: Visitor, store: Store) -> None:
    """A webhook that is delivered ten times at once happened once."""
    answers = await asyncio.gather(*(visitor.post("/v1/events", APPLIED, key="hook-1") for _ in range(10)))

    assert 1 == len({answer.text for answer in answers})
    assert ["applied"] == await _kinds(store)


async def test_an_event_can_move_without_naming_anybody(visitor: Visitor, store: Store) -> None:
    """A job fair that is postponed concerns everybody who comes."""
    answer = await visitor.post("/v1/events", {"kind": "event_changed", "event": FAIR})

    async with store.read() as tx:
        row = await tx.get_one(CalendarEventRow, "fair-26")
    assert 202 == answer.status_code
    assert "2026-04-01T10:00" == row.starts_at


async def test_events_that_make_no_sense_are_refused_with_their_place(visitor: Visitor, clock: StandingClock) -> None:
    """Each mistake is named where it is."""
    tomorrow = (clock.at + timedelta(days=1)).isoformat()
    wrong: dict[str, dict[str, Any]] = {
        "/kind": {"kind": "aplied", "candidate": ANA},
        "/": {"kind": "applied"},
        "/at": {**APPLIED, "at": tomorrow},
        "/detail/tag": {"kind": "tagged", "candidate": ANA},
        "/surprise": {**APPLIED, "surprise": 1},
    }

    places = {}
    for expected, body in wrong.items():
        answer = await visitor.post("/v1/events", body)
        places[expected] = (answer.status_code, answer.json()["errors"][0]["place"])

    assert {place: (422, place) for place in wrong} == places


async def test_an_event_that_no_sequence_could_hear_is_refused(visitor: Visitor) -> None:
    """A click of no walk, a form without a name: the answer names what is missing, where, and what to send there."""
    bare = {kind: await visitor.post("/v1/events", {"kind": kind, "candidate": ANA}) for kind in EVENT_KINDS}
    refused = {kind: answer.json()["errors"] for kind, answer in bare.items() if answer.status_code == 422}

    assert {kind: [place] for kind, place in NEEDED.items()} == {
        kind: [error["place"] for error in errors] for kind, errors in refused.items()
    }
    assert "submitted needs it; send `detail.form`, a text" == refused["submitted"][0]["message"]
    assert {202} == {answer.status_code for kind, answer in bare.items() if kind not in NEEDED}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "score_reached", "detail": {"score": "much"}}, "/detail/score"),
        ({"kind": "stage_changed_to", "detail": {"stage": ["offer"]}}, "/detail/stage"),
        ({"kind": "custom", "detail": {"name": " "}}, "/detail/name"),
        ({"kind": "out_of_office", "detail": {"until": "2026-02-30"}}, "/detail/until"),
        ({"kind": "replied", "step": "hello"}, "/enrollment"),
        ({"kind": "unsubscribed", "detail": {"purpose": "nurtur"}}, "/detail/purpose"),
    ],
)
async def test_a_detail_that_would_never_be_understood_is_refused(
    visitor: Visitor, store: Store, body: dict[str, Any], place: str
) -> None:
    """Nobody is told "taken" of what a walk cannot compare, or of a refusal that would leave mails going."""
    answer = await visitor.post("/v1/events", {"candidate": ANA, **body})

    assert (422, place) == (answer.status_code, answer.json()["errors"][0]["place"])
    assert [] == await _kinds(store)


async def test_an_event_about_somebody_elses_walk_is_refused(visitor: Visitor, mail: SentMail) -> None:
    """A mixed-up id must not tell one person's news to another's walk."""
    await visitor.person("c_bo")

    answer = await visitor.post("/v1/events", {"kind": "replied", "candidate": "c_bo", "enrollment": mail.enrollment})

    assert 422 == answer.status_code


async def test_an_event_that_happened_earlier_keeps_its_time(visitor: Visitor, store: Store) -> None:
    """The ATS tells on Monday what happened on Sunday."""
    sunday = MONDAY - timedelta(days=1)
    await visitor.post("/v1/events", {**APPLIED, "at": sunday.isoformat()})

    async with store.read() as tx:
        assert sunday == await tx.scalar(select(HappeningRow.at))
