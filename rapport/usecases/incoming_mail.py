"""What a mail that comes back changes: the one way in for mailboxes and gateways alike.

| outcome | what it was |
|---|---|
| taken | an answer to a mail of ours; walks have heard of it, if it moves them |
| known | it came before, by this way or another one |
| noted | a server that still tries, a read receipt, a newsletter: nothing changes |
| unplaced | nothing tells which mail it answers |
| own | our own word to a recruiter, or what became of it |
| quarantined | nobody could read it; the first part of it is kept |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.mail.inbound import Inbound
from rapport.store import enrollments
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases import commands, forwarding
from rapport.usecases.answered_mail import Answered, answered
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import plan_of
from rapport.usecases.tasks import ask_to_read

Outcome: TypeAlias = Literal["taken", "known", "noted", "unplaced", "own", "quarantined"]

_BY = "a reply"
_LONGEST_SUBJECT, _LONGEST_TEXT = 500, 20_000
# What a mail means for the walk. What is missing here is no answer to a mail of ours.
_EVENTS: Mapping[str, str] = {
    "reply": "replied",
    "auto_reply": "out_of_office",
    "bounce_hard": "bounced",
    "bounce_soft": "bounced",
    "bounce_block": "bounced",
    "complaint": "complained",
    "unsubscribe": "unsubscribed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTaken:
    """What became of a mail; `send` and `happening` where it led to one."""

    outcome: Outcome
    send: int | None = None
    happening: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoor:
    """Takes in mails; `pepper` finds people by their address."""

    clock: Clock
    pepper: bytes = field(repr=False)

    async def take(self, tx: Tx, mail: Inbound, *, original: bytes | None = None) -> MailTaken:
        """Change what follows from a mail, once; `original` goes on to the recruiter with a person's reply."""
        if mail.own:
            return MailTaken(outcome="own")
        kind = _EVENTS.get(mail.kind)
        if kind is None:
            return MailTaken(outcome="noted")
        found = await answered(tx, mail, self.pepper)
        if found is None:
            return MailTaken(outcome="unplaced")
        if mail.delayed:
            return MailTaken(outcome="noted", send=found.send.id)
        return await self._take(tx, mail, found, kind, original)

    async def _take(self, tx: Tx, mail: Inbound, found: Answered, kind: str, original: bytes | None) -> MailTaken:
        walk = await enrollments.get(tx, found.send.enrollment)
        at = self.clock.walk_time(walk.candidate)
        if mail.opt_out == "everything":
            kind = "unsubscribed"
        incoming = await self._incoming(tx, mail, found, walk, kind, at)
        taken = await take_in(tx, self.clock, incoming)
        if taken.new and kind == "replied":
            await forwarding.put(tx, self.clock, taken.id, walk, at=at, original=original)
            await self._heed(tx, mail, walk, taken.id, at)
        return MailTaken(outcome="taken" if taken.new else "known", send=found.send.id, happening=taken.id)

    async def _incoming(
        self, tx: Tx, mail: Inbound, found: Answered, walk: EnrollmentRow, kind: str, at: datetime
    ) -> Incoming:
        shift = (at - self.clock.now()).total_seconds()
        key = f"mail:{mail.dedupe_key}:{found.send.id}"
        return Incoming(
            # Whoever unsubscribes by a button of a mail program does so on one day, however often it asks.
            dedupe_key=f"unsubscribe:{key}" if kind == "unsubscribed" else key,
            kind=kind,
            candidate=walk.candidate,
            at=at,
            enrollment=found.send.enrollment,
            send=found.send.id,
            step=found.send.step,
            detail=await _detail(tx, mail, kind, walk),
            verdict=_verdict(mail, found, kind),
            shift=float(round(shift)),
            evidence=_evidence(mail, found),
        )

    async def _heed(self, tx: Tx, mail: Inbound, walk: EnrollmentRow, happening: str, at: datetime) -> None:
        """Do what somebody asks for who has not asked to be left alone altogether."""
        if mail.opt_out == "sequence" and walk.state != enrollments.ENDED:
            await commands.cancel(tx, self.clock, walk.id, at=at, by=_BY)
        if mail.opt_out == "mentioned":
            await ask_to_read(tx, self.clock, walk.id, happening, at=at)
            for row in list(await enrollments.walking(tx, walk.candidate)):
                await _pause(tx, self.clock, row, at)


async def _pause(tx: Tx, clock: Clock, row: EnrollmentRow, at: datetime) -> None:
    try:
        await commands.pause(tx, clock, row.id, at=at, by=_BY)
    except Refused:  # it stands still already
        return


async def _detail(tx: Tx, mail: Inbound, kind: str, walk: EnrollmentRow) -> dict[str, Any]:
    if mail.kind.startswith("bounce_"):
        return {"bounce": mail.kind.removeprefix("bounce_")}
    if kind == "unsubscribed":
        # A button belongs to the mail that it stands in; whoever writes STOP means all mails.
        purpose = (await plan_of(tx, walk.sequence, walk.version)).purpose
        return {"purpose": purpose if mail.kind == "unsubscribe" else "all"}
    return {"until": mail.back_on.isoformat()} if mail.back_on is not None else {}


def _verdict(mail: Inbound, found: Answered, kind: str) -> Literal["human", "unsure"]:
    """Whether walks hear of it: an absence without a day of return holds nothing, and a guess moves nobody.

    A wish to be left alone is heeded all the same: better one mail too few.
    """
    if kind == "unsubscribed":
        return "human"
    endless = kind == "out_of_office" and mail.back_on is None
    return "unsure" if endless or found.matched_by == "sender" else "human"


def _evidence(mail: Inbound, found: Answered) -> dict[str, Any]:
    said = {
        "matched_by": found.matched_by,
        "from": mail.from_address[:_LONGEST_SUBJECT],
        "subject": mail.subject[:_LONGEST_SUBJECT],
        "text": mail.text[:_LONGEST_TEXT],
        "message_id": mail.message_id,
    }
    optional = {"opt_out": mail.opt_out, "by": "another address" if found.by_other else None}
    return said | {name: value for name, value in optional.items() if value}
