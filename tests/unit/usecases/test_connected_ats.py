"""Walks read from and write to the ATS by their own candidates; what is read there is known everywhere."""

import pytest

from rapport.crm.hiring import HiringOutcome
from rapport.errors import NotFound, TemporaryFailure
from rapport.store import identities
from rapport.usecases.connected_ats import ConnectedAts
from rapport.usecases.erasing import erase
from tests.ats_house import House, house

__all__ = ["house"]


async def test_the_application_is_told_in_the_words_of_the_language(house: House) -> None:
    """Found by address, named for the next time, and kept in the store as well."""
    connected = ConnectedAts(sync=house.sync)
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")

    words = await connected.read("application", candidate="c_ana")

    assert {
        "id": "main/c_ana-backend",
        "status": "rejected",
        "stage": "onsite",
        "job": "Backend",
        "outcome": "rejected",
        "reason": "stronger-candidate",
        "rejected_on": "2026-03-02",
    } == words
    async with house.store.read() as tx:
        assert "c_ana" == await identities.named(tx, "main", "c_ana")
    assert "Silva" == (await connected.read("candidate", candidate="c_ana"))["last_name"]


@pytest.mark.parametrize(
    ("outcome", "status"), [(HiringOutcome.FRAUD, "closed"), (HiringOutcome.WITHDREW, "withdrawn")]
)
async def test_only_a_rejection_by_us_reads_as_rejected(house: House, outcome: HiringOutcome, status: str) -> None:
    """A guard that asks whether somebody is still rejected stops for a fraud."""
    house.ats.end("c_ana-backend", outcome)

    assert status == (await ConnectedAts(sync=house.sync).read("application", candidate="c_ana"))["status"]


async def test_an_application_that_is_active_counts_more_than_a_later_rejection(house: House) -> None:
    """Whoever is in a process anywhere is not asked to come back."""
    house.ats.apply("c_ana", "frontend")
    house.ats.end("c_ana-frontend", HiringOutcome.REJECTED_BY_US)

    assert "active" == (await ConnectedAts(sync=house.sync).read("application", candidate="c_ana"))["status"]


async def test_a_person_whom_the_ats_does_not_know_reads_as_nothing_and_is_made_known_by_writing(house: House) -> None:
    """A tag that is written twice is there once, and so is the person."""
    house.ats.people.clear()
    house.ats.filed.clear()
    connected = ConnectedAts(sync=house.sync)
    assert {} == await connected.read("application", candidate="c_ana")

    for _ in range(2):
        await connected.write("add_tag", "silver-medalist", candidate="c_ana", key="walk:tag")

    [there] = house.ats.people
    assert [(there, "silver-medalist")] == house.ats.tags
    assert ("c_ana@people.example",) == house.ats.people[there].emails


async def test_nobody_who_was_erased_is_made_known_there(house: House) -> None:
    """She asked to be forgotten while a step was about to write of her: the ATS gets no empty record."""
    house.ats.people.clear()
    async with house.store.write() as tx:
        await erase(tx, house.clock, "c_ana", by="test")

    with pytest.raises(NotFound):
        await ConnectedAts(sync=house.sync).write("add_tag", "warm", candidate="c_ana", key="walk:tag")

    assert {} == house.ats.people


async def test_a_write_that_was_cut_off_is_written_once(house: House) -> None:
    """The ATS has the note when its answer is lost; the second try finds it."""
    connected = ConnectedAts(sync=house.sync)
    await connected.read("candidate", candidate="c_ana")
    vendor = house.ats.vendor()
    house.ats.bad_answers.append(TemporaryFailure("Cut off.", hint="Later."))
    with pytest.raises(TemporaryFailure):
        await vendor.write("add_note", "repooled", person="c_ana", key="walk:note", text="Back.")

    await connected.write("add_note", "repooled", candidate="c_ana", key="walk:note", text="Back.")

    assert [("c_ana", "walk:note", "Back.")] == house.ats.notes


async def test_whoever_was_merged_there_is_written_to_under_the_new_id(house: House) -> None:
    """The old id leads on."""
    connected = ConnectedAts(sync=house.sync)
    await connected.read("candidate", candidate="c_ana")
    house.ats.person("kept", email="kept@people.example")
    house.ats.merge("c_ana", "kept")

    await connected.write("add_tag", "warm", candidate="c_ana", key="walk:tag")

    assert [("kept", "warm")] == house.ats.tags
