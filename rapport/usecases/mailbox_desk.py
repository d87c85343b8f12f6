"""Taking in the mails of a mailbox: each one once, in order, and none is lost, whoever is killed where."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from rapport.clock import Clock
from rapport.errors import ConfigurationError
from rapport.mail.inbound_imap import Fetched
from rapport.mail.tokens import Signer
from rapport.ports import MailboxStanding
from rapport.store import mailboxes
from rapport.store.database import Store, Tx
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.mail_room import NOT_THE_MAIL, Arrived, MailRoom

_BATCH = 50
# A mailbox that we see for the first time may hold the mail of years; replies to older mails are rare.
_FIRST_LOOK = timedelta(days=30)
# The server's clock and ours may differ, and SINCE knows days only.
_OVERLAP = timedelta(days=2)
_SLICE = 5.0  # seconds of waiting after which we look whether we are to stop


class Folder(Protocol):
    """An open folder of a mail server; its calls block."""

    @property
    def uidvalidity(self) -> int:
        """Changes when the server has numbered all mails anew."""
        ...

    @property
    def next_uid(self) -> int:
        """The number of the next mail, as of when it was opened."""
        ...

    def newer_than(self, uid: int) -> Sequence[int]:
        """UIDs above this one, in order."""
        ...

    def received_since(self, at: datetime) -> Sequence[int]:
        """UIDs of mails that came on this day or later, in order."""
        ...

    def fetch(self, uid: int) -> Fetched:
        """One mail."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether it is time to look again."""
        ...

    def close(self) -> None:
        """Say goodbye."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreMailboxDesk:
    """The mailboxes of an installation, by name; each is opened anew for every batch."""

    store: Store
    door: MailDoor
    clock: Clock
    signer: Signer = field(repr=False)
    folders: Mapping[str, Callable[[], Folder]]

    async def read_batch(self, mailbox: str, *, patience: timedelta, go_on: Callable[[], bool]) -> MailboxStanding:
        """Take in what is new, at most fifty mails; wait for up to `patience` when nothing is.

        `go_on` is asked every few seconds and between two mails. ConfigurationError for a mailbox that no setting
        names or that refuses us, TemporaryFailure for one that is away.
        """
        async with self._opened(mailbox) as folder:
            uids = await self._new(mailbox, folder)
            left = patience.total_seconds()
            while not uids and left > 0 and go_on():
                look = await asyncio.to_thread(folder.wait, min(left, _SLICE))
                left -= _SLICE
                uids = await self._new(mailbox, folder) if look else ()
            taken = 0
            for uid in uids[:_BATCH]:
                if not go_on():
                    break
                await self._take(mailbox, folder, uid)
                taken += 1
            await self._note_look(mailbox, folder, whole=not uids)
            return MailboxStanding(taken=taken, more=len(uids) > taken)

    @asynccontextmanager
    async def _opened(self, mailbox: str) -> AsyncIterator[Folder]:
        opener = self.folders.get(mailbox)
        if opener is None:
            raise ConfigurationError(
                f"No mailbox is called {mailbox!r}.",
                hint=f"Name it in RAPPORT_MAILBOXES, or terminate the workflow mailbox/{mailbox}.",
            )
        folder = await asyncio.to_thread(opener)
        try:
            yield folder
        finally:
            await asyncio.to_thread(folder.close)

    async def _new(self, mailbox: str, folder: Folder) -> Sequence[int]:
        async with self.store.read() as tx:
            cursor = await mailboxes.cursor(tx, mailbox)
        if cursor is not None and cursor.uidvalidity == folder.uidvalidity:
            return await asyncio.to_thread(folder.newer_than, cursor.uid)
        # Never read, or the server has numbered all mails anew: what we know by its Message-ID changes nothing.
        known = cursor.received_at if cursor is not None else None
        since = known - _OVERLAP if known is not None else self.clock.now() - _FIRST_LOOK
        return await asyncio.to_thread(folder.received_since, since)

    async def _note_look(self, mailbox: str, folder: Folder, *, whole: bool) -> None:
        """Note that we were here; when nothing was new, also that all that was there at the start is known."""
        async with self.store.write() as tx:
            cursor = await mailboxes.cursor(tx, mailbox)
            same = cursor is not None and cursor.uidvalidity == folder.uidvalidity
            if not same and not whole:
                return
            uid = cursor.uid if cursor is not None and same else folder.next_uid - 1
            await self._move(tx, mailbox, folder, uid, None)

    async def _take(self, mailbox: str, folder: Folder, uid: int) -> None:
        """Take in one mail and move the cursor behind it, together or not at all."""
        fetched = Fetched(uid=uid, raw=b"", received_at=None)
        try:
            fetched = await asyncio.to_thread(folder.fetch, uid)
            async with self.store.write() as tx:
                if fetched.raw:
                    await self._room.take(tx, _arrived(mailbox, folder, fetched))
                await self._move(tx, mailbox, folder, uid, fetched.received_at)
        except NOT_THE_MAIL:
            raise
        except Exception as error:  # noqa: BLE001  # one mail must never stop the others, whatever is in it
            async with self.store.write() as tx:
                key = f"{folder.uidvalidity}\n{uid}"
                await self._room.put_aside(tx, _arrived(mailbox, folder, fetched), key, error)
                await self._move(tx, mailbox, folder, uid, fetched.received_at)

    @property
    def _room(self) -> MailRoom:
        return MailRoom(door=self.door, signer=self.signer)

    async def _move(self, tx: Tx, mailbox: str, folder: Folder, uid: int, received_at: datetime | None) -> None:
        await mailboxes.move_cursor(
            tx,
            mailbox,
            uidvalidity=folder.uidvalidity,
            uid=uid,
            read_at=self.clock.now(),
            received_at=received_at,
        )


def _arrived(mailbox: str, folder: Folder, fetched: Fetched) -> Arrived:
    return Arrived(raw=fetched.raw, door=mailbox, uid=fetched.uid, uidvalidity=folder.uidvalidity)
