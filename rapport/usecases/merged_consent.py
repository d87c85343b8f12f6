"""What holds of two records that are one person and did not agree: the stricter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rapport.store import consents, erasure
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.usecases.cause import Cause

_SOURCE: Final = "merged"
# What a person said of all mails of ours; a bounce says something about one address only.
_OF_THE_PERSON: Final = (consents.UNSUBSCRIBED, "complained")


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """To what a record has said no, as its ledger ends."""

    purposes: frozenset[str] = field(default_factory=frozenset)
    paused_until: datetime | None = None


async def no_of(tx: Tx, candidate: str) -> No:
    """To what this record has said no."""
    entries = await consents.ledger(tx, candidate)
    latest = _latest(entries)
    pauses = [entry for entry in entries if entry.state in ("paused", "resumed")]
    until = pauses[-1].expires_at if pauses and pauses[-1].state == "paused" else None
    return No(
        purposes=frozenset(purpose for purpose, entry in latest.items() if entry.state == "withdrawn"),
        paused_until=until,
    )


async def agree_in_consent(tx: Tx, candidate: str, said: Sequence[No], *, cause: Cause, now: datetime) -> None:
    """Let a no of either record hold in the ledger that they share, and on all addresses."""
    entries = await consents.ledger(tx, candidate)
    latest, end = _latest(entries), max([cause.at, *(entry.at for entry in entries)])
    for purpose in sorted(frozenset[str]().union(*(no.purposes for no in said))):
        if latest[purpose].state != "withdrawn":
            await consents.record(
                tx, candidate=candidate, purpose=purpose, state="withdrawn", source=_SOURCE, at=end, recorded_at=now
            )
    until = max((no.paused_until for no in said if no.paused_until), default=None)
    if until is not None and (await no_of(tx, candidate)).paused_until != until:
        await consents.record(
            tx,
            candidate=candidate,
            purpose=consents.ALL,
            state="paused",
            source=_SOURCE,
            at=end,
            recorded_at=now,
            expires_at=until,
        )
    await close_alike(tx, candidate, now=now)


async def close_alike(tx: Tx, candidate: str, *, now: datetime) -> None:
    """What the person said by one of their addresses holds for all of them."""
    keys = await erasure.addresses_of(tx, [candidate])
    closed = {(row.scope, row.reason): row for row in await consents.closing(tx, keys) if row.reason in _OF_THE_PERSON}
    for row in closed.values():
        for key in keys:
            await consents.suppress(tx, key, scope=row.scope, reason=row.reason, at=row.at, recorded_at=now)


def _latest(entries: Sequence[ConsentRow]) -> Mapping[str, ConsentRow]:
    return {entry.purpose: entry for entry in entries if entry.state in ("granted", "withdrawn")}
