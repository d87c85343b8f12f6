"""Enrolling people and steering their walks over HTTP."""

import asyncio

import pytest
from sqlalchemy import func, select

from api import told
from rapport.store import deliveries
from rapport.store.database import Store
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from tests.api.doors import Visitor
from tests.unit.store.worlds import MONDAY

ASKED = {"sequence": "welcome", "candidate": "c_ana"}
WALK = "welcome/c_ana/1"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody delivers in these tests, so that waiting two seconds would only make them slow."""
    monkeypatch.setattr(told.has_heard, "__kwdefaults__", {"within": told.PATIENCE / 100})


async def _deliver(store: Store) -> None:
    async with store.write() as tx:
        for row in await deliveries.undispatched(tx):
            await deliveries.done(tx, row.id, now=MONDAY)


async def _count(store: Store, table: type[EnrollmentRow | RefusalRow]) -> int:
    async with store.read() as tx:
        return await tx.scalar(select(func.count()).select_from(table)) or 0


async def test_enrolling_is_acknowledged_before_temporal_has_heard(visitor: Visitor) -> None:
    """An enrollment is stored even when no worker runs: 202 says that the walk follows."""
    answer = await visitor.post("/v1/enrollments", ASKED)

    assert 202 == answer.status_code
    assert {"id": WALK, "state": "starting", "cause": "api: this machine"}.items() <= answer.json().items()


async def test_enrolling_answers_201_once_the_walk_has_begun(visitor: Visitor, store: Store) -> None:
    """A repeated call tells that the walk has begun meanwhile, with the same body."""
    first = await visitor.post("/v1/enrollments", ASKED, key="monday")
    await _deliver(store)

    again = await visitor.post("/v1/enrollments", ASKED, key="monday")

    assert 201 == again.status_code
    assert first.json() == again.json()


async def test_a_person_can_be_named_by_address(visitor: Visitor) -> None:
    """A career site knows addresses, not our ids."""
    answer = await visitor.post("/v1/enrollments", {"sequence": "welcome", "email": "C_Ana@People.example"})

    assert WALK == answer.json()["id"]


async def test_an_unknown_address_is_not_repeated(visitor: Visitor) -> None:
    """Answers end up in logs, so that an address is not in them."""
    answer = await visitor.post("/v1/enrollments", {"sequence": "welcome", "email": "nobody@people.example"})

    assert 404 == answer.status_code
    assert "nobody" not in answer.text


async def test_calls_at_the_same_moment_with_one_key_have_one_effect(visitor: Visitor, store: Store) -> None:
    """A client that times out and retries never enrolls anybody twice."""
    answers = await asyncio.gather(*(visitor.post("/v1/enrollments", ASKED, key="one") for _ in range(20)))

    assert {202} == {answer.status_code for answer in answers}
    assert 1 == len({answer.text for answer in answers})
    assert 1 == await _count(store, EnrollmentRow)


async def test_the_same_key_for_another_body_is_a_mistake(visitor: Visitor) -> None:
    """Two different calls under one key are a bug of the caller, and it is told so."""
    await visitor.post("/v1/enrollments", ASKED, key="one")

    answer = await visitor.post("/v1/enrollments", {**ASKED, "again": True}, key="one")

    assert 422 == answer.status_code
    assert "Idempotency-Key" == answer.json()["errors"][0]["place"]


async def test_the_order_of_keys_in_a_body_does_not_count(visitor: Visitor) -> None:
    """A retry that writes the same JSON in another order is the same call."""
    first = await visitor.post("/v1/enrollments", ASKED, key="one")

    again = await visitor.post("/v1/enrollments", dict(reversed(ASKED.items())), key="one")

    assert first.json() == again.json()


async def test_a_post_without_a_key_is_refused(visitor: Visitor) -> None:
    """Every POST can be repeated safely, because none goes without a key."""
    answer = await visitor.http.post("/v1/enrollments", json=ASKED)

    assert 422 == answer.status_code
    assert "Idempotency-Key" == answer.json()["errors"][0]["place"]


async def test_a_refusal_has_a_stable_reason_and_is_kept(visitor: Visitor, store: Store) -> None:
    """Who asks twice learns that the person is on the way, and `why` can tell later."""
    await visitor.post("/v1/enrollments", ASKED)

    refused = await visitor.post("/v1/enrollments", ASKED, key="second")
    repeated = await visitor.post("/v1/enrollments", ASKED, key="second")

    assert (409, "already_enrolled") == (refused.status_code, refused.json()["reason"])
    assert "application/problem+json" == refused.headers["content-type"]
    assert refused.json() == repeated.json()
    assert 1 == await _count(store, RefusalRow)


async def test_listing_goes_page_by_page(visitor: Visitor) -> None:
    """A list of thousands comes in pieces, each person once."""
    for name in ("c_bo", "c_cy"):
        await visitor.person(name)
    for name in ("c_ana", "c_bo", "c_cy"):
        await visitor.post("/v1/enrollments", {"sequence": "welcome", "candidate": name})

    first = (await visitor.get("/v1/enrollments", limit=2)).json()
    last = (await visitor.get("/v1/enrollments", limit=2, after=first["next"])).json()

    assert ["c_ana", "c_bo", "c_cy"] == [item["candidate"] for item in first["items"] + last["items"]]
    assert last["next"] is None


async def test_listing_can_be_narrowed(visitor: Visitor) -> None:
    """Who is in this sequence, and who is done with it."""
    await visitor.post("/v1/enrollments", ASKED)

    running = (await visitor.get("/v1/enrollments", sequence="welcome", state="starting")).json()
    ended = (await visitor.get("/v1/enrollments", state="ended")).json()

    assert (1, 0) == (len(running["items"]), len(ended["items"]))


async def test_one_enrollment_shows_its_timeline(visitor: Visitor) -> None:
    """What happened to this person, in order."""
    await visitor.post("/v1/enrollments", ASKED)

    shown = (await visitor.get(f"/v1/enrollments/{WALK}")).json()

    assert [("enrolled", "enrolled in welcome: api: this machine")] == [
        (entry["kind"], entry["text"]) for entry in shown["timeline"]
    ]
    assert shown["position"] is None


async def test_an_unknown_enrollment_is_not_found(visitor: Visitor) -> None:
    """A wrong id is answered by a sentence, not by an empty page."""
    answer = await visitor.get("/v1/enrollments/welcome/c_ana/7")

    assert (404, "urn:rapport:not-found") == (answer.status_code, answer.json()["type"])


async def test_a_walk_can_be_paused_resumed_and_cancelled(visitor: Visitor, store: Store) -> None:
    """A recruiter who talks to the person on the phone stops the mails, and lets them go on."""
    await visitor.post("/v1/enrollments", ASKED)

    states = [
        (await visitor.post(f"/v1/enrollments/{WALK}/{command}")).json()["state"]
        for command in ("pause", "resume", "cancel")
    ]

    async with store.read() as tx:
        told_in_order = [row.kind for row in await deliveries.undispatched(tx, enrollment=WALK)]
    assert ["paused", "running", "running"] == states
    assert ["start", "pause", "resume", "cancel"] == told_in_order


async def test_pausing_twice_is_refused_and_says_why(visitor: Visitor) -> None:
    """A stable reason lets a program tell "done before" from "broken"."""
    await visitor.post("/v1/enrollments", ASKED)
    await visitor.post(f"/v1/enrollments/{WALK}/pause")

    answer = await visitor.post(f"/v1/enrollments/{WALK}/pause")

    assert (409, "paused") == (answer.status_code, answer.json()["reason"])
