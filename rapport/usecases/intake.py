"""Intake: whatever happens is stored once, changes what it must change, and is put on its way to the walks."""

from dataclasses import replace
from itertools import chain

from rapport.clock import Clock
from rapport.engine.segments import changed_by
from rapport.store.database import Tx
from rapport.usecases import consent_given
from rapport.usecases.cause import Cause
from rapport.usecases.hearing import hear
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.segments import refresh


async def take_in(tx: Tx, clock: Clock, incoming: Incoming) -> Taken:
    """Store one happening, change what follows from it at once, and put word of it into the outbox.

    Who joins or leaves a segment by it does so in this transaction; that is heard behind what it follows from.
    The second call with the same `dedupe_key` changes nothing. NotFound for a candidate that we do not know.
    """
    taken = await hear(tx, clock, incoming)
    if incoming.kind == "consent_given" and taken.new:
        taken = await _agreed(tx, clock, incoming, taken)
    changed = changed_by(incoming.kind)
    if not changed or not taken.new or not incoming.moves_walks or incoming.candidate is None:
        return taken
    cause = Cause(text=f"{incoming.kind} {taken.id}", at=incoming.at, shift=incoming.shift)
    return with_moves(taken, await refresh(tx, clock, [incoming.candidate], cause=cause, changed=changed))


async def _agreed(tx: Tx, clock: Clock, incoming: Incoming, taken: Taken) -> Taken:
    """Let sequences hear of a consent, under a name of its purpose: one that asks for it reaches its goal by it."""
    name = f"{consent_given.SAID}{incoming.detail['purpose']}"
    detail = {"name": name}
    said = replace(incoming, kind="custom", dedupe_key=f"{name}:{taken.id}", detail=detail, evidence={}, step=None)
    heard = await hear(tx, clock, said)
    return replace(taken, deliveries=taken.deliveries + heard.deliveries, started=(*taken.started, *heard.started))


def with_moves(taken: Taken, moved: tuple[Taken, ...]) -> Taken:
    """What an intake did, together with the joining and leaving of segments that followed from it."""
    return replace(
        taken,
        deliveries=taken.deliveries + sum(each.deliveries for each in moved),
        started=(*taken.started, *chain(*(each.started for each in moved))),
        moved=moved,
    )
