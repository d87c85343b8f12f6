"""Erasure reaches what was written about a person elsewhere: nobody else's row names them any more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.errors import BadInput, Refused
from rapport.ids import address_key
from rapport.store import consents, privacy
from rapport.store.database import Store, Tx
from rapport.store.mentions import FullName, Words
from rapport.store.once import insert
from rapport.store.tables.bulk import BulkPersonRow, BulkRow
from rapport.store.tables.identities import AddressRow, IdentityRow, MergeRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.store.tables.tasks import ConversationRow, TaskRow
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.bulk_list import of_ids
from rapport.usecases.enroll import enroll_now
from rapport.usecases.erasing import erase
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import MONDAY, PEPPER, WELCOME, StandingClock, a_person, published
from tests.unit.usecases.test_erasure import an_answer, everywhere

CLOCK = StandingClock()
FIRST, LAST, BORN = "Zoltána", "Quixley-Wörth", "Vandermeulen"
FURTHER, LINK = "zoltana@quixley.example", "linkedin.com/in/zoltana-77"
ADDRESS = "c_ana@people.example"
# As people write of somebody.
SAID = f"Ask {FIRST} {LAST} <{FURTHER.upper()}>, once {BORN}, {FIRST}: https://www.{LINK}/ or {ADDRESS}."
TRACES = (LAST.lower(), BORN.lower(), FURTHER, LINK, ADDRESS)


async def a_town(tx: Tx) -> None:
    """Ana, who was another record before, and Ben, in whose rows people speak of her."""
    await a_person(tx, first_name=FIRST, last_name=LAST)
    await a_person(tx, "c_old", first_name=None, consent=())
    merge = MergeRow(gone="c_old", kept="c_ana", cause="x", at=MONDAY, recorded_at=MONDAY)
    merge.profile = {"first_name": FIRST, "last_name": BORN}
    await insert(tx, merge)
    key = address_key(FURTHER, PEPPER)
    await insert(tx, AddressRow(key=key, candidate="c_ana", email=FURTHER, recorded_at=MONDAY))
    await insert(tx, IdentityRow(system="profile", value=LINK, candidate="c_ana", key="k" * 64, recorded_at=MONDAY))
    await a_person(tx, "c_ben", first_name="Ben", last_name=LAST, source=SAID, custom={"heard": [SAID]})


async def they_speak_of_her(tx: Tx) -> None:
    """In every place where sentences are kept."""
    talk = ConversationRow(id="n_1", candidate="c_ben", recruiter="anna-koch", note=SAID, at=MONDAY, recorded_at=MONDAY)
    task = TaskRow(
        id="t_1", key="k", assignee="anna-koch", title=SAID, due_at=None, state="open", at=MONDAY, recorded_at=MONDAY
    )
    for row in (talk, task, CalendarEventRow(id="fair", title=SAID, at=MONDAY, recorded_at=MONDAY)):
        await insert(tx, row)
    heard = Incoming(dedupe_key="1", kind="custom", candidate="c_ben", at=MONDAY, detail={"name": "x", "said": SAID})
    await take_in(tx, CLOCK, heard)
    await insert(tx, an_answer("bens", candidate="c_ben", note=SAID))
    raw = f"From: =?iso-8859-1?Q?{LAST.replace('ö', '=F6')},_{FIRST.replace('á', '=E1')}?= <x@y.example>\n\nHm".encode()
    await insert(
        tx,
        IncomingMailRow(key="1" * 64, mailbox="m", kind="x", outcome="quarantined", recorded_at=MONDAY, raw=raw),
    )


async def an_old_list(tx: Tx) -> None:
    """Lists in which addresses were taken for ids."""
    bulk = BulkRow(
        id="b_1", sequence="welcome", source="x", asked="0" * 64, per_minute=1, cause="x", recorded_at=MONDAY
    )
    await insert(tx, bulk)
    for number, name in enumerate((FURTHER, ADDRESS)):
        await insert(tx, BulkPersonRow(bulk="b_1", number=number, candidate=name))
        refusal = {"sequence": "welcome", "reason": "x", "message": "x", "cause": "x"}
        await insert(tx, RefusalRow(candidate=name, at=MONDAY, recorded_at=MONDAY, **refusal))


async def test_nobody_else_s_row_names_her(store: Store) -> None:
    """Notes, tasks, events, answers and profiles of others stay, without her names, addresses and links."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_town(tx)
        await they_speak_of_her(tx)
        await an_old_list(tx)
        before = (await everywhere(tx)).lower()

        await erase(tx, CLOCK, "c_ana", by="test")

    async with store.read() as tx:
        after = (await everywhere(tx)).lower()
        names = [row.value for row in await tx.scalars(select(IdentityRow))]
        note = await tx.scalar(select(ConversationRow.note))
        ben = await tx.get_one(CandidateRow, "c_ben")
        mail = await tx.get_one(IncomingMailRow, "1" * 64)
    assert [*TRACES] == [word for word in TRACES if word in before]
    # Ben has her last name.
    assert ([], [], 1) == ([word for word in TRACES[1:] if word in after], names, after.count(TRACES[0]))
    assert note == "Ask erased <erased>, once erased: https://www.erased/ or erased."
    assert (note, [note], LAST) == (ben.source, ben.custom["heard"], ben.last_name)
    assert mail.raw is None


