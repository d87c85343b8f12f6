"""Health: whether this process lives, whether it can work, and what waits to be delivered."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from api.door import Behind, Door
from api.keys import Caller
from api.problems import documented
from rapport.usecases.backlog import backlog

router = APIRouter(tags=["health"])
_LOG = logging.getLogger(__name__)
_PATIENCE = timedelta(seconds=2)  # a probe that hangs says as much as one that fails

Part = Literal["ok", "unavailable", "not asked"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Whether each part that is needed answers."""

    store: Part
    temporal: Part


class Outbox(BaseModel):
    """What has been stored for walks and not delivered yet."""

    waiting: int = Field(description="Messages on their way to walks.")
    oldest_seconds: float = Field(description="How long the oldest one has waited; 0 when none does.")
    late: bool = Field(description="Whether that is more than a minute: no worker runs, or Temporal is away.")
    resending: int = Field(description="Parked mails that are being sent again; they may take days, and nobody waits.")


@router.get("/healthz", operation_id="is_alive", summary="Does the process live?")
async def alive() -> Alive:
    """Answer, and nothing else."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="is_ready",
    summary="Can it work?",
    responses={503: {"model": Ready, "description": "The store is unavailable."}},
)
async def ready(behind: Behind, response: Response) -> Ready:
    """Ask the store and Temporal; only the store decides: without Temporal, everything is still taken in."""
    store = await _answers(_ask_store(behind))
    temporal: Part = "not asked" if behind.walks is None else await _answers(behind.walks.ready())
    if store != "ok":
        response.status_code = 503
    return Ready(store=store, temporal=temporal)


@router.get(
    "/v1/outbox", operation_id="look_at_outbox", summary="What waits to be delivered", responses=documented(401)
)
async def outbox(behind: Behind, _: Caller) -> Outbox:
    """Count what is on its way to walks, and say how long the oldest message has waited."""
    async with behind.store.read() as tx:
        found = await backlog(tx, behind.clock.now())
    return Outbox(
        waiting=found.waiting, oldest_seconds=found.lag.total_seconds(), late=found.late, resending=found.resending
    )


async def _ask_store(behind: Door) -> None:
    async with behind.store.read() as tx:
        await tx.execute(text("SELECT 1 FROM enrollments LIMIT 1"))


async def _answers(question: Awaitable[None]) -> Part:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            await question
    except Exception as fault:  # noqa: BLE001  # whatever it is, the answer is no
        _LOG.warning("A part is unavailable", extra={"action": "part_unavailable", "fault": type(fault).__name__})
        return "unavailable"
    return "ok"
