"""A mailbox is read once and to the end, whoever is killed where, and whatever is in it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.errors import ConfigurationError, NotFound, TemporaryFailure
from rapport.mail.inbound import read_inbound
from rapport.mail.inbound_imap import Fetched, FetchFailed
from rapport.mail.parsed import ParsedMail
from rapport.ports import MailboxStanding
from rapport.store import mailboxes
from rapport.store.database import Store
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.intake import HappeningRow
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.mail_room import MailRoom
from rapport.usecases.mailbox_desk import StoreMailboxDesk
from tests.api.doors import SIGNER, SentMail, a_mail
from tests.unit.mail.mutations import spoiled_mails
from tests.unit.store.worlds import (
    MONDAY,
    PEPPER,
    WELCOME,
    StandingClock,
    a_database,
    a_person,
    opened,
    published,
)

_NOTHING_NEW = timedelta(0)


@dataclass
class Shelf:
    """A folder of a mail server in memory; `broken` mails cannot be fetched, `killed_at` ends the reader there."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int = 7
    broken: set[int] = field(default_factory=set)
    killed_at: int | None = None
    waited: float = 0
    closed: int = 0

    @property
    def next_uid(self) -> int:
        """The number of the next mail."""
        return max(self.mails, default=0) + 1

    def newer_than(self, uid: int) -> Sequence[int]:
        """Mails above."""
        return sorted(number for number in self.mails if number > uid)

    def received_since(self, at: datetime) -> Sequence[int]:
        """All of them: they are of today."""
        assert at < MONDAY
        return sorted(self.mails)

    def fetch(self, uid: int) -> Fetched:
        """One of them."""
        if uid == self.killed_at:
            raise TemporaryFailure("The mailbox does not answer.", hint="Later.")
        if uid in self.broken:
            raise FetchFailed
        return Fetched(uid=uid, raw=self.mails[uid], received_at=MONDAY)

    def wait(self, seconds: float) -> bool:
        """Time passes."""
        self.waited += seconds
        return False

    def close(self) -> None:
        """Goodbye."""
        self.closed += 1


@pytest.fixture
async def mail(store: Store, clock: StandingClock) -> SentMail:
    """A mail that Ana has got."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
    return await a_mail(store, clock)


def a_reply(mail: SentMail, number: int = 1, text: str = "Yes, gladly!") -> bytes:
    """An answer of Ana's."""
    return (
        f"From: c_ana@people.example\r\nTo: r+{mail.token('reply')}@reply.rapport.test\r\nSubject: Re: Welcome\r\n"
        f"Message-ID: <{number}@people.example>\r\n\r\n{text}\r\n"
    ).encode()


def the_desk(store: Store, clock: StandingClock, shelf: Shelf) -> StoreMailboxDesk:
    """The desk of one mailbox."""
    door = MailDoor(clock=clock, pepper=PEPPER)
    return StoreMailboxDesk(store=store, door=door, clock=clock, signer=SIGNER, folders={"replies": lambda: shelf})


async def read(
    desk: StoreMailboxDesk, *, patience: timedelta = _NOTHING_NEW, go_on: Callable[[], bool] = lambda: True
) -> MailboxStanding:
    """Look into the mailbox."""
    return await desk.read_batch("replies", patience=patience, go_on=go_on)


async def heard(store: Store) -> Sequence[str]:
    """What walks could hear of."""
    async with store.read() as tx:
        return [row.kind for row in await tx.scalars(select(HappeningRow).order_by(HappeningRow.recorded_at))]


async def outcomes(store: Store) -> dict[int, str]:
    """What became of each mail, by its number."""
    async with store.read() as tx:
        return {row.uid or 0: row.outcome for row in await tx.scalars(select(IncomingMailRow))}


async def test_each_mail_is_taken_in_once(store: Store, clock: StandingClock, mail: SentMail) -> None:
    """Looking again finds nothing new, and a second copy of a mail is none."""
    shelf = Shelf(
        mails={3: a_reply(mail), 5: b"Received: elsewhere\r\n" + a_reply(mail), 9: b"From: x@y.test\r\n\r\nhi"}
    )
    desk = the_desk(store, clock, shelf)

    standings = [await read(desk), await read(desk)]

    assert [MailboxStanding(taken=3), MailboxStanding(taken=0)] == standings
    assert ["replied"] == list(await heard(store))
    assert {3: "taken", 9: "unplaced"} == await outcomes(store)


async def test_a_reader_that_is_killed_goes_on_where_it_was(store: Store, clock: StandingClock, mail: SentMail) -> None:
    """Nothing is lost and nothing is read twice, wherever the line breaks."""
    shelf = Shelf(mails={number: a_reply(mail, number) for number in range(1, 6)}, killed_at=4)
    desk = the_desk(store, clock, shelf)
    with pytest.raises(TemporaryFailure):
        await read(desk)
    before = list(await heard(store))
    shelf.killed_at = None

    await read(desk)

    assert (3, 5) == (len(before), len(await heard(store)))
    assert shelf.closed == 2


