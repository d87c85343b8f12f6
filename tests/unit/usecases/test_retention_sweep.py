"""The retention sweep: who is erased, who is told before, who is asked to stay, and who is left alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.crm.retention import Due, Kept, due
from rapport.dsl.retention import read_retention
from rapport.ports import SweepStanding
from rapport.store import candidates, privacy
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.publish import publish
from rapport.usecases.retention_sweep import overdue, sweep_page
from tests.unit.store.worlds import DAY, MONDAY, PROJECT, StandingClock, a_person, a_publication

POLICY = """
retention:
  default: {inactive: 730 days, rejected: 180 days, consent_expired: 1 day}
  countries: {FR: {rejected: 730 days}, NL: {rejected: 4 weeks}}
"""
RENEW = """
purpose: nurture
start: {when: {custom: {name: consent-expiring-nurture}}}
goal: {custom: {name: consent-given-nurture}}
steps: [{id: ask, send: welcome}, {id: silence, wait: 30 days}]
"""


async def prepared(store: Store, policy: str = POLICY) -> None:
    """A project with a retention policy, and a sequence that asks for consent."""
    await publish(store, a_publication({"renew": RENEW}, project=PROJECT + policy), commit="c0ffee", at=MONDAY - DAY)


async def heard(tx: Tx, kind: str, at: datetime, *, candidate: str = "c_ana", **more: Any) -> None:
    """Something was heard of a person."""
    fields = {"dedupe_key": f"{kind}:{candidate}:{at}", "kind": kind, "candidate": candidate, "at": at, **more}
    await take_in(tx, StandingClock(at), Incoming(**fields))


async def rejected(tx: Tx, candidate: str, *, status: str = "rejected") -> None:
    """They applied on Monday."""
    row = ApplicationRow(
        id=f"a/{candidate}", candidate=candidate, at=MONDAY, recorded_at=MONDAY, status=status, outcome="rejected"
    )
    await insert(tx, row)


async def sweep(store: Store, days: int) -> SweepStanding:
    """One sweep so many days after Monday."""
    return await sweep_page(store, StandingClock(MONDAY + days * DAY), "", sweep=str(days))


async def gone(store: Store) -> list[str]:
    """Who is erased."""
    async with store.read() as tx:
        return [name for name in ("c_ana", "c_fr", "c_nl") if (await candidates.get(tx, name)).erased_at is not None]


async def test_each_country_has_its_own_time(store: Store) -> None:
    """Rejected without consent, the Dutch go after four weeks, Germans after 180 days, the French after two years."""
    await prepared(store)
    async with store.write() as tx:
        for name, country in (("c_ana", "DE"), ("c_fr", "FR"), ("c_nl", "NL")):
            await a_person(tx, name, country=country, consent=())
            await rejected(tx, name)

    seen = []
    for days in (27, 28, 179, 180, 729, 730):
        await sweep(store, days)
        seen.append(await gone(store))

    assert [[], ["c_nl"], ["c_nl"], ["c_ana", "c_nl"], ["c_ana", "c_nl"], ["c_ana", "c_fr", "c_nl"]] == seen


@pytest.mark.parametrize(
    ("kind", "verdict", "stays"),
    [("clicked", "human", True), ("opened", "human", False), ("clicked", "machine", False)],
)
async def test_a_click_counts_and_an_open_does_not(store: Store, kind: str, verdict: Any, *, stays: bool) -> None:
    """Only what people do themselves is contact; a scanner's click is none."""
    await prepared(store, "retention: {default: {inactive: 100 days}}\n")
    async with store.write() as tx:
        await a_person(tx)
        await heard(tx, kind, MONDAY + 50 * DAY, verdict=verdict)

    found = [each.candidate async for each in overdue(store, StandingClock(MONDAY + 120 * DAY))]
    later = [each.candidate async for each in overdue(store, StandingClock(MONDAY + 150 * DAY))]

    assert ([] if stays else ["c_ana"]) == found
    assert ["c_ana"] == later


async def test_nobody_is_erased_in_a_process_or_without_a_policy(store: Store) -> None:
    """A candidate for a job right now stays, and where project.yaml says nothing, everybody does."""
    await prepared(store, "retention: {default: {inactive: 10 days}}\n")
    async with store.write() as tx:
        await a_person(tx)
        await rejected(tx, "c_ana", status="active")
    first = await sweep(store, 300)
    await prepared(store, "")

    assert (0, 0) == (first.erased, (await sweep(store, 3000)).erased)


