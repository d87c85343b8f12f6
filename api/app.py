"""The HTTP API: one router per noun, one kind of error, one way in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI

from api import (
    addresses,
    ats_events,
    bulk,
    calendar_events,
    candidates,
    check_ins,
    conversations,
    enrollments,
    events,
    health,
    holds,
    imports,
    inbound,
    inbound_parse,
    matches,
    merges,
    person_timeline,
    pools,
    preferences,
    privacy,
    provider_events,
    reference,
    replies,
    sends,
    sequences,
    tasks,
    tracking,
    unsubscribing,
)
from api.body import LARGEST_HANDED_IN, LARGEST_MAIL, Capped
from api.door import Door, House, Walks
from api.openapi import describe_problems
from api.problems import Unbroken, handle_problems
from api.query import known_parameters
from api.visits import take_in_later
from rapport.clock import Clock
from rapport.mail.providers.registry import mail_sources_of
from rapport.ports import AtsVendors

_ROUTERS = (
    enrollments,
    bulk,
    holds,
    sends,
    replies,
    events,
    sequences,
    candidates,
    imports,
    addresses,
    merges,
    person_timeline,
    tasks,
    conversations,
    pools,
    matches,
    privacy,
    health,
    tracking,
    unsubscribing,
    preferences,
    inbound,
    inbound_parse,
    provider_events,
    ats_events,
    reference,
    check_ins,
    calendar_events,  # behind whatever else begins with its path: an id may hold slashes
)
# By how their paths begin; the first that fits holds.
_LARGER = {"/inbound/mail": LARGEST_MAIL, "/inbound/": LARGEST_HANDED_IN, "/v1/imports": imports.LARGEST_LIST}
_TAGS = [
    {"name": "enrollments", "description": "People on their way through sequences."},
    {"name": "sends", "description": "Mails, and those of which nobody can say whether they left."},
    {"name": "replies", "description": "What people answered."},
    {"name": "events", "description": "What other systems know of people."},
    {"name": "sequences", "description": "What is published."},
    {"name": "candidates", "description": "What is known about people."},
    {"name": "pools", "description": "Talent pools and segments, and who is in them."},
    {"name": "matches", "description": "Who fits a role."},
    {"name": "tasks", "description": "What colleagues are asked to do."},
    {"name": "calendar", "description": "Events that people register for: fairs, webinars, hackathons."},
    {"name": "privacy", "description": "What people agreed to, a copy of their data, and being forgotten."},
    {"name": "health", "description": "Whether it works."},
    {"name": "mail", "description": "What mails lead to: links, pixels, unsubscribing, replies. No key is needed."},
]
_DESCRIPTION = """Begin sequences, tell what happened, see where people are.

Every POST under `/v1` takes an `Idempotency-Key`: repeat the call with the same key until it is answered, and it has
one effect. Every error is `application/problem+json` and says what to do next."""


def create_app(
    house: House,
    clock: Clock,
    *,
    connect: Callable[[], Awaitable[Walks]] | None = None,
    vendors: AtsVendors | None = None,
) -> FastAPI:
    """Make the API of an open house; the house is closed by whoever opened it.

    `connect` prepares the connection to Temporal when the API starts; without it, nothing live is shown. `vendors`
    know the webhooks of every ATS; without them, no ATS is connected.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if connect is not None:
            app.state.door = Door(house=house, clock=clock, walks=await connect())
        door: Door = app.state.door
        handing_in = asyncio.create_task(door.set_aside.keep_handing_in(partial(take_in_later, door)))
        try:
            yield
        finally:
            handing_in.cancel()
            await asyncio.wait([handing_in])

    app = FastAPI(
        title="Rapport",
        version="1",
        summary="Recruiting sequences, walked as durable workflows.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere; `reference` needs neither
        redoc_url=None,
    )
    app.state.door = Door(house=house, clock=clock)
    app.state.vendors = vendors
    app.state.providers = provider_events.providers_behind(house.settings)
    app.state.mail_sources = mail_sources_of(house.settings)
    for module in _ROUTERS:
        app.include_router(module.router, dependencies=[Depends(known_parameters)])
    handle_problems(app)
    describe_problems(app)
    app.add_middleware(Capped, larger=_LARGER)
    # Added last, so that it is outside of everything.
    app.add_middleware(Unbroken)
    return app
