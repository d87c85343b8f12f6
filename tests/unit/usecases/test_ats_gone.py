"""Whoever is deleted in the ATS is erased here, once it has nothing of them; of whom it shows no more, we ask."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from rapport.crm.hiring import HiringOutcome
from rapport.errors import ConfigurationError
from rapport.ids import name_key
from rapport.store import ats, candidates, consents, identities
from rapport.store.schema import METADATA
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.erasing import erase
from tests.ats_house import House, house
from tests.unit.store.worlds import DAY, MONDAY, PEPPER

__all__ = ["house"]


async def _rounds(house: House, polls: int = 6) -> None:
    """So many polls that everybody was asked for."""
    for _ in range(polls):
        await house.poll()


async def _is_erased(house: House, candidate: str = "c_ana") -> bool:
    async with house.store.read() as tx:
        return (await candidates.get(tx, candidate)).erased_at is not None


async def _is_hidden(house: House) -> bool:
    async with house.store.read() as tx:
        return [row.hidden_after for row in await ats.connections(tx)] != [None]


async def _asked_about(house: House) -> list[str | None]:
    async with house.store.read() as tx:
        return list(await tx.scalars(select(TaskRow.candidate).where(TaskRow.key.startswith("ats-missing/"))))


async def test_of_whom_the_ats_shows_no_more_a_colleague_is_asked(house: House) -> None:
    """A few people each poll, in turns, for ever: one who is gone may be deleted or private, so nobody is erased."""
    for number in range(8):
        house.ats.person(f"p{number}")
    await house.poll()
    house.ats.delete("c_ana")
    await _rounds(house, 12)

    assert not await _is_erased(house)
    assert ["c_ana"] == await _asked_about(house)


async def test_whoever_was_anonymized_without_a_word_is_found_and_erased(house: House) -> None:
    """The record itself says it: nobody has to be asked."""
    await house.poll()
    anonymous = replace(house.ats.people["c_ana"], is_anonymized=True)
    house.ats.people = {"c_ana": anonymous}
    await house.hint("missing", "c_ana")
    await house.errands.drain()

    assert await _is_erased(house)


async def test_whoever_is_hidden_with_many_others_was_not_deleted(house: House) -> None:
    """Rights that our login has lost hide people by the hundred: nobody is erased for that."""
    for number in range(8):
        house.ats.person(f"p{number}")
    await house.poll()
    hidden, house.ats.people = house.ats.people, {}
    await _rounds(house)
    assert await _is_hidden(house)
    await _rounds(house)
    assert await _is_hidden(house)
    house.ats.people = hidden
    await _rounds(house, 12)

    assert (False, []) == (await _is_erased(house), await _asked_about(house))
    assert not await _is_hidden(house)


async def test_people_who_are_hidden_are_remembered_until_they_are_met_again(house: House) -> None:
    """Others whose turn comes in between are all there, and prove nothing."""
    for number in range(8):
        house.ats.person(f"p{number}")
    await house.poll()
    hidden = {name: house.ats.people.pop(name) for name in ("c_ana", "p0", "p1")}
    await _rounds(house, 5)
    remembered = await _is_hidden(house)
    house.ats.people |= hidden
    await _rounds(house, 12)

    assert remembered
    assert not await _is_hidden(house)


async def test_a_round_is_over_though_nobody_could_be_asked_for(house: House) -> None:
    """The ATS goes away behind the last page: the poll is done, and the next one asks for the same people."""
    await house.poll()
    house.ats.delete("c_ana")
    house.ats.bad_answers.append(ConfigurationError("No right.", hint="Give it."))
    house.ats.answers_first = 1
    standing = await house.desk.poll_page("main")
    assert not standing.more
    assert not await _is_erased(house)
    await _rounds(house, 2)

    assert ["c_ana"] == await _asked_about(house)


@pytest.mark.parametrize("how", ["told", "found"])
async def test_a_merge_that_nobody_told_erases_nobody(house: House, how: str) -> None:
    """The old record is gone, and somebody with the same address is there: both ids are one person."""
    await house.poll()
    house.ats.delete("c_ana")
    house.ats.person("ana-2", email="c_ana@people.example")
    if how == "told":
        await house.hint("deleted", "c_ana")
    await _rounds(house, 3)

    assert not await _is_erased(house)
    async with house.store.read() as tx:
        assert ["c_ana", "c_ana"] == [await ats.candidate_of(tx, "main", each) for each in ("c_ana", "ana-2")]
        assert "ana-2" == await ats.person_of(tx, "main", "c_ana")


async def test_one_of_two_records_that_is_deleted_takes_its_applications_along(house: House) -> None:
    """Some ATSs have a record for each job: without this one the person lives on, and is in no process by it."""
    house.ats.person("ana-2", email="c_ana@people.example")
    house.ats.apply("ana-2", "data")
    await house.poll()
    house.ats.delete("ana-2")
    await house.hint("deleted", "ana-2")
    await house.errands.drain()

    assert not await _is_erased(house)
    async with house.store.read() as tx:
        rows = {row.id: row.status for row in await ats.applications_of(tx, "c_ana")}
        assert {"main/c_ana-backend": "active", "main/ana-2-data": "closed"} == rows


async def test_a_late_word_of_the_record_that_was_merged_away_erases_nobody(house: House) -> None:
    """Somebody merges two records, and the ATS says afterwards that the old one is deleted."""
    house.ats.person("ana-2", email="second@people.example")
    await house.poll()
    house.ats.merge("ana-2", "c_ana")
    await house.hint("merged", "ana-2", new_id="c_ana")
    await house.errands.drain()
    house.ats.delete("ana-2")
    await house.hint("deleted", "ana-2", key="2")
    await house.errands.drain()
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.clock.at += DAY
    await _rounds(house, 3)

    assert not await _is_erased(house)


async def test_an_application_that_the_ats_says_to_have_deleted_is_over(house: House) -> None:
    """The list of what was deleted names it; the person is read again, and erased only if nothing is left."""
    house.ats.apply("c_ana", "data")
    await house.poll()
    del house.ats.filed["c_ana-data"]
    house.ats.gone.append("c_ana-data")
    await house.poll()

    assert not await _is_erased(house)
    async with house.store.read() as tx:
        rows = {row.id: row.status for row in await ats.applications_of(tx, "c_ana")}
        assert {"main/c_ana-backend": "active", "main/c_ana-data": "closed"} == rows


async def test_whoever_is_deleted_there_is_erased_here_and_does_not_come_back(house: House) -> None:
    """The hint alone erases nobody: the ATS must have nothing of them any more."""
    await house.poll()
    await house.hint("deleted", "c_ana")
    await house.errands.drain()
    async with house.store.read() as tx:
        assert (await candidates.get(tx, "c_ana")).erased_at is None
    known, filed = house.ats.people["c_ana"], dict(house.ats.filed)
    house.ats.delete("c_ana")
    await house.hint("deleted", "c_ana", key="2")
    await house.errands.drain()
    house.ats.people["c_ana"], house.ats.filed = replace(known, updated_at=None), filed
    await house.hint("person", "c_ana", key="3")
    await house.errands.drain()

    async with house.store.read() as tx:
        everybody = (await tx.scalars(select(CandidateRow))).all()
        assert [("c_ana", None, None)] == [(row.id, row.email, row.first_name) for row in everybody]
        assert [] == await ats.applications_of(tx, "c_ana")


async def test_what_the_ats_calls_whoever_is_erased_is_kept_as_a_hash_only(house: House) -> None:
    """Her record and her application there are in no table but the list of errands, which is emptied by and by."""
    house.ats.person("zq-77", email="zoe@people.example")
    house.ats.apply("zq-77", "data")
    await house.poll()
    before = await _naming(house, "zq-77")
    house.ats.delete("zq-77")
    await house.hint("deleted", "zq-77")
    await house.errands.drain()

    assert {"identities", "ats_people", "ats_applications", "applications", "happenings"} <= before
    assert {"ats_errands"} == await _naming(house, "zq-77")


async def _naming(house: House, word: str) -> set[str]:
    """The tables in which a word stands."""
    async with house.store.read() as tx:
        rows = {table.name: (await tx.execute(select(table))).all() for table in METADATA.sorted_tables}
    return {name for name, found in rows.items() if word in repr(found)}


async def test_whoever_was_erased_does_not_come_back_under_another_address(house: House) -> None:
    """What other systems called her is known as a keyed hash: the same number or profile makes nobody anew."""
    async with house.store.write() as tx:
        key = name_key("main", "zoe", PEPPER)
        await consents.suppress(tx, key, scope="name", reason=consents.ERASED, at=MONDAY, recorded_at=MONDAY)
    house.ats.person("zoe", email="new-address@people.example")
    house.ats.person("yan", email="yan@people.example")
    await house.poll()

    async with house.store.read() as tx:
        emails = (await tx.scalars(select(CandidateRow.email))).all()
    assert "yan@people.example" in emails
    assert "new-address@people.example" not in emails


async def test_whoever_was_erased_does_not_come_back_by_a_merge_in_the_ats(house: House) -> None:
    """Of the id that her record there has now, only a hash is kept: it makes nobody anew, and nothing names it."""
    await house.poll()
    house.ats.delete("c_ana")
    await house.hint("deleted", "c_ana")
    await house.errands.drain()
    house.ats.person("zoe", email="new-address@people.example")
    await house.hint("merged", "c_ana", key="2", new_id="zoe")
    await house.errands.drain()
    await house.poll()

    async with house.store.read() as tx:
        assert [] == await identities.names_of(tx, "c_ana")
        assert ["c_ana"] == list(await tx.scalars(select(CandidateRow.id)))


@pytest.mark.parametrize("how", ["her address", "a merge"])
async def test_the_record_of_whoever_was_erased_becomes_nobody_else_s(house: House, how: str) -> None:
    """She asked us, and the ATS goes on with her: what it says by her number is taken for no news of another."""
    zoe = house.ats.person("zoe")
    await house.poll()
    async with house.store.write() as tx:
        known = str(await ats.candidate_of(tx, "main", "zoe"))
        await erase(tx, house.clock, "c_ana", by="test")
    if how == "a merge":
        house.ats.merge("zoe", "c_ana")
        await house.hint("merged", "zoe", new_id="c_ana")
        await house.errands.drain()
    else:
        house.ats.person("c_ana", emails=zoe.emails, first_name="Other")
        await house.poll()

    async with house.store.read() as tx:
        assert [("main", "zoe")] == await identities.names_of(tx, known)
        assert None is await ats.candidate_of(tx, "main", "c_ana")


async def test_a_merge_in_the_ats_is_followed(house: House) -> None:
    """Both ids lead to one person here, who has the applications of both."""
    house.ats.person("double", email="other@people.example")
    house.ats.apply("double", "frontend")
    await house.poll()
    house.ats.merge("double", "c_ana")
    await house.hint("merged", "double", new_id="c_ana")
    await house.errands.drain()

    async with house.store.read() as tx:
        assert "c_ana" == await ats.candidate_of(tx, "main", "double")
        found = await ats.applications_of(tx, "c_ana")
        assert ["main/c_ana-backend", "main/double-frontend"] == [row.id for row in found]
