"""What the door saw when somebody followed a link or loaded a pixel, and how that becomes a happening."""

import logging
from datetime import timedelta
from functools import partial

from fastapi import Request

from api.door import Door
from api.fault import where
from api.set_aside import STORE_IS_AWAY, Visit
from api.verdict import preparing, verdict
from rapport.crm.visit_verdict import Asked, network_of
from rapport.store.ahead import Looks
from rapport.usecases.visits import Seen, take_visit

_LOG = logging.getLogger(__name__)


def visit_of(request: Request, behind: Door, token: str) -> Visit:
    """What is to be known of a request."""
    return Visit(
        token=token,
        at=behind.clock.now(),
        verdict=verdict(request.method, request.headers),
        agent=request.headers.get("user-agent", "")[:200],
        method=request.method,
        preparing=preparing(request.headers)[:200],
        network=_network(request),
    )


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
    await store_visit(behind, visit)


async def store_visit(behind: Door, visit: Visit) -> None:
    """Store a visit, now or long after it was made; one that belongs to nothing is left out."""
    token = behind.house.signer.read(visit.token)
    if token is None or token.kind not in ("click", "open"):
        return
    asked = Asked(
        kind="click" if token.kind == "click" else "open",
        method=visit.method,
        agent=visit.agent,
        preparing=visit.preparing,
        network=visit.network,
    )
    seen = Seen(asked=asked, send=token.send, number=token.number, seen_at=visit.at)
    settle = timedelta(seconds=behind.house.settings.click_settle)
    take = partial(take_visit, clock=behind.clock, seen=seen, settle=settle)
    await behind.rounds.join(Looks(), take)


def _network(request: Request) -> str:
    """Where the visitor came from; a proxy of ours, at an address of our own network, says it."""
    peer = network_of(request.client.host if request.client else None)
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return peer or network_of(said)
