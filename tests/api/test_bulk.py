"""Bulk enrollments over HTTP: begun once, looked at, cancelled; a dry run changes nothing."""

import pytest
from sqlalchemy import func, select

from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.bulk import BulkPersonRow, BulkRow
from rapport.store.tables.people import PoolMemberRow
from rapport.usecases.bulk import StoreBulkDesk
from tests.api.doors import Visitor
from tests.unit.store.worlds import MONDAY, StandingClock

BULK = "/v1/bulk-enrollments"
ASKED = {"sequence": "welcome", "candidates": ["c_ana", "c_nobody", "c_ana"]}


async def test_beginning_twice_with_one_key_begins_once(visitor: Visitor, store: Store) -> None:
    """A retry gets the same answer, and another call for the same people finds the one that is under way."""
    first = await visitor.post(BULK, ASKED, key="one")
    retried = await visitor.post(BULK, ASKED, key="one")
    other = await visitor.post(BULK, ASKED, key="two")

    assert (202, first.json()) == (first.status_code, retried.json())
    assert first.json()["id"] == other.json()["id"]
    assert ("starting", 2, 600, "a list of 2") == tuple(
        first.json()[name] for name in ("state", "total", "per_minute", "source")
    )
    async with store.read() as tx:
        assert (1, 2) == (
            await tx.scalar(select(func.count()).select_from(BulkRow)),
            await tx.scalar(select(func.count()).select_from(BulkPersonRow)),
        )


async def test_progress_and_reasons_can_be_looked_at(visitor: Visitor, clock: StandingClock) -> None:
    """Whoever began it sees how many entered and why the others did not."""
    bulk = (await visitor.post(BULK, ASKED)).json()["id"]
    await StoreBulkDesk(visitor.store, clock).enroll_page(bulk, up_to=10)

    shown = (await visitor.get(f"{BULK}/{bulk}")).json()

    assert {"state": "ended", "end": "done", "had_turn": 2, "entered": 1, "refused": 1} == {
        name: shown[name] for name in ("state", "end", "had_turn", "entered", "refused")
    }
    assert {"unknown_candidate": 1} == shown["reasons"]


async def test_cancelling_is_stored_and_told(visitor: Visitor, clock: StandingClock) -> None:
    """Nobody else enters; what is over cannot be cancelled."""
    bulk = (await visitor.post(BULK, ASKED)).json()["id"]
    cancelled = await visitor.post(f"{BULK}/{bulk}/cancel")
    await StoreBulkDesk(visitor.store, clock).enroll_page(bulk, up_to=10)
    shown = (await visitor.get(f"{BULK}/{bulk}")).json()
    again = await visitor.post(f"{BULK}/{bulk}/cancel")

    assert (202, "cancelling") == (cancelled.status_code, cancelled.json()["state"])
    assert ("cancelled", 0) == (shown["end"], shown["entered"])
    assert (409, "ended") == (again.status_code, again.json()["reason"])


async def test_a_dry_run_of_a_pool(visitor: Visitor, store: Store) -> None:
    """The numbers come back at once, and nothing is stored."""
    async with store.write() as tx:
        member = PoolMemberRow(candidate="c_ana", pool="warm", cause="t", at=MONDAY, recorded_at=MONDAY)
        await insert(tx, member)

    answer = await visitor.post(BULK, {"sequence": "welcome", "pool": "warm", "dry_run": True})

    assert (200, {"would_enter": 1, "refused": {}, "sample": ["c_ana"]}) == (answer.status_code, answer.json())
    async with store.read() as tx:
        assert 0 == await tx.scalar(select(func.count()).select_from(BulkRow))


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"sequence": "welcome"}, 422, None),
        ({**ASKED, "pool": "warm"}, 422, None),
        ({**ASKED, "per_minute": 0}, 422, None),
        ({**ASKED, "sequence": "nothing"}, 409, "not_published"),
        ({**ASKED, "sequence": "nothing", "dry_run": True}, 409, "not_published"),
        ({**ASKED, "event": "fair-9"}, 409, "unknown_event"),
        ({**ASKED, "event": "fair-9", "dry_run": True}, 409, "unknown_event"),
        ({"sequence": "welcome", "pool": "warm"}, 409, "nobody"),
        ({"sequence": "welcome", "pool": "wram"}, 404, None),
    ],
)
async def test_what_makes_no_sense_is_refused_at_once(
    visitor: Visitor, body: dict[str, object], status: int, reason: str | None
) -> None:
    """A mistake is told by the call, not by ten thousand refusals."""
    answer = await visitor.post(BULK, body)

    assert (status, reason) == (answer.status_code, answer.json().get("reason"))


async def test_an_unknown_bulk_enrollment_is_not_found(visitor: Visitor) -> None:
    """A wrong id is answered by a sentence."""
    assert 404 == (await visitor.get(f"{BULK}/b_nothing")).status_code
