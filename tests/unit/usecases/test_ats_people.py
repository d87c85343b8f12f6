"""Who is new in the ATS is stored, and what it says of somebody fills in what nobody here has said."""

from typing import Any

import pytest
from sqlalchemy import select

from rapport.store import ats, candidates, consents, identities
from rapport.store.tables.people import CandidateRow
from rapport.usecases.erasing import erase
from tests.ats_house import House, house
from tests.unit.store.worlds import MONDAY, PEPPER

__all__ = ["house"]


async def test_new_people_are_stored_without_consent(house: House) -> None:
    """They get no mail until they agree; somebody without an address is stored as well."""
    house.ats.person("new", first_name="Eve", timezone="Europe/Lisbon", country="Portugal")
    house.ats.person("nameless", email=None)
    await house.poll()

    async with house.store.read() as tx:
        people = {row.email: row for row in await tx.scalars(select(CandidateRow).where(CandidateRow.source == "main"))}
        new = people["new@people.example"]
        assert ("Eve", "Europe/Lisbon", None) == (new.first_name, new.timezone, new.country)
        assert None in people
        assert [] == list(await consents.ledger(tx, new.id))


async def test_what_the_candidate_told_us_is_not_overwritten(house: House) -> None:
    """The ATS fills what is empty and follows its own changes; a change that was made here stands."""
    house.ats.person("c_ana", city="Lisbon", last_name=None)
    await house.poll()
    async with house.store.write() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Ana", "Lisbon") == (ana.first_name, ana.city)
        ana.city = "Berlin"
    house.ats.person("c_ana", city="Faro", first_name="Anna")
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Berlin", "DE", None) == (ana.city, ana.country, ana.last_name)
        assert "Anna" == ana.first_name


async def test_an_ats_that_forbids_mails_ends_them_until_the_person_agrees(house: House) -> None:
    """It withdraws what was given before, and closes the address."""
    house.ats.person("c_ana", may_mail=False)
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert {"all": "forbidden_by_ats"} == await consents.closed_because(tx, ana.email_key)
        latest = {entry.purpose: entry.state for entry in await consents.ledger(tx, "c_ana")}
        assert {"nurture": "withdrawn", "events": "withdrawn"} == latest
    house.ats.person("c_ana", may_mail=None)
    await house.poll()

    async with house.store.read() as tx:
        assert {} == await consents.closed_because(tx, (await candidates.get(tx, "c_ana")).email_key)
        assert "withdrawn" == (await consents.ledger(tx, "c_ana"))[-1].state


async def test_what_no_field_can_hold_is_left_out(house: House) -> None:
    """One odd name keeps nobody from being known."""
    house.ats.person("c_ana", first_name="x" * 300, last_name="two\nlines", city=" Faro ", timezone="Mars/Olympus")
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Ana", "Faro", None) == (ana.first_name, ana.city, ana.timezone)


async def test_who_is_told_in_part_and_known_is_read_whole(house: House) -> None:
    """The first round of some ATSs tells one application of a person; another page takes nothing of the first away."""
    house.ats.person("c_ana", tags=("vip",))
    await house.poll()
    house.ats.person("c_ana", is_part=True, tags=("data", "vip"))
    house.ats.person("new", is_part=True, tags=("data",))
    await house.poll()

    async with house.store.read() as tx:
        assert {"data", "vip"} == set(await candidates.tags_of(tx, "c_ana"))
        assert {"data"} == set(await candidates.tags_of(tx, str(await ats.candidate_of(tx, "main", "new"))))


@pytest.mark.parametrize(
    "trace", [{"email": "c_ana@people.example"}, {"profiles": ("https://www.linkedin.com/in/ana",)}]
)
async def test_whoever_was_erased_does_not_come_back_under_another_id(house: House, trace: dict[str, Any]) -> None:
    """A new record there, with an address or a profile of hers, makes nobody anew here."""
    profile = (identities.PROFILE, "linkedin.com/in/ana")
    async with house.store.write() as tx:
        await identities.name(tx, "c_ana", *profile, pepper=PEPPER, recorded_at=MONDAY)
        await erase(tx, house.clock, "c_ana", by="test")
    house.ats.person("zoe", **trace)
    await house.poll()

    async with house.store.read() as tx:
        assert ["c_ana"] == list(await tx.scalars(select(CandidateRow.id)))
