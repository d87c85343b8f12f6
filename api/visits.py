"""What the door saw when somebody followed a link or loaded a pixel, and how that becomes a happening."""

import logging
from datetime import timedelta

from fastapi import Request

from api.door import Door
from api.fault import where
from api.set_aside import STORE_IS_AWAY, Visit
from api.verdict import verdict
from rapport.mail.tokens import Token
from rapport.store import candidates, enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents

_LOG = logging.getLogger(__name__)
_TRACKING = "tracking"
_MINUTE = "%Y-%m-%dT%H:%M"
_ON_TIME = timedelta(0)


def visit_of(request: Request, behind: Door, token: str) -> Visit:
    """What is to be known of a request."""
    judged, why = verdict(request.method, request.headers)
    agent = request.headers.get("user-agent", "")[:200]
    return Visit(token=token, at=behind.clock.now(), verdict=judged, why=why, agent=agent)


async def note(behind: Door, visit: Visit) -> None:
    """Store a visit, or set it aside while the store is away; whoever made it never sees a failure of ours."""
    try:
        await store_visit(behind, visit)
    except STORE_IS_AWAY:
        await behind.set_aside.put(visit)
    except Exception as fault:  # noqa: BLE001  # the person must get where they want to go, whatever broke here
        _LOG.error("Visit not stored", extra={"action": "visit_not_stored", "fault": where(fault)})


async def take_in_later(behind: Door, visit: Visit) -> None:
    """Store a visit that was set aside, at the time at which it was made."""
    await store_visit(behind, visit, late=behind.clock.now() - visit.at)


async def store_visit(behind: Door, visit: Visit, *, late: timedelta = _ON_TIME) -> None:
    """Store a visit that was made `late` ago; one that belongs to nothing, or may not be kept, is left out."""
    token = behind.house.signer.read(visit.token)
    if token is None:
        return
    async with behind.store.write() as tx:
        send = await sends.find(tx, token.send)
        if send is None:
            return
        seen = await _happened(tx, behind, visit, token, send, late)
        if token.kind == "click" or await _may_track(tx, seen):
            await take_in(tx, behind.clock, seen)


async def _happened(tx: Tx, behind: Door, visit: Visit, token: Token, send: SendRow, late: timedelta) -> Incoming:
    walk = await enrollments.get(tx, send.enrollment)
    link = await sends.link(tx, send.id, token.number) if token.kind == "click" else None
    at = behind.clock.walk_time(walk.candidate) - late
    # A browser's retry is the same click; a machine's visit never stands in the way of a person's.
    what = f"{token.kind}:{send.id}:{link.number if link else 0}:{visit.verdict}:{at.strftime(_MINUTE)}"
    return Incoming(
        dedupe_key=what,
        kind="clicked" if token.kind == "click" else "opened",
        candidate=walk.candidate,
        at=at,
        enrollment=walk.id,
        send=send.id,
        step=send.step,
        link=link.name if link else None,
        verdict=visit.verdict,
        shift=behind.shift(walk.candidate),
        evidence={"why": visit.why, "agent": visit.agent},
    )


async def _may_track(tx: Tx, seen: Incoming) -> bool:
    person = await candidates.get(tx, str(seen.candidate))
    return _TRACKING in await valid_consents(tx, person, await live_project(tx), seen.at)
