"""Whole lists as bodies: worked off page by page, each page harmless twice, and answered line by line."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.answering import answer_once
from api.door import Door
from api.idempotency import Answer, Call, found
from api.in_routes import in_routes
from rapport.store.database import Tx
from rapport.usecases.csv_rows import RowProblem

# A list of which more is wrong is wrong as a whole.
MOST_SHOWN = 1_000


class RowReason(BaseModel):
    """What is wrong with a row, or with a column from this line on."""

    line: int
    column: str | None = Field(description="Null when it is about the whole row.")
    reason: str


def reasons(problems: Sequence[RowProblem]) -> list[RowReason]:
    """The first of them, as the API shows them."""
    return [
        RowReason(line=each.line, column=each.column, reason=in_routes(each.reason)) for each in problems[:MOST_SHOWN]
    ]


async def list_in(request: Request) -> bytes:
    """The list that is handed in; 415 for a form."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise HTTPException(415, "Send the list itself as the body, as `curl --data-binary @FILE` does, and no form.")
    return await request.body()


def digest(raw: bytes) -> str:
    """What a call says of its list, so that another one under the same key is told apart."""
    return hashlib.sha256(raw).hexdigest()


async def answer_list(
    behind: Door, call: Call, act: Callable[[], Awaitable[BaseModel]], *, dry_run: bool
) -> JSONResponse:
    """Work the list off, or find what was answered before; a call that was cut may be repeated, for `act` is harmless.

    A dry run is answered anew each time, and leaves its key free.
    """
    known = None if dry_run else await found(behind, call)
    if known is not None:
        return JSONResponse(dict(known.body), known.status)
    body = (await act()).model_dump(mode="json")
    if dry_run:
        return JSONResponse(body)

    async def keep(_: Tx) -> Answer:
        return Answer(200, body)

    return await answer_once(behind, call, keep)
