"""What people decide over HTTP: about parked mails and held walks; and why somebody was not enrolled."""

import pytest

from api import told
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.holds import hold
from rapport.usecases.standing import standing
from tests.api.doors import SentMail, Visitor
from tests.unit.store.worlds import MONDAY, StandingClock


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody delivers in these tests, so that waiting two seconds would only make them slow."""
    monkeypatch.setattr(told.has_heard, "__kwdefaults__", {"within": told.PATIENCE / 100})


@pytest.fixture
async def parked(mail: SentMail, store: Store) -> str:
    """The id of a mail of which nobody can say whether it left."""
    async with store.write() as tx:
        row = await sends.find(tx, mail.send)
        assert row is not None
        row.state, row.accepted_at, row.reason = "unknown", None, "connection lost"
    return str(mail.send)


@pytest.fixture
async def held(mail: SentMail, store: Store, clock: StandingClock) -> str:
    """The id of a walk that stands still."""
    async with store.write() as tx:
        await hold(tx, clock, await standing(tx, mail.enrollment, MONDAY), "hello", "refused by policy (550)")
    return mail.enrollment


async def test_parked_mails_are_listed_without_an_address(visitor: Visitor, parked: str) -> None:
    """Which mail of which walk, when and why; the id is text, so that no program rounds it."""
    answer = await visitor.get("/v1/sends", state="unknown")

    [item] = answer.json()["items"]
    assert {"id": parked, "step": "hello", "state": "unknown", "reason": "connection lost"}.items() <= item.items()
    assert "@" not in answer.text
    assert [] == (await visitor.get("/v1/sends", state="accepted")).json()["items"]


async def test_lists_come_page_by_page(visitor: Visitor, parked: str) -> None:
    """A page names the next one, and the last page names none."""
    first = (await visitor.get("/v1/sends", limit=1)).json()
    behind = (await visitor.get("/v1/sends", after=parked)).json()

    assert ([parked], None, []) == ([item["id"] for item in first["items"]], first["next"], behind["items"])


async def test_a_mail_is_sent_again_once_per_decision(visitor: Visitor, parked: str) -> None:
    """202 until a worker has sent it; the same key again is the same answer, and another decision is refused."""
    first = await visitor.post(f"/v1/sends/{parked}/resend", key="monday")
    again = await visitor.post(f"/v1/sends/{parked}/resend", key="monday")
    other = await visitor.post(f"/v1/sends/{parked}/resend")

    assert (202, first.json(), 409) == (again.status_code, again.json(), other.status_code)
    assert "resent" == other.json()["reason"]


async def test_a_dropped_mail_is_settled(visitor: Visitor, parked: str) -> None:
    """Dropping is done at once, and only once."""
    dropped = await visitor.post(f"/v1/sends/{parked}/drop")
    again = await visitor.post(f"/v1/sends/{parked}/drop")

    assert (200, "dropped") == (dropped.status_code, dropped.json()["state"])
    assert (409, "not_parked") == (again.status_code, again.json()["reason"])


@pytest.mark.parametrize("path", ["/v1/sends/7/drop", "/v1/sends/7/resend"])
async def test_an_unknown_mail_is_not_found(visitor: Visitor, path: str) -> None:
    """A typing error changes nothing."""
    assert 404 == (await visitor.post(path)).status_code


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775808", "x"])
async def test_an_odd_number_is_refused(visitor: Visitor, number: str) -> None:
    """What no id can be is said before the store is asked."""
    assert 422 == (await visitor.post(f"/v1/sends/{number}/drop")).status_code


@pytest.mark.parametrize("kind", ["retry", "skip"])
async def test_a_held_walk_is_listed_and_told_to_go_on(visitor: Visitor, held: str, kind: str) -> None:
    """A colleague sees who stands still and why, decides, and the walk is off the list."""
    [item] = (await visitor.get("/v1/holds")).json()["items"]
    answer = await visitor.post(f"/v1/enrollments/{held}/{kind}")
    refused = await visitor.post(f"/v1/enrollments/{held}/{kind}")

    expected = {"enrollment": held, "step": "hello", "reason": "refused by policy (550)", "owner": "anna-koch"}
    assert expected.items() <= item.items()
    assert (202, kind) == (answer.status_code, answer.json()["command"])
    assert (409, "not_held") == (refused.status_code, refused.json()["reason"])
    assert [] == (await visitor.get("/v1/holds")).json()["items"]


async def test_refusals_are_told_with_their_reason(visitor: Visitor, mail: SentMail) -> None:
    """Who asks why somebody is not in a sequence gets every decision, and what asked for it."""
    asked = {"sequence": "welcome", "candidate": "c_ana"}
    await visitor.post("/v1/enrollments", asked)

    [refusal] = (await visitor.get("/v1/candidates/c_ana/refusals")).json()

    assert mail.enrollment.startswith("welcome/")
    expected = {"sequence": "welcome", "reason": "already_enrolled", "cause": "api: this machine"}
    assert expected.items() <= refusal.items()
    assert 404 == (await visitor.get("/v1/candidates/c_nobody/refusals")).status_code
