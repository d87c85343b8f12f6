"""Every mail that comes in, by whatever door: taken in once, or put aside where nobody can read it."""

import hashlib
import logging
from dataclasses import dataclass, field

from rapport.errors import ConfigurationError, NotFound, TemporaryFailure
from rapport.mail.inbound import read_inbound
from rapport.mail.tokens import Signer
from rapport.store import mailboxes
from rapport.store.away import StoreAway
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.incoming import IncomingMailRow
from rapport.usecases.incoming_mail import MailDoor, MailTaken, Outcome

_LOG = logging.getLogger(__name__)
# Enough to see why a mail could not be read; what is attached to it fills no table.
_KEPT_OF_POISON = 256 * 1024
# Not the mail's fault: it is read again when the store or the server is back.
NOT_THE_MAIL = (StoreAway, TemporaryFailure, ConfigurationError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One mail as it came: `door` is a mailbox's name, or a provider's; the numbers are those of a mailbox."""

    raw: bytes = field(repr=False)
    door: str
    envelope_to: str | None = field(default=None, repr=False)
    uid: int | None = None
    uidvalidity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What a mail was taken for, and what became of it."""

    kind: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoom:
    """Takes mails in; the same one by two doors, or twice by one, counts once."""

    door: MailDoor
    signer: Signer = field(repr=False)

    async def take(self, tx: Tx, arrived: Arrived) -> Filed:
        """Read a mail and change what follows from it; whatever it raises is the mail's fault but NOT_THE_MAIL."""
        mail = read_inbound(arrived.raw, arrived.envelope_to, self.signer)
        if not await insert_once(tx, self._row(arrived, mail.dedupe_key, kind=mail.kind, outcome="noted")):
            return Filed(kind=mail.kind, outcome="known")
        taken = await self.door.take(tx, mail, original=arrived.raw)
        row = await tx.get_one(IncomingMailRow, mail.dedupe_key)
        row.outcome, row.send, row.happening = taken.outcome, taken.send, taken.happening
        await tx.flush()
        return Filed(kind=mail.kind, outcome=taken.outcome)

    async def take_or_put_aside(self, store: Store, arrived: Arrived) -> Filed:
        """`take` for a mail that no cursor stands behind: when this returns, it is stored for good."""
        try:
            async with store.write() as tx:
                return await self.take(tx, arrived)
        except NOT_THE_MAIL:
            raise
        except Exception as error:  # noqa: BLE001  # it would be the same each time it is handed in
            async with store.write() as tx:
                await self.put_aside(tx, arrived, hashlib.sha256(arrived.raw).hexdigest(), error)
            return Filed(kind="unknown", outcome="quarantined")

    async def put_aside(self, tx: Tx, arrived: Arrived, key: str, error: Exception) -> None:
        """Keep what nobody could read; `key` tells it from all others of its door."""
        _LOG.warning("Mail quarantined", extra={"action": "mail_quarantined", "fault": type(error).__name__})
        key = hashlib.sha256(f"{arrived.door}\n{key}".encode()).hexdigest()
        row = self._row(arrived, key, kind="unknown", outcome="quarantined")
        row.raw, row.reason = arrived.raw[:_KEPT_OF_POISON], type(error).__name__[:200]
        await insert_once(tx, row)

    async def read_again(self, tx: Tx, key: str) -> MailTaken:
        """Take in a mail from quarantine, after a release that can read it; NotFound when it is not there."""
        row = await mailboxes.mail(tx, key)
        if row is None or row.outcome != mailboxes.QUARANTINED or row.raw is None:
            raise NotFound(kind="mail in quarantine", name=key, hint="List them: `rapport replies --quarantine`.")
        mail = read_inbound(row.raw, None, self.signer)
        taken = await self.door.take(tx, mail, original=row.raw)
        row.kind, row.outcome, row.send, row.happening = mail.kind, taken.outcome, taken.send, taken.happening
        row.reason = row.raw = None
        return taken

    def _row(self, arrived: Arrived, key: str, *, kind: str, outcome: Outcome) -> IncomingMailRow:
        return IncomingMailRow(
            key=key,
            mailbox=arrived.door,
            kind=kind,
            outcome=outcome,
            recorded_at=self.door.clock.now(),
            uid=arrived.uid,
            uidvalidity=arrived.uidvalidity,
        )
