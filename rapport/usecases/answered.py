"""What a mail server's answer makes of a send, and of the walk that sent it."""

from datetime import datetime

from rapport.clock import Clock
from rapport.engine.runtime import Outcome
from rapport.ports import Delivery
from rapport.store import candidates, enrollments
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.usecases.claim import bounce_key, bounced
from rapport.usecases.contacted import note_contact
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.ledger import State, move
from rapport.usecases.parked import park
from rapport.usecases.standing import standing
from rapport.usecases.told import knows_already


async def record(tx: Tx, clock: Clock, row: SendRow, delivery: Delivery, at: datetime) -> Outcome:
    """Record what the server said at `at` (walk time); what the walk makes of it.

    `configuration` is ours to repair: the walk tries again like in an outage, because nobody's walk may end by a
    wrong password. A parked mail that surely did not leave this time stays parked: its walk has gone on.
    """
    if row.state not in ("sending", "unknown"):
        return Outcome(status="done")  # a click or a bounce was faster than the server's answer
    parked, reason = row.state == "unknown" or row.resent_at is not None, _words(delivery)
    row.code, row.enhanced = delivery.code, delivery.enhanced
    # The server's own words may hold the address: those about somebody who was erased meanwhile are not kept.
    walk = await enrollments.get(tx, row.enrollment)
    person = await candidates.get_alone(tx, walk.candidate)
    row.server_text = None if person.erased_at is not None else delivery.server_text or None
    match delivery.status:
        case "accepted":
            move(row, "accepted", reason)
            row.accepted_at, outcome = at, Outcome(status="done")
            await note_contact(tx, clock, walk, person, row.step, at=at)
        case "unknown":
            await park(tx, clock, row, reason)
            await note_contact(tx, clock, walk, person, row.step, at=at)
            outcome = Outcome(status="done")
        case "hard":
            outcome = await _bounced(tx, clock, row, reason, at, parked=parked)
        case "retry" | "configuration":
            # What is repaired may change the mail itself, so that it is written anew.
            again: State = "rendered" if delivery.status == "retry" else "refused"
            move(row, "unknown" if parked else again, reason)
            until = at + delivery.retry_after if delivery.retry_after else None
            outcome = Outcome(status="retry", reason=reason, until=until)
        case "block":
            move(row, "unknown" if parked else "refused", reason)
            outcome = Outcome(status="failed", reason=reason)
    await tx.flush()
    return outcome


async def _bounced(tx: Tx, clock: Clock, row: SendRow, reason: str, at: datetime, *, parked: bool) -> Outcome:
    """Close the address, and let all walks of the person hear why; the one that waits hears it in the answer."""
    move(row, "refused", reason)
    here = await standing(tx, row.enrollment, at)
    incoming = Incoming(
        dedupe_key=bounce_key(row.id),
        kind="bounced",
        candidate=here.person.id,
        at=at,
        enrollment=row.enrollment,
        send=row.id,
        step=row.step,
        detail={"bounce": "hard"},
        shift=here.row.shift_seconds,
    )
    taken = await take_in(tx, clock, incoming)
    if not parked:
        await knows_already(tx, row.enrollment, taken.id, now=clock.now())
    bounce = await tx.get_one(HappeningRow, taken.id)
    return Outcome(status="failed", reason=reason, heard=(bounced(row, bounce),))


def _words(delivery: Delivery) -> str:
    """What the server meant, in our words and its codes; its own words may hold the address."""
    codes = " ".join(str(code) for code in (delivery.code, delivery.enhanced) if code)
    return f"{delivery.reason} ({codes})" if codes else delivery.reason