async def test_what_another_agreed_to_stays_as_it_was(store: Store) -> None:
    """Ben's ledger says where he agreed; it is his proof, and goes when he does."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben", consent=())
        await consents.record(
            tx,
            candidate="c_ben",
            purpose="nurture",
            state="granted",
            source=SAID,
            proof={"said": SAID},
            at=MONDAY,
            recorded_at=MONDAY,
        )
        await erase(tx, CLOCK, "c_ana", by="test")
        [his] = await consents.ledger(tx, "c_ben")
        stays = (his.source, his.proof)

        await erase(tx, CLOCK, "c_ben", by="test")

        assert (SAID, {"said": SAID}) == stays
        assert LAST not in await everywhere(tx)


async def test_a_name_that_another_has_too_is_left(store: Store) -> None:
    """Where two people are called the same, a note by name may be about the other, and stays; an address goes."""
    async with store.write() as tx:
        await a_town(tx)
        await a_person(tx, "c_two", first_name=FIRST, last_name=LAST)
        await they_speak_of_her(tx)

        await erase(tx, CLOCK, "c_ana", by="test")

        note = str(await tx.scalar(select(ConversationRow.note)))
    assert (True, False, False) == (f"{FIRST} {LAST}" in note, FURTHER in note.lower(), BORN in note)


async def test_the_record_of_an_erasure_names_nobody(store: Store) -> None:
    """Who asked and why is kept for good, and whoever wrote the person's name into it has not put it there."""
    async with store.write() as tx:
        await a_town(tx)

        row = await erase(tx, CLOCK, "c_ana", by="test", why=f"{FIRST} {LAST} wrote from {FURTHER}")

        kept = await privacy.get(tx, row.id)
    assert {"why": "erased wrote from erased"} == kept.detail


async def test_no_list_of_people_takes_addresses_for_ids(store: Store) -> None:
    """Who names people by address where ids are asked for is told so, and the addresses are not kept."""
    await published(store, welcome=WELCOME)

    with pytest.raises(BadInput, match=r"candidates\.1: it is an address"):
        of_ids(["c_ana", FURTHER])
    with pytest.raises(Refused):
        await enroll_now(store, CLOCK, sequence="welcome", candidate=FURTHER, cause="test")

    async with store.read() as tx:
        assert FURTHER not in await everywhere(tx)


@given(before=st.text(max_size=9), after=st.text(max_size=9))
def test_what_is_blotted_out_is_not_there_any_more(before: str, after: str) -> None:
    """Wherever an address stands between spaces, and however a name is spaced, it goes; the rest stays."""
    words = Words(whole=[FURTHER], names=[FullName(FIRST, LAST)])

    assert words.blotted(f"{before} {FURTHER} {after}") == f"{before} erased {after}"
    assert words.blotted(f"{before} {LAST},\t{FIRST} {after}") == f"{before} erased {after}"


@pytest.mark.parametrize(
    "text", [f"b.{FURTHER}", f"{FURTHER}.test", f"www.{LINK}-8", f"{FIRST} {LAST}-Kim", f"{FIRST} and {LAST}", 5, None]
)
def test_somebody_else_s_name_and_address_stay(text: Any) -> None:
    """What only begins or ends like hers is somebody else's."""
    words = Words(whole=[FURTHER, LINK], names=[FullName(FIRST, LAST)])

    assert text == words.blotted(text)
