"""Webhooks of an ATS at the door: believed by their signature only, and stored before they are acknowledged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from api.app import create_app
from rapport.store.database import Store
from rapport.store.tables.ats import AtsErrandRow
from tests.api.doors import HERE, TestHouse
from tests.ats_world import AtsInMemory, delivery, signature
from tests.unit.store.worlds import StandingClock, opened, url_of

HINT = delivery(key="d-1", kind="application", id="a-1")


@asynccontextmanager
async def _calling(store: Store, clock: StandingClock) -> AsyncIterator[AsyncClient]:
    app = create_app(TestHouse(store=store), clock, vendors=AtsInMemory().vendor())
    transport = ASGITransport(app, client=("203.0.113.9", 50_000))
    async with AsyncClient(transport=transport, base_url=HERE) as http:
        yield http


@pytest.fixture
async def http(store: Store, clock: StandingClock) -> AsyncIterator[AsyncClient]:
    """An ATS somewhere on the internet."""
    async with _calling(store, clock) as http:
        yield http


async def _kept(store: Store) -> list[tuple[str, str, str]]:
    async with store.read() as tx:
        rows = await tx.scalars(select(AtsErrandRow).order_by(AtsErrandRow.id))
        return [(row.connection, row.kind, row.subject) for row in rows]


async def test_a_signed_call_is_stored_once(http: AsyncClient, store: Store) -> None:
    """The ATS delivers again until it has heard a good answer; the second delivery adds nothing."""
    first = await http.post("/ats-events/main", content=HINT, headers={"Signature": signature(HINT)})
    again = await http.post("/ats-events/main", content=HINT, headers={"Signature": signature(HINT)})

    assert (200, {"taken": 1}) == (first.status_code, first.json())
    assert (200, {"taken": 0}) == (again.status_code, again.json())
    assert [("main", "application", "a-1")] == await _kept(store)


@pytest.mark.parametrize("proof", ["", "0" * 64, signature(b"another body")])
async def test_a_forged_call_is_refused_without_a_word_of_why(http: AsyncClient, store: Store, proof: str) -> None:
    """Whoever tries learns nothing."""
    answer = await http.post("/ats-events/main", content=HINT, headers={"Signature": proof})

    assert 401 == answer.status_code
    assert {"type", "title", "status", "detail"} == answer.json().keys()
    assert [] == await _kept(store)


async def test_an_ats_that_is_not_connected_is_not_found(http: AsyncClient) -> None:
    """Its name may be misspelled in the ATS."""
    answer = await http.post("/ats-events/unknown", content=HINT, headers={"Signature": signature(HINT)})

    assert 404 == answer.status_code


async def test_a_huge_call_is_refused_while_it_comes(http: AsyncClient) -> None:
    """A megabyte is a hundred times what an ATS sends."""
    answer = await http.post("/ats-events/main", content=b" " * 1_000_001)

    assert 413 == answer.status_code


async def test_a_ping_is_answered_and_kept_by_nobody(http: AsyncClient, store: Store) -> None:
    """Connection tests of an ATS name nothing."""
    ping = delivery(key="d-2", kind="nothing")
    answer = await http.post("/ats-events/main", content=ping, headers={"Signature": signature(ping)})

    assert (200, {"taken": 0}) == (answer.status_code, answer.json())
    assert [] == await _kept(store)


async def test_while_the_store_is_away_the_ats_is_asked_to_call_again(tmp_path: Path, clock: StandingClock) -> None:
    """Nothing is acknowledged that is not stored."""
    async with opened(url_of(tmp_path)) as nowhere, _calling(nowhere, clock) as http:
        answer = await http.post("/ats-events/main", content=HINT, headers={"Signature": signature(HINT)})

    assert 503 == answer.status_code
    assert "retry-after" in answer.headers