async def test_a_server_that_counts_anew_is_read_anew(store: Store, clock: StandingClock, mail: SentMail) -> None:
    """Mails that we know by their Message-ID change nothing; the one that is new is found."""
    shelf = Shelf(mails={8: a_reply(mail)})
    desk = the_desk(store, clock, shelf)
    await read(desk)
    shelf.uidvalidity, shelf.mails = 99, {1: a_reply(mail), 2: a_reply(mail, 2)}

    await read(desk)

    assert ["replied", "replied"] == list(await heard(store))
    async with store.read() as tx:
        cursor = await mailboxes.cursor(tx, "replies")
    assert cursor is not None
    assert (99, 2) == (cursor.uidvalidity, cursor.uid)


async def test_a_mail_that_nobody_can_read_stops_nobody(
    store: Store, clock: StandingClock, mail: SentMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is put aside for a person to look at, and the next one is read."""
    shelf = Shelf(
        mails={1: b"From: poison\r\n\r\n" + b"x" * 500_000, 2: a_reply(mail), 3: a_reply(mail, 3)}, broken={3}
    )
    whole = ParsedMail.of

    def choke(raw: bytes) -> ParsedMail:
        if b"poison" in raw:
            raise ValueError
        return whole(raw)

    with monkeypatch.context() as patch:
        patch.setattr(ParsedMail, "of", choke)
        await read(the_desk(store, clock, shelf))

    async with store.read() as tx:
        rows = await mailboxes.quarantined(tx)
    assert {1: "quarantined", 2: "taken", 3: "quarantined"} == await outcomes(store)
    assert [("ValueError", 256 * 1024), ("FetchFailed", 0)] == [(row.reason, len(row.raw or b"")) for row in rows]
    room = MailRoom(door=MailDoor(clock=clock, pepper=PEPPER), signer=SIGNER)
    async with store.write() as tx:
        assert "unplaced" == (await room.read_again(tx, rows[0].key)).outcome
        with pytest.raises(NotFound):
            await room.read_again(tx, rows[0].key)


async def test_an_empty_mailbox_is_waited_for(store: Store, clock: StandingClock) -> None:
    """One look lasts minutes, so that a history stays short; a worker that stops is not waited for."""
    shelf = Shelf(mails={4: b"From: old@people.example\r\n\r\nhi"})
    desk = the_desk(store, clock, shelf)
    await read(desk)

    await read(desk, patience=timedelta(seconds=12))
    waited, shelf.waited = shelf.waited, 0
    await read(desk, patience=timedelta(seconds=12), go_on=lambda: False)

    assert (12, 0) == (waited, shelf.waited)


async def test_many_mails_come_in_batches(store: Store, clock: StandingClock) -> None:
    """A worker that is stopped has to wait for one batch at most."""
    shelf = Shelf(mails={number: b"From: x@y.test\r\n\r\n%d" % number for number in range(1, 71)})
    desk = the_desk(store, clock, shelf)

    standings = [await read(desk), await read(desk)]

    assert [MailboxStanding(taken=50, more=True), MailboxStanding(taken=20)] == standings


async def test_a_mailbox_that_no_setting_names_says_so(store: Store, clock: StandingClock) -> None:
    """Whoever takes a mailbox out of the settings is told what else to do."""
    desk = the_desk(store, clock, Shelf())

    with pytest.raises(ConfigurationError, match="mailbox/other"):
        await desk.read_batch("other", patience=_NOTHING_NEW, go_on=lambda: True)


@settings(max_examples=5)
@given(mails=st.lists(spoiled_mails(), min_size=20, max_size=40))
def test_none_of_many_spoiled_mails_is_lost(mails: list[bytes]) -> None:
    """Each has an outcome, and what is in quarantine is few."""

    async def inside(url: str) -> tuple[dict[int, str], int]:
        clock = StandingClock()
        async with opened(url) as store:
            desk = the_desk(store, clock, Shelf(mails=dict(enumerate(mails, 1))))
            while (await read(desk)).taken:
                pass
            async with store.read() as tx:
                cursor = await mailboxes.cursor(tx, "replies")
            return await outcomes(store), cursor.uid if cursor else 0

    with TemporaryDirectory() as folder:
        found, cursor = asyncio.run(inside(a_database(Path(folder))))
    different = {read_inbound(raw, None, SIGNER).dedupe_key for raw in mails}
    assert len(mails) == cursor
    assert len(different) == len(found)
    assert "quarantined" not in found.values()
