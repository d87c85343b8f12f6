"""Erasure: whoever asks to be forgotten is, wherever they stood, and nothing that comes later brings them back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from rapport.ids import address_key
from rapport.ports import Delivery
from rapport.store import candidates, consents, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.schema import METADATA
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.identities import AddressRow, MergeRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.answered import record
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
NAME, FURTHER = "Quixley-Zoltan", "zoltan@quixley.example"
CAUSE = Cause(text="a test", at=MONDAY)


async def happens(tx: Tx, kind: str, *, key: str = "", candidate: str = "c_ana", **more: Any) -> Taken:
    """Something happens to Ana."""
    fields = {"dedupe_key": key or f"{kind}:{candidate}", "candidate": candidate, "at": MONDAY + DAY, **more}
    return await take_in(tx, CLOCK, Incoming(kind=kind, **fields))


async def everywhere(tx: Tx) -> str:
    """All that the store holds, as one text."""
    return "\n".join([repr(tuple(row)) for table in METADATA.sorted_tables for row in await tx.execute(select(table))])


def an_answer(key: str, **body: Any) -> IdempotencyRow:
    """What the API answered to a call."""
    return IdempotencyRow(
        key=key, route="r", request_hash="0" * 64, recorded_at=MONDAY, status=200, response={"a": body}
    )


def unread(key: str, raw: bytes) -> IncomingMailRow:
    """A mail that nobody could read."""
    return IncomingMailRow(
        key=key * 64, mailbox="main", kind="unknown", outcome="quarantined", recorded_at=MONDAY, raw=raw, reason="x"
    )


async def test_nothing_of_her_is_left_in_any_table(store: Store) -> None:
    """Her name and all her addresses are gone from every table, also from API answers and mails nobody could read."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, last_name=NAME, custom={"note": NAME})
        key = address_key(FURTHER, PEPPER)
        await insert(tx, AddressRow(key=key, candidate="c_ana", email=FURTHER, recorded_at=MONDAY))
        await insert(tx, an_answer("hers", candidate="c_ana", email=FURTHER))
        await insert(tx, an_answer("another's", candidate="c_ben"))
        await insert(tx, unread("1", b"From: =?utf-8?q?x?= <Zoltan@Quixley.example>\n\nHm"))
        await insert(tx, unread("2", b"From: b@people.example\n\nHm"))
        await enroll(tx, CLOCK, sequence="welcome", candidate="c_ana", at=MONDAY, cause=f"{NAME} asked")
        await change_tag(tx, CLOCK, "c_ana", how="add", tag="vip", cause=Cause(text=NAME, at=MONDAY))
        await happens(tx, "custom", key=f"custom:{FURTHER}", detail={"name": NAME}, evidence={"from": FURTHER})
        before = await everywhere(tx)

        await happens(tx, "erased")

        after = await everywhere(tx)
        answers = (await tx.scalars(select(IdempotencyRow.key))).all()
        mails = {row.key[0]: row.raw for row in await tx.scalars(select(IncomingMailRow))}
    gone = (NAME.lower(), FURTHER, "c_ana@people.example", "vip")
    assert list(gone) == [word for word in gone if word in before.lower()]
    assert [] == [word for word in gone if word in after.lower()]
    assert ["another's"] == answers
    assert {"1": None, "2": b"From: b@people.example\n\nHm"} == mails


async def test_all_her_addresses_stay_closed(store: Store) -> None:
    """Whichever of her addresses is imported again, it is known as one that asked to be forgotten."""
    further = address_key(FURTHER, PEPPER)
    async with store.write() as tx:
        first = (await a_person(tx)).email_key
        await insert(tx, AddressRow(key=further, candidate="c_ana", email=FURTHER, recorded_at=MONDAY))

        await happens(tx, "erased")

        assert first is not None
        assert [True, True] == [await consents.was_erased(tx, key) for key in (first, further)]


async def test_a_walk_of_another_that_was_about_her_application_goes_on(store: Store) -> None:
    """The ATS had filed it under him at first; nothing of it is left, and his walk is about his own."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        filed = ApplicationRow(id=NAME, candidate="c_ben", at=MONDAY, recorded_at=MONDAY)
        await insert(tx, filed)
        walk = await enroll(tx, CLOCK, sequence="welcome", candidate="c_ben", at=MONDAY, cause="test", application=NAME)
        filed.candidate = "c_ana"
        await tx.flush()

        await happens(tx, "erased")

        assert NAME not in await everywhere(tx)
        assert walk.id in [row.id for row in await enrollments.walking(tx, "c_ben")]


async def test_who_became_one_with_her_is_forgotten_too(store: Store) -> None:
    """A row that was merged into hers is hers: what it had been called and sent goes as well."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old", last_name=NAME)
        await happens(tx, "custom", candidate="c_old", detail={"name": NAME})
        await insert(tx, MergeRow(gone="c_old", kept="c_ana", cause=NAME, at=MONDAY, recorded_at=MONDAY))

        await happens(tx, "erased")

        assert NAME not in await everywhere(tx)
        assert None is not (await candidates.get(tx, "c_old")).erased_at


async def test_what_comes_late_brings_nothing_back(store: Store) -> None:
    """A reply or an event that arrives after the erasure is counted, and nothing that it says is kept."""
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "erased")

        taken = await happens(
            tx, "replied", key=f"mail:{FURTHER}", detail={"text": NAME}, evidence={"from": FURTHER, "text": NAME}
        )
        await happens(tx, "applied", detail={"job": NAME})
        await change_tag(tx, CLOCK, "c_ana", how="add", tag=NAME, cause=CAUSE)
        await change_pool(tx, CLOCK, "c_ana", how="add", pool="engineering", cause=CAUSE)
        await change_score(tx, CLOCK, "c_ana", how="add", points=5, cause=CAUSE)

        left = await everywhere(tx)
        kinds = (await tx.scalars(select(HappeningRow.kind).order_by(HappeningRow.kind))).all()
    assert not taken.new
    assert [] == [word for word in (NAME, FURTHER, "engineering") if word in left]
    assert ["applied", "erased", "replied"] == kinds


async def test_the_same_late_event_twice_is_one(store: Store) -> None:
    """It is known by its hash, though what it was called is not kept."""
    async with store.write() as tx:
        await a_person(tx)
        await happens(tx, "custom", key="k")
        await happens(tx, "erased")

        again = await happens(tx, "custom", key="k")
        late = [await happens(tx, "custom", key="l") for _ in range(2)]

        count = len((await tx.scalars(select(HappeningRow.id))).all())
    assert [False] * 3 == [taken.new for taken in (again, *late)]
    assert 3 == count


async def test_what_the_mail_server_says_last_is_not_kept(store: Store) -> None:
    """A mail that was on its way while she was erased leaves no answer with her address in it."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx)
        walk = await enroll(tx, CLOCK, sequence="welcome", candidate="c_ana", at=MONDAY, cause="test")
        row = SendRow(
            id=7,
            enrollment=walk.id,
            step="hello",
            state="sending",
            mail="welcome",
            version="0" * 64,
            recipient_key=person.email_key or "",
            at=MONDAY,
            recorded_at=MONDAY,
        )
        await insert(tx, row)
        await happens(tx, "erased")

        await record(
            tx,
            CLOCK,
            row,
            Delivery(status="accepted", code=250, server_text=f"2.0.0 <{FURTHER}> ok"),
            MONDAY + timedelta(minutes=1),
        )

        assert ("accepted", None) == (row.state, row.server_text)