async def test_silence_erases_and_an_answer_keeps(store: Store) -> None:
    """Thirty days before consent runs out each is asked once; who agrees stays, who says nothing is erased."""
    await prepared(store, "retention: {default: {consent_expired: 1 day}}\n")
    async with store.write() as tx:
        for name in ("c_ana", "c_ben"):
            await a_person(tx, name, consent=("nurture",))
    asked = [(await sweep(store, days)).asked for days in (698, 700, 701)]
    async with store.write() as tx:
        await heard(tx, "consent_given", MONDAY + 710 * DAY, detail={"purpose": "nurture"})
        named = (await tx.scalars(select(HappeningRow.detail).where(HappeningRow.kind == "custom"))).all()

    erased = [(await sweep(store, days)).erased for days in (729, 731)]

    async with store.read() as tx:
        ana, ben = [await candidates.get(tx, name) for name in ("c_ana", "c_ben")]
        [record] = await privacy.of_person(tx, "c_ben")
    assert ([0, 2, 0], [0, 1]) == (asked, erased)
    assert (None, True) == (ana.erased_at, ben.erased_at is not None)
    assert ("retention policy", {"why": "consent_expired", "sweep": "731"}) == (record.asked_by, record.detail)
    assert {"consent-expiring-nurture", "consent-given-nurture"} == {detail["name"] for detail in named}


async def test_an_erasure_may_be_announced_first(store: Store) -> None:
    """With `notice` people are told before; who does something meanwhile stays, who does not is erased."""
    await prepared(store, "retention: {default: {inactive: 100 days}, notice: 2 days}\n")
    async with store.write() as tx:
        for name in ("c_ana", "c_ben"):
            await a_person(tx, name)
    first, again = await sweep(store, 101), await sweep(store, 102)
    async with store.write() as tx:
        await heard(tx, "clicked", MONDAY + 102 * DAY)

    last = await sweep(store, 103)

    async with store.read() as tx:
        states = {name: [row.state for row in await privacy.of_person(tx, name)] for name in ("c_ana", "c_ben")}
    assert [(2, 0), (0, 0), (0, 1)] == [(each.announced, each.erased) for each in (first, again, last)]
    assert {"c_ana": ["dropped"], "c_ben": ["running"]} == states


async def test_a_sweep_goes_page_by_page(store: Store) -> None:
    """It goes on behind the id where it stood, and says when it is over."""
    await prepared(store, "retention: {default: {inactive: 10 days}}\n")
    async with store.write() as tx:
        for number in range(103):
            await a_person(tx, f"c_{number:03}", consent=())
    clock, pages = StandingClock(MONDAY + 11 * DAY), [SweepStanding(behind="")]

    while not pages[-1].over:
        pages.append(await sweep_page(store, clock, pages[-1].behind, sweep="s"))
    again = await sweep_page(store, clock, "", sweep="t")

    assert [("c_099", 100, 100), ("c_102", 3, 3)] == [(each.behind, each.looked, each.erased) for each in pages[1:]]
    assert (0, True) == (again.erased, again.over)


class Killed(BaseException):
    """No code of ours catches it."""


class Dying(StandingClock):
    """The clock of a process that dies when it has looked at it so many times."""

    def __init__(self, at: datetime, looks: int) -> None:
        super().__init__(at)
        self.looks = looks

    def now(self) -> datetime:
        """The time, or the end."""
        self.looks -= 1
        if self.looks < 0:
            raise Killed
        return super().now()


async def test_what_a_killed_attempt_has_done_is_counted(store: Store) -> None:
    """However often a page is begun anew, its numbers are those of everybody who was erased, announced or asked."""
    await prepared(store, "retention: {default: {inactive: 100 days}}\n")
    async with store.write() as tx:
        for number in range(10, 30):
            await a_person(tx, f"c_{number}", consent=())
            await heard(tx, "clicked", MONDAY + (number % 2) * 50 * DAY, candidate=f"c_{number}")
    at, tries = MONDAY + 120 * DAY, 0

    for looks in (2, 3, 4):
        with pytest.raises(Killed):
            await sweep_page(store, Dying(at, looks), "", sweep="s")
        async with store.read() as tx:
            tries += await tx.scalar(select(func.count(CandidateRow.erased_at))) or 0
    last = await sweep_page(store, StandingClock(at), "", sweep="s")
    again = await sweep_page(store, StandingClock(at), "", sweep="t")

    assert tries > 0
    assert (20, 10, True) == (last.looked, last.erased, last.over)
    assert (10, 0, True) == (again.looked, again.erased, again.over)


def test_the_limit_that_was_over_first_is_named() -> None:
    """Consent keeps who was rejected, and inactivity ends it all."""
    limits = read_retention({"default": {"inactive": "10 days", "rejected": "2 weeks"}}).limits("DE")
    person = Kept(since=MONDAY, rejected_at=MONDAY - 10 * DAY)
    agrees = Kept(since=MONDAY, rejected_at=MONDAY - 10 * DAY, consents=True)
    at = MONDAY + 10 * DAY

    assert Due(at=MONDAY + 4 * DAY, why="rejected") == due(person, limits, at)
    assert Due(at=at, why="inactive") == due(agrees, limits, at)
    assert due(agrees, limits, at - timedelta(seconds=1)) is None
