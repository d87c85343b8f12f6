"""A profile is changed through one door, which checks, explains and keeps segments current."""

from typing import Any

import pytest
from sqlalchemy import select

from rapport.errors import BadInput
from rapport.ids import address_key
from rapport.store import candidates, erasure
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.people import ProfileChangeRow
from rapport.usecases.cause import Cause
from rapport.usecases.enroll import enroll
from rapport.usecases.new_person import Granted, NewPerson, add_person
from rapport.usecases.profile import change_profile
from rapport.usecases.publish import publish
from tests.unit.store.worlds import (
    DAY,
    MONDAY,
    PEPPER,
    WELCOME,
    StandingClock,
    a_person,
    a_publication,
    published,
)

PROJECT = """
people: {anna-koch: {name: Anna Koch, email: anna@acme.example}}
pools:
  berlin: {title: Berlin, members: {candidate.city: Berlin}}
  soon: {title: Soon, members: {candidate.custom.notice: {at_most: 30}}}
custom_fields: {notice: number, starts: date, remote: boolean, nickname: text, tools: list}
"""
BY_HAND = Cause(text="by hand", at=MONDAY)


@pytest.fixture
async def known(store: Store) -> Store:
    """A store with a project, and Ana."""
    await publish(store, a_publication({}, project=PROJECT), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    return store


async def change(store: Store, clock: StandingClock, fields: dict[str, Any]) -> bool:
    """Change Ana."""
    async with store.write() as tx:
        return await change_profile(tx, clock, "c_ana", fields, cause=BY_HAND)


async def test_fields_are_stored_once_and_explained(known: Store, clock: StandingClock) -> None:
    """A second time changes nothing; the change is noted by the names of its fields only."""
    fields = {"city": "Berlin", "skills": "python; go", "custom": {"notice": "30", "remote": "yes", "tools": ["git"]}}

    changed = [await change(known, clock, fields) for _ in range(2)]

    assert changed == [True, False]
    async with known.read() as tx:
        row = await candidates.get(tx, "c_ana")
        assert ("Berlin", ["python", "go"]) == (row.city, row.skills)
        assert row.custom == {"notice": 30, "remote": True, "tools": ["git"]}
        [noted] = await tx.scalars(select(ProfileChangeRow))
        assert noted.fields == ["city", "skills", "custom.notice", "custom.remote", "custom.tools"]


async def test_a_change_moves_people_between_segments_at_once(known: Store, clock: StandingClock) -> None:
    """Who moves to Berlin is in the segment when the change is stored, and who moves away is out."""
    await change(known, clock, {"city": "Berlin", "custom": {"notice": 14}})
    async with known.read() as tx:
        assert await candidates.pools_of(tx, "c_ana", MONDAY) == ["berlin", "soon"]

    await change(known, clock, {"city": None, "custom": {"notice": 90}})
    async with known.read() as tx:
        assert await candidates.pools_of(tx, "c_ana", MONDAY) == []


async def test_own_fields_that_are_not_named_stay(known: Store, clock: StandingClock) -> None:
    """Emptying one leaves the others."""
    await change(known, clock, {"custom": {"notice": 14, "nickname": "Annie", "starts": "2026-05-01"}})
    await change(known, clock, {"custom": {"nickname": None}})

    async with known.read() as tx:
        assert (await candidates.get(tx, "c_ana")).custom == {"notice": 14, "starts": "2026-05-01"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"email": "other@people.example"}, "email"),
        ({"country": "Germany"}, "country"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"owner_recruiter": "nobody"}, "owner_recruiter"),
        ({"stage": "interview"}, "stage"),
        ({"joined_on": "2026-02-30"}, "joined_on"),
        ({"skills": [1]}, "skills"),
        ({"skills": 7}, "skills"),
        ({"first_name": "A\nB"}, "first_name"),
        ({"first_name": ["A"]}, "first_name"),
        ({"custom": {"salary": 1}}, "custom.salary"),
        ({"custom": {"notice": "soon"}}, "custom.notice"),
        ({"custom": {"notice": "1e999"}}, "custom.notice"),
        ({"custom": {"notice": True}}, "custom.notice"),
        ({"custom": {"remote": "perhaps"}}, "custom.remote"),
        ({"custom": {"starts": "soon"}}, "custom.starts"),
        ({"custom": []}, "custom"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name_and_changes_nothing(
    known: Store, clock: StandingClock, fields: dict[str, Any], place: str
) -> None:
    """The error names the field; the fields that would have fitted are not stored either."""
    with pytest.raises(BadInput) as error:
        await change(known, clock, {"city": "Berlin", **fields})

    assert place == error.value.place
    async with known.read() as tx:
        assert (await candidates.get(tx, "c_ana")).city is None


async def test_nothing_changes_about_an_erased_person(known: Store, clock: StandingClock) -> None:
    """What was noted is gone with them, and nothing new comes."""
    await change(known, clock, {"city": "Berlin"})
    async with known.write() as tx:
        await erasure.erase(tx, "c_ana", MONDAY)

    assert not await change(known, clock, {"city": "Hamburg"})
    async with known.read() as tx:
        assert [] == [*await tx.scalars(select(ProfileChangeRow))]


async def test_who_is_put_among_the_hired_by_hand_gets_no_more_mails(store: Store, clock: StandingClock) -> None:
    """Without an ATS a recruiter says it, and the walk ends as after a hire; other changes end nothing."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await enroll(tx, clock, sequence="welcome", candidate="c_ana", at=MONDAY, cause="test")

    for stage in ("consideration", "hired"):
        await change(store, clock, {"stage": stage})

    async with store.read() as tx:
        heard = await tx.scalars(select(DeliveryRow.payload).where(DeliveryRow.kind == "happening"))
        assert ["hired"] == [each["kind"] for each in heard]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"basis": "because"}, "basis"),
        ({"basis": "implied"}, "until"),
        ({"text": " "}, "text"),
        ({"source": ""}, "source"),
        ({"purposes": ("nonsense",)}, "purpose"),
    ],
)
async def test_consent_of_a_new_person_needs_what_consent_needs_anywhere(
    store: Store, clock: StandingClock, wrong: dict[str, Any], place: str
) -> None:
    """No door stores a yes that could not be proven; without it, nobody is stored either."""
    await published(store)
    right = {"purposes": ("nurture",), "basis": "consent", "text": "Yes.", "source": "fair"}
    new = NewPerson(email="bo@people.example", granted=Granted(**{**right, **wrong}))

    async def add() -> None:
        async with store.write() as tx:
            await add_person(tx, clock, new, pepper=PEPPER, cause="test")

    with pytest.raises(BadInput) as error:
        await add()

    assert place == error.value.place
    async with store.read() as tx:
        assert await candidates.by_key(tx, address_key("bo@people.example", PEPPER)) is None
