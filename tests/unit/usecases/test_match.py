"""Finding people for a role among thousands: the best ones, whatever order they are stored in, and who is left out."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from rapport.crm.role import Role
from rapport.errors import BadInput, NotFound
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.jobs import JobRow
from rapport.usecases import match as matching
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_tag
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.match import Search, rank, role_of_job
from rapport.usecases.publish import publish
from tests.unit.store.worlds import MONDAY, PROJECT, StandingClock, a_person, a_publication

ROLE = Role(title="Backend", must=("go",), nice=("kubernetes",), city="Berlin", country="DE", seniority="senior")
GOOD: dict[str, Any] = {"skills": ["golang"], "city": "Berlin", "country": "DE", "seniority": "senior"}
SYNONYMS = "skills: {synonyms: {go: [golang]}}\n"
_numbers = count()


@pytest.fixture
async def live(store: Store) -> Store:
    """A store whose project knows that golang is go."""
    await publish(store, a_publication({}, project=PROJECT + SYNONYMS), commit="1", at=MONDAY)
    return store


async def did(tx: Tx, clock: StandingClock, who: str, kind: str, *, days: int = 1, **more: Any) -> None:
    """Something happened to somebody so many days ago."""
    at = clock.now() - timedelta(days=days)
    await take_in(tx, clock, Incoming(dedupe_key=f"{next(_numbers)}", kind=kind, candidate=who, at=at, **more))


def names(found: Any) -> Sequence[str]:
    """Who was found, best first."""
    return [match.candidate for match in found.matches]


async def test_the_best_come_first_and_ties_go_by_id(live: Store, clock: StandingClock) -> None:
    """Skills before place, engagement on top, and the same answer each time."""
    async with live.write() as tx:
        await a_person(tx, "c_b_same", **GOOD)
        await a_person(tx, "c_a_same", **GOOD)
        await a_person(tx, "c_keen", **GOOD)
        await did(tx, clock, "c_keen", "replied")
        await a_person(tx, "c_far", **{**GOOD, "city": "Paris", "country": "FR"})
        await a_person(tx, "c_cobol", **{**GOOD, "skills": ["cobol"]})
    async with live.read() as tx:
        found = await rank(tx, clock, Search(role=ROLE))
        partly = await rank(tx, clock, Search(role=ROLE, qualified=False, limit=9))

    assert ["c_keen", "c_a_same", "c_b_same", "c_far"] == names(found)
    assert (5, {"not_qualified": 1}) == (found.people, found.left_out)
    assert "c_cobol" == names(partly)[-1]


async def test_qualified_and_engaged(live: Store, clock: StandingClock) -> None:
    """People who can do it and clicked, replied or came lately; a scanner's click and last year's do not count."""
    async with live.write() as tx:
        for name in ("c_clicked", "c_replied", "c_came", "c_scanned", "c_long_ago", "c_silent"):
            await a_person(tx, name, **GOOD)
        await did(tx, clock, "c_clicked", "clicked")
        await did(tx, clock, "c_replied", "replied", days=179)
        await did(tx, clock, "c_came", "attended", detail={"event": "fair-7"})
        await did(tx, clock, "c_scanned", "clicked", verdict="machine")
        await did(tx, clock, "c_long_ago", "replied", days=181)
    async with live.read() as tx:
        found = await rank(tx, clock, Search(role=ROLE, engaged=True))

    assert {"c_clicked", "c_replied", "c_came"} == set(names(found))
    assert {"not_engaged": 3} == found.left_out


async def test_who_is_left_out_and_why(live: Store, clock: StandingClock) -> None:
    """Hired, in a process, an employee, suppressed, without consent, erased: none of them is proposed."""
    async with live.write() as tx:
        for name in ("c_fine", "c_hired", "c_busy", "c_employee", "c_bounced", "c_withdrew", "c_erased"):
            await a_person(tx, name, **GOOD)
        await a_person(tx, "c_tracked", consent=("tracking",), **GOOD)
        await did(tx, clock, "c_hired", "hired")
        await did(tx, clock, "c_busy", "applied")
        cause = Cause(text="test", at=clock.now())
        await change_tag(tx, clock, "c_employee", how="add", tag="employee", cause=cause)
        await did(tx, clock, "c_bounced", "bounced")
        await did(tx, clock, "c_withdrew", "consent_withdrawn")
        await did(tx, clock, "c_erased", "erased")
    async with live.read() as tx:
        found = await rank(tx, clock, Search(role=ROLE))
        events = await rank(tx, clock, Search(role=ROLE, purpose="events"))

    assert ["c_fine"] == names(found) == names(events)
    assert {
        "active_elsewhere": 1,
        "employee": 1,
        "hired": 1,
        "no_consent": 2,
        "suppressed": 1,
    } == found.left_out


async def test_consent_for_the_purpose_that_is_asked_for(live: Store, clock: StandingClock) -> None:
    """Who agreed to invitations only is not proposed for nurture mails; a purpose that nobody declared is an error."""
    async with live.write() as tx:
        await a_person(tx, "c_ana", consent=("events",), **GOOD)
    async with live.read() as tx:
        assert [] == names(await rank(tx, clock, Search(role=ROLE, purpose="nurture")))
        assert ["c_ana"] == names(await rank(tx, clock, Search(role=ROLE)))
        with pytest.raises(NotFound, match="nurtur"):
            await rank(tx, clock, Search(role=ROLE, purpose="nurtur"))


async def test_stopping_early_finds_the_same(
    live: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is missed because the search ends when nobody behind can come to more."""
    monkeypatch.setattr(matching, "_PAGE", 3)
    async with live.write() as tx:
        for number in range(40):
            skills = ["go", "kubernetes"][: 1 + number % 2]
            city = "Berlin" if number % 3 else "Bonn"
            await a_person(tx, f"c_{number:02}", **{**GOOD, "skills": skills, "city": city, "score": number})
        for number, kind, days in (
            (0, "replied", 1),
            (3, "attended", 90),
            (8, "clicked", 200),
            (17, "replied", 360),
            (38, "clicked", 2),
        ):
            await did(tx, clock, f"c_{number:02}", kind, days=days)
    async with live.read() as tx:
        few = names(await rank(tx, clock, Search(role=ROLE, limit=7)))
        all_of_them = names(await rank(tx, clock, Search(role=ROLE, limit=40)))

    assert (few, 40) == (all_of_them[:7], len(all_of_them))


async def test_a_job_of_the_ats_is_a_role(live: Store, clock: StandingClock) -> None:
    """What the ATS knows of a job is what is looked for; a job without skills says nothing about anybody."""
    job: dict[str, Any] = {"connection": "main", "title": "SRE", "is_open": True, "at": MONDAY, "recorded_at": MONDAY}
    async with live.write() as tx:
        await insert(tx, JobRow(id="main/1", skills=["go"], city="Berlin", country="DE", **job))
        await insert(tx, JobRow(id="main/2", **job))
        await a_person(tx, "c_ana", **GOOD)
    async with live.read() as tx:
        role = await role_of_job(tx, "main/1")
        assert ["c_ana"] == names(await rank(tx, clock, Search(role=role)))
        with pytest.raises(BadInput, match="no skills"):
            await role_of_job(tx, "main/2")
        with pytest.raises(NotFound):
            await role_of_job(tx, "main/3")
