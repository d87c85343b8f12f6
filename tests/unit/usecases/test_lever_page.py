"""A page of a Lever account, read as news of today: only those whom the company rejected are told of as such."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rapport.ats.demo.logins import LOGINS
from rapport.ats.lever.words import contact_of
from rapport.store import ats
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.publish import publish
from tests.ats_fakes.replay import Replay
from tests.ats_house import CONNECTED, House
from tests.ats_stories import OneAts
from tests.ats_world import AtsInMemory
from tests.unit.ats.test_lever_words import REASONS, pages
from tests.unit.ats.vendors import opened
from tests.unit.store.worlds import DAY, PEPPER, StandingClock, a_publication

BACK = """
purpose: nurture
start: {when: {rejected: any}}
steps:
  - {id: cool-off, wait: 14 days}
  - {id: hello, send: welcome}
"""
ALL = 28


@asynccontextmanager
async def connected(page: Any, store: Store, clock: StandingClock) -> AsyncIterator[House]:
    """The account behind Lever's adapter, connected on the day before all of it happened."""
    rows, reasons = page()
    answers = {
        "/v1/opportunities": {"data": rows, "hasNext": False},
        "/v1/archive_reasons": {"data": reasons, "hasNext": False},
    }
    first = min(int(row["archived"]["archivedAt"]) for row in rows if row.get("archived"))
    clock.at = datetime.fromtimestamp(first / 1000, UTC) - timedelta(hours=1)
    await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="c0ffee", at=clock.at - DAY)
    async with opened("lever", fake=Replay("lever", answers), login=LOGINS["lever"]) as here:
        sync = AtsSync(store=store, clock=clock, vendors=OneAts(here.vendor), pepper=PEPPER)
        yield House(store=store, clock=clock, ats=AtsInMemory(), sync=sync)


@pytest.mark.parametrize("page", pages())
async def test_of_28_archived_and_active_people_only_rejected_ones_come_back(
    page: Any, store: Store, clock: StandingClock
) -> None:
    """Hires, withdrawals and closed jobs begin no re-pool; whoever has no address is kept as well."""
    rows, reasons = page()
    texts = {reason["id"]: reason["text"] for reason in reasons}
    outcomes = {row["id"]: REASONS[texts[row["archived"]["reason"]]][1] for row in rows if row.get("archived")}
    async with connected(page, store, clock) as house:
        await house.poll()
        async with store.read() as tx:
            told = (await tx.scalars(select(HappeningRow).where(HappeningRow.kind == "rejected"))).all()
            applications = (await tx.scalars(select(ApplicationRow))).all()
            people = (await tx.scalars(select(CandidateRow))).all()
            known = {str(contact_of(row)): await ats.candidate_of(tx, "main", str(contact_of(row))) for row in rows}
        rejected = {happening.detail["application"].removeprefix("main/") for happening in told}
        walks = await house.walks()

    assert ALL == len(applications) == len(rows)
    assert len(set(known.values())) == len(people) == len(known)
    assert rejected
    assert len(told) == len(rejected)
    assert {"rejected_by_us"} == {outcomes[number] for number in rejected}
    assert {happening.candidate for happening in told} >= set(walks)
    assert any(someone.email is None for someone in people)
