"""Addresses of a candidate: adding, choosing the one that mails go to, removing."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.answering import answer_once
from api.candidate_shapes import AddressesChanged, AddressList, AddressRequest
from api.candidates import Known
from api.door import Behind, Door
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.problems import documented
from rapport.store.database import Tx
from rapport.usecases.addresses import add_address, addresses, make_primary, remove_address
from rapport.usecases.cause import Cause

router = APIRouter(prefix="/v1/candidates/{candidate}/addresses", tags=["candidates"])
_changes = partial(
    router.post, response_model=AddressesChanged, responses=documented(400, 401, 404, 409, 413, 422, 503)
)


@router.get("", operation_id="list_addresses", summary="List a person's addresses", responses=documented(401, 404, 422))
async def index(candidate: Known, behind: Behind, _: Caller) -> AddressList:
    """Show all addresses of a person."""
    async with behind.store.read() as tx:
        return await _list(tx, candidate)


@_changes("", operation_id="add_address", summary="Know a person by another address")
async def add(candidate: Known, asked: AddressRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Add an address by which the person is recognized; mails go to their first one."""
    return await _change(behind, "add_address", candidate, asked, key, caller, add_address)


@_changes("/primary", operation_id="make_address_primary", summary="Let mails go to an address")
async def primary(candidate: Known, asked: AddressRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Let mails go to this address; the one of before stays a further one."""
    return await _change(behind, "make_address_primary", candidate, asked, key, caller, make_primary)


@_changes("/remove", operation_id="remove_address", summary="Forget an address")
async def remove(candidate: Known, asked: AddressRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Forget a further address; the one that mails go to stays until another one is primary."""
    return await _change(behind, "remove_address", candidate, asked, key, caller, remove_address)


async def _change(
    behind: Door,
    operation: str,
    candidate: str,
    asked: AddressRequest,
    key: str,
    caller: str,
    act_on: Callable[..., Awaitable[Any]],
) -> JSONResponse:
    async def act(tx: Tx) -> Answer:
        cause = Cause(text=f"api: {caller}", at=behind.clock.walk_time(candidate), shift=behind.shift(candidate))
        await act_on(tx, behind.clock, candidate, asked.email, pepper=behind.house.settings.pepper, cause=cause)
        # The answer is kept for repeated calls: no addresses in it.
        return Answer(200, {"candidate": candidate})

    told = {"candidate": candidate, **asked.model_dump()}
    return await answer_once(behind, Call(key=key, operation=operation, asked=told), act)


async def _list(tx: Tx, candidate: str) -> AddressList:
    known = await addresses(tx, candidate)
    return AddressList(primary=known.primary, further=list(known.further))
