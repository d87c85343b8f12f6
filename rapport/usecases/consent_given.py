"""What people say on our own page: yes to a purpose, also once more, and a pause; each is an entry of the ledger."""

from datetime import datetime
from typing import Any

from rapport.store import consents, erasure
from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.shelf import live_project

# What sequences hear of it begins so; the purpose follows.
SAID = "consent-given-"
# What of the evidence is an entry's text and language; the rest is its proof.
_SHOWN, _ELSEWHERE = ("text", "language"), ("source",)


async def give(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> None:
    """Write down that they agree to `purpose`, and open their addresses for it, if it was they who had closed it."""
    purpose = str(incoming.detail["purpose"])
    for key in await erasure.addresses_of(tx, [person.id]):
        await _open(tx, incoming, key, purpose, now)
    await consents.record(
        tx,
        candidate=person.id,
        purpose=purpose,
        state="granted",
        source=str(incoming.evidence.get("source") or incoming.kind),
        basis=str(incoming.detail.get("basis") or "consent"),
        at=incoming.at,
        recorded_at=now,
        expires_at=datetime.fromisoformat(str(until)) if (until := incoming.detail.get("until")) else None,
        **shown(incoming),
    )


async def pause(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> None:
    """Write down that they want no mail until `until`, or mails again."""
    until = incoming.detail.get("until")
    await consents.record(
        tx,
        candidate=person.id,
        purpose=consents.ALL,
        state="paused" if until else "resumed",
        source=incoming.kind,
        at=incoming.at,
        recorded_at=now,
        expires_at=datetime.fromisoformat(str(until)) if until else None,
        **shown(incoming),
    )


def shown(incoming: Incoming) -> dict[str, Any]:
    """What the person saw, in which language, and the proof that it was they, as the door noted it."""
    proof = {key: value for key, value in incoming.evidence.items() if key not in (*_SHOWN, *_ELSEWHERE)}
    text, language = (incoming.evidence.get(key) for key in _SHOWN)
    return {"text": str(text or ""), "language": str(language) if language else None, "proof": proof}


async def _open(tx: Tx, incoming: Incoming, key: str, purpose: str, now: datetime) -> None:
    """Who had stopped everything and agrees to one purpose has agreed to that one only."""
    closed = await consents.closed_because(tx, key)
    if closed.get(consents.ALL) in consents.TAKEN_BACK_BY_CONSENT:
        await consents.reopen(tx, key, consents.ALL)
        for other in (await live_project(tx)).purposes:
            if other != purpose:
                await consents.suppress(
                    tx, key, scope=other, reason=consents.UNSUBSCRIBED, at=incoming.at, recorded_at=now
                )
    await consents.reopen(tx, key, purpose)
