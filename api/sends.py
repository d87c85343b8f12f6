"""Sends: list mails by state, and decide about those of which nobody can say whether they left."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api.door import Behind, Door
from api.enrollments import as_json, confirmed
from api.idempotency import Answer, Call, Key, once
from api.keys import Caller
from api.problems import documented
from api.shapes import Send, SendPage
from rapport.store import sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases import parked
from rapport.usecases.ledger import State

router = APIRouter(prefix="/v1/sends", tags=["sends"])

_LARGEST = 2**63 - 1  # what a column of 64 bits holds
Number = Annotated[int, Path(ge=1, le=_LARGEST, description="The send's id.", examples=[5127880311427760453])]
Decide = Callable[[Tx], Awaitable[SendRow]]
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Send, "description": "Stored; it has not been sent again within two seconds, and will be."}
}


@router.get("", operation_id="list_sends", summary="List mails by state", responses=documented(401, 422))
async def index(
    behind: Behind,
    _: Caller,
    state: Annotated[State, Query(description="`unknown` lists the parked ones.")] = "unknown",
    after: Annotated[int, Query(ge=0, le=_LARGEST, description="The `next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> SendPage:
    """List mails in one state, in the order of their ids, page by page; never their texts or addresses."""
    async with behind.store.read() as tx:
        rows = await sends.in_state(tx, state, after=after, limit=limit + 1)
    items = [Send.model_validate(row) for row in rows[:limit]]
    return SendPage(items=items, next=items[-1].id if len(rows) > limit else None)


@router.post(
    "/{send}/resend",
    operation_id="resend_mail",
    summary="Send a parked mail again",
    response_model=Send,
    responses={**_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def resend(send: Number, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Send the same bytes with the same Message-ID again, once, unless something is in the way by now."""
    return await _decided(behind, "resend", send, key, lambda tx: parked.resend(tx, behind.clock, send, by=caller))


@router.post(
    "/{send}/drop",
    operation_id="drop_mail",
    summary="Leave a parked mail at that",
    response_model=Send,
    responses=documented(400, 401, 404, 409, 422, 503),
)
async def drop(send: Number, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Never send it again; its walk has gone on anyway."""
    return await _decided(behind, "drop", send, key, lambda tx: parked.drop(tx, send, by=caller))


async def _decided(behind: Door, operation: str, send: int, key: str, decide: Decide) -> JSONResponse:
    async def act(tx: Tx) -> Answer:
        return Answer(200, as_json(Send.model_validate(await decide(tx))))

    answer = await once(behind, Call(key=key, operation=operation, asked={"send": send}), act)
    return await confirmed(behind, answer, answer.body.get("enrollment") if operation == "resend" else None)
