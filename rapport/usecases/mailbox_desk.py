"""Taking in the mails of a mailbox: each one once, in order, and none is lost, whoever is killed where."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from rapport.clock import Clock
from rapport.errors import ConfigurationError, NotFound, TemporaryFailure
from rapport.mail.inbound import read_inbound
from rapport.mail.inbound_imap import Fetched
from rapport.mail.tokens import Signer
from rapport.ports import MailboxStanding
from rapport.store import mailboxes
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.incoming import IncomingMailRow
from rapport.usecases.incoming_mail import MailDoor, MailTaken, Outcome

_LOG = logging.getLogger(__name__)
_BATCH = 50
# A mailbox that we see for the first time may hold the mail of years; replies to older mails are rare.
_FIRST_LOOK = timedelta(days=30)
# The server's clock and ours may differ, and SINCE knows days only.
_OVERLAP = timedelta(days=2)
_SLICE = 5.0  # seconds of waiting after which we look whether we are to stop
_KEPT_OF_POISON = 256 * 1024
# Not the mail's fault: it is read again when the store or the server is back.
_NOT_THE_MAIL = (StoreAway, TemporaryFailure, ConfigurationError, TimeoutError, OSError)


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

    async def read_again(self, key: str) -> MailTaken:
        """Take in a mail from quarantine, after a release that can read it; NotFound when it is not there."""
        async with self.store.write() as tx:
            row = await mailboxes.mail(tx, key)
            if row is None or row.outcome != mailboxes.QUARANTINED or row.raw is None:
                raise NotFound(kind="mail in quarantine", name=key, hint="List them: rapport replies --quarantine.")
            mail = read_inbound(row.raw, None, self.signer)
            taken = await self.door.take(tx, mail, original=row.raw)
            row.kind, row.outcome, row.send, row.happening = mail.kind, taken.outcome, taken.send, taken.happening
            row.reason = row.raw = None
            return taken

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
                await self._take_once(tx, mailbox, folder, fetched)
        except _NOT_THE_MAIL:
            raise
        except Exception as error:  # noqa: BLE001  # one mail must never stop the others, whatever is in it
            _LOG.warning("Mail quarantined", extra={"action": "mail_quarantined", "fault": type(error).__name__})
            async with self.store.write() as tx:
                await self._quarantine(tx, mailbox, folder, fetched, error)

    async def _take_once(self, tx: Tx, mailbox: str, folder: Folder, fetched: Fetched) -> None:
        if fetched.raw:
            mail = read_inbound(fetched.raw, None, self.signer)
            if await mailboxes.mail(tx, mail.dedupe_key) is None:
                taken = await self.door.take(tx, mail, original=fetched.raw)
                row = self._row(mail.dedupe_key, mailbox, folder, fetched, kind=mail.kind, outcome=taken.outcome)
                row.send, row.happening = taken.send, taken.happening
                await insert(tx, row)
        await self._move(tx, mailbox, folder, fetched.uid, fetched.received_at)

    async def _quarantine(self, tx: Tx, mailbox: str, folder: Folder, fetched: Fetched, error: Exception) -> None:
        key = hashlib.sha256(f"{mailbox}\n{folder.uidvalidity}\n{fetched.uid}".encode()).hexdigest()
        if await mailboxes.mail(tx, key) is None:
            row = self._row(key, mailbox, folder, fetched, kind="unknown", outcome="quarantined")
            row.raw, row.reason = fetched.raw[:_KEPT_OF_POISON], type(error).__name__[:200]
            await insert(tx, row)
        await self._move(tx, mailbox, folder, fetched.uid, fetched.received_at)

    def _row(
        self, key: str, mailbox: str, folder: Folder, fetched: Fetched, *, kind: str, outcome: Outcome
    ) -> IncomingMailRow:
        return IncomingMailRow(
            key=key,
            mailbox=mailbox,
            kind=kind,
            outcome=outcome,
            recorded_at=self.clock.now(),
            uid=fetched.uid,
            uidvalidity=folder.uidvalidity,
        )

    async def _move(self, tx: Tx, mailbox: str, folder: Folder, uid: int, received_at: datetime | None) -> None:
        await mailboxes.move_cursor(
            tx,
            mailbox,
            uidvalidity=folder.uidvalidity,
            uid=uid,
            read_at=self.clock.now(),
            received_at=received_at,
        )
