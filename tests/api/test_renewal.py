"""The renewal that is shipped, from the sweep to the end: who agrees on the page stays, who says nothing is erased."""

import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from cli.publication import publication_of
from rapport.dsl.workspace import load_workspace
from rapport.ids import address_key
from rapport.store import candidates, consents, privacy
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.publish import publish
from rapport.usecases.retention_sweep import sweep_page
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents
from tests.api.doors import Visitor, mailed
from tests.unit.store.worlds import DAY, MONDAY, StandingClock

SHIPPED = Path(__file__).parents[2] / "sequences"
SWEEPS = (698, 700, 701, 729, 731, 732)  # consent of Sunday holds for 730 days


async def told(store: Store, enrollment: str) -> Sequence[str]:
    """What a walk hears, in order, by the names of events."""
    async with store.read() as tx:
        rows = (await tx.scalars(select(DeliveryRow).where(DeliveryRow.enrollment == enrollment))).all()
    payloads = [row.payload for row in sorted(rows, key=lambda row: row.id) if row.kind == "happening"]
    return [str(payload.get("detail", {}).get("name") or payload["kind"]) for payload in payloads]


async def agree(visitor: Visitor, store: Store, clock: StandingClock, walk: str) -> None:
    """Follow the first mail to the page, and press the button that renews."""
    mail = await mailed(store, clock, walk, "ask")
    place = f"/p/{mail.token('preferences')}"
    page = await visitor.http.get(place)
    boxes = re.findall(r'name="shown" value="(\w+:\w+)"', page.text.partition("</form>")[0])
    saved = await visitor.http.post(place, data={"do": "renew", "shown": boxes})
    assert saved.is_success


async def test_a_click_renews_and_silence_erases(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """Thirty days before, both are asked, once; Ana agrees and stays, Ben is erased a day after his consent ran out."""
    await publish(store, publication_of(load_workspace(SHIPPED)), commit="c0ffee", at=MONDAY)
    for name in ("c_ana", "c_ben"):
        if name != "c_ana":
            await visitor.person(name, consent=("nurture",))
    clock.at = MONDAY + 90 * DAY
    heard = {"kind": "submitted", "candidate": "c_ben", "detail": {"form": "salary-survey"}}
    assert (await visitor.post("/v1/events", heard)).is_success
    walks, gone = [], []
    for day in SWEEPS:
        clock.at = MONDAY + day * DAY
        await sweep_page(store, clock, "", sweep=str(day))
        async with store.read() as tx:
            walks.append(sorted((await tx.scalars(select(EnrollmentRow.id))).all()))
            gone.append((await candidates.get(tx, "c_ben")).erased_at is not None)
        if day == 701:
            await agree(visitor, store, clock, "consent-renewal/c_ana/1")

    both = ["consent-renewal/c_ana/1", "consent-renewal/c_ben/1"]
    async with store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        holds = await valid_consents(tx, ana, await live_project(tx), clock.at)
        [record] = await privacy.of_person(tx, "c_ben")
        closed = await consents.closed_because(tx, address_key("c_ben@people.example", visitor.settings.pepper))
        last = (await consents.ledger(tx, "c_ana"))[-1]
    assert [[], both, both, both, both, both] == walks
    assert [False, False, False, False, True, True] == gone
    assert (None, MONDAY + 701 * DAY + 730 * DAY) == (ana.erased_at, holds["nurture"])
    assert ("granted", True, True) == (last.state, bool(last.text), bool(last.proof))
    assert ["consent-given-nurture"] == [name for name in await told(store, both[0]) if name.startswith("consent-g")]
    assert "erased" in await told(store, both[1])
    assert ("retention policy", "consent_expired", {"all": "erased"}) == (
        record.asked_by,
        record.detail["why"],
        {scope: reason for scope, reason in closed.items() if scope == "all"},
    )
