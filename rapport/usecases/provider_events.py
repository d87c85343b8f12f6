"""Events of mail providers: each is stored once, finds its mail or its person, and goes the way of all happenings."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import select

from rapport.clock import Clock, moment_in_walks, shift_of
from rapport.crm.visit_verdict import Asked, Sign
from rapport.dsl.project import TRACKING
from rapport.ids import address_key
from rapport.mail.providers.event import ProviderEvent, ProviderName
from rapport.mail.providers.proof import LONG_WINDOW, refused
from rapport.mail.tokens import Signer, Token
from rapport.store import candidates, consents, enrollments, provider_events, sends
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.store.tables.provider_events import ProviderEventRow, ProviderProofRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.settle import settle
from rapport.usecases.shelf import live_project, plan_of
from rapport.usecases.snapshot import valid_consents
from rapport.usecases.visits import Seen, take_visit

# taken: the mail or its person was found; repeated: told before; unmatched: it belongs to nobody that we know;
# noted: kept, and changes nothing; known: our own link or pixel has seen it; not_kept: the person allows no tracking;
# failed: a fault of ours.
Outcome: TypeAlias = Literal["taken", "repeated", "unmatched", "noted", "known", "not_kept", "failed"]
_TOKEN_LENGTH: Final = 28
_AGENT_LENGTH: Final = 200
_NO_AGENT: Final = "not told"
# A provider's redirect and ours see the same click a moment apart.
_SAME_VISIT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDesk:
    """What is needed to take an event in; `settle` is how long a click of ours waits for signs of a scanner."""

    clock: Clock
    signer: Signer = field(repr=False)
    pepper: bytes = field(repr=False)
    public_url: str
    settle: timedelta


async def vouch(tx: Tx, clock: Clock, provider: ProviderName, proof: str, body: bytes) -> None:
    """Let a proof that says nothing of its body vouch for this one; CallRefused when it has vouched for another."""
    row = ProviderProofRow(
        provider=provider, proof=proof, body_hash=hashlib.sha256(body).hexdigest(), recorded_at=clock.now()
    )
    # Twice as long as the provider repeats a call: a proof that is forgotten must be stale.
    if not await provider_events.vouch(tx, row, forget=2 * LONG_WINDOW):
        raise refused(provider, "replayed")


async def take_in_event(tx: Tx, desk: EventDesk, event: ProviderEvent) -> Outcome:
    """Store one event and change what follows from it; the second telling changes nothing."""
    if not await insert_once(tx, _row(desk, event, "noted")):
        return "repeated"
    row = await tx.get_one(ProviderEventRow, (event.provider, event.id))
    outcome = await _apply(tx, desk, event, row)
    row.outcome = outcome
    if outcome == "unmatched":
        row.address_key = _key(desk, event)
        row.message_id = event.message_ids[0] if event.message_ids else None
    await tx.flush()
    return outcome


async def note_failure(tx: Tx, desk: EventDesk, event: ProviderEvent) -> None:
    """Keep an event that we could not take in, so that somebody sees it."""
    await insert_once(tx, _row(desk, event, "failed"))


def _row(desk: EventDesk, event: ProviderEvent, outcome: Outcome) -> ProviderEventRow:
    return ProviderEventRow(
        provider=event.provider,
        id=event.id,
        kind=event.kind,
        word=event.word,
        outcome=outcome,
        at=_happened(desk, event),
        recorded_at=desk.clock.now(),
    )


async def _apply(tx: Tx, desk: EventDesk, event: ProviderEvent, row: ProviderEventRow) -> Outcome:
    match event.kind:
        case "other":
            return "noted"
        case "delivered" | "deferred":
            return await _transport(tx, desk, event, row)
        case "opened" | "clicked":
            return await _visit(tx, desk, event, row)
        case "bounced" | "complained" | "unsubscribed":
            return await _verdict_of_person(tx, desk, event, row)


async def _transport(tx: Tx, desk: EventDesk, event: ProviderEvent, row: ProviderEventRow) -> Outcome:
    """How a mail fares says nothing of the person; that it arrived settles a mail in doubt."""
    send = await _send(tx, desk, event)
    if send is None:
        return "unmatched"
    row.send = send.id
    await settle(tx, await _incoming(tx, desk, event, send))
    return "taken"


async def _visit(tx: Tx, desk: EventDesk, event: ProviderEvent, row: ProviderEventRow) -> Outcome:
    """An open or a click, under the rules of our own pixels and links."""
    led = _led(desk, event)
    if event.kind == "clicked" and led is None and event.url.startswith(f"{desk.public_url}/"):
        return "noted"  # to a page of ours, such as the one that asks whether to unsubscribe
    send = await sends.find(tx, led.send) if led else await _send(tx, desk, event)
    if send is None:
        return "unmatched"
    if event.kind == "opened" and not await _may_track(tx, await _incoming(tx, desk, event, send)):
        return "not_kept"
    row.send = send.id
    seen = _seen(desk, event, send, number=await _number(tx, event, send, led))
    if await _seen_by_us(tx, seen):
        return "known"
    await take_visit(tx, desk.clock, seen, settle=desk.settle)
    return "taken"


async def _verdict_of_person(tx: Tx, desk: EventDesk, event: ProviderEvent, row: ProviderEventRow) -> Outcome:
    """A bounce, a complaint or an unsubscription: it counts for a known address without a mail, too."""
    send = await _send(tx, desk, event)
    key = _key(desk, event)
    found = await candidates.by_key(tx, key) if send is None and key else None
    if send is None and found is None:
        return "unmatched"
    heard = await _incoming(tx, desk, event, send, candidate=found.id if found else None)
    row.send = send.id if send else None
    row.happening = (await take_in(tx, desk.clock, await _of_address(tx, desk, event, heard))).id
    return "taken"


async def _of_address(tx: Tx, desk: EventDesk, event: ProviderEvent, heard: Incoming) -> Incoming:
    """Close the address that the provider names, when the person has another one by now: that one may be fine."""
    person, key = await candidates.get(tx, str(heard.candidate)), _key(desk, event)
    if key is None or key == person.email_key or not heard.moves_walks or heard.kind == "unsubscribed":
        return heard
    now = desk.clock.now()
    await consents.suppress(tx, key, scope=consents.ALL, reason=heard.kind, at=heard.at, recorded_at=now)
    if heard.kind == "complained":
        return heard
    return replace(heard, verdict="unsure", evidence={**heard.evidence, "why": "it went to a former address"})


async def _incoming(
    tx: Tx, desk: EventDesk, event: ProviderEvent, send: SendRow | None, *, candidate: str | None = None
) -> Incoming:
    walk = await enrollments.get(tx, send.enrollment) if send else None
    whose = walk.candidate if walk else str(candidate)
    detail: dict[str, Any] = {"bounce": event.bounce} if event.kind == "bounced" else {}
    if event.kind == "unsubscribed":
        plan = await plan_of(tx, walk.sequence, walk.version) if walk and not event.everything else None
        detail = {"purpose": plan.purpose if plan else consents.ALL}
    return Incoming(
        dedupe_key=f"provider:{event.provider}:{event.id}",
        kind=event.kind,
        candidate=whose,
        at=moment_in_walks(desk.clock, whose, _happened(desk, event)),
        enrollment=send.enrollment if send else None,
        send=send.id if send else None,
        step=send.step if send else None,
        detail=detail,
        shift=shift_of(desk.clock, whose),
        evidence={"door": event.provider, "word": event.word, "text": event.diagnosis},
    )


def _seen(desk: EventDesk, event: ProviderEvent, send: SendRow, *, number: int) -> Seen:
    """The visit as the provider saw it, with its own verdict as one more sign."""
    told = [Sign("machine", "the provider says so")] if event.machine else []
    if event.agent is None:
        told.append(Sign("unsure", "the provider does not say what asked"))
    kind: Literal["click", "open"] = "click" if event.kind == "clicked" else "open"
    agent = (event.agent or _NO_AGENT)[:_AGENT_LENGTH]
    asked = Asked(kind=kind, method="GET", agent=agent, network=event.network)
    return Seen(asked=asked, send=send.id, number=number, seen_at=_happened(desk, event), told=tuple(told))


async def _may_track(tx: Tx, seen: Incoming) -> bool:
    person = await candidates.get(tx, str(seen.candidate))
    return TRACKING in await valid_consents(tx, person, await live_project(tx), seen.at)


async def _seen_by_us(tx: Tx, seen: Seen) -> bool:
    """Whether our own link or pixel has seen the same visitor do the same at the same time."""
    return await provider_events.seen_by_us(
        tx,
        send=seen.send,
        kind=seen.asked.kind,
        number=seen.number,
        agent=seen.asked.agent,
        at=seen.seen_at,
        within=_SAME_VISIT,
    )


async def _send(tx: Tx, desk: EventDesk, event: ProviderEvent) -> SendRow | None:
    """The mail that it is about: by our own token, else by the first id that is one of ours."""
    token = desk.signer.read(event.token)
    found = await sends.find(tx, token.send) if token else None
    for message_id in event.message_ids if found is None else ():
        found = await sends.by_message_id(tx, message_id)
        if found is not None:
            return found
    return found


def _led(desk: EventDesk, event: ProviderEvent) -> Token | None:
    """The token of the link of ours that a provider's redirect led to."""
    place = f"{desk.public_url}/c/"
    if event.kind != "clicked" or not event.url.startswith(place):
        return None
    token = desk.signer.read(event.url.removeprefix(place)[:_TOKEN_LENGTH])
    return token if token and token.kind == "click" else None


async def _number(tx: Tx, event: ProviderEvent, send: SendRow, led: Token | None) -> int:
    """The number of the link that was followed; 0 where it is none of ours."""
    if led is not None:
        return led.number
    query = select(SendLinkRow.number).where(SendLinkRow.send == send.id, SendLinkRow.url == event.url)
    found = await tx.scalar(query.order_by(SendLinkRow.number).limit(1)) if event.kind == "clicked" else None
    return found or 0


def _key(desk: EventDesk, event: ProviderEvent) -> str | None:
    return address_key(event.address, desk.pepper) if "@" in event.address else None


def _happened(desk: EventDesk, event: ProviderEvent) -> datetime:
    """Clocks differ: nothing has happened in the future."""
    now = desk.clock.now()
    return min(event.at, now) if event.at else now
