"""People's rights: what they agreed to, a copy of their data, and being forgotten."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.door import Behind, Door
from api.idempotency import Answer, Call, Key, once
from api.keys import Caller
from api.problems import MEDIA_TYPE, documented
from api.shapes import Instant, Word
from rapport.store import candidates, consents
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.usecases import erasing, export_person
from rapport.usecases.consenting import Grant, grant, withdraw
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents

router = APIRouter(prefix="/v1/candidates/{candidate}", tags=["privacy"])
_FIRST_ERROR = 400
Candidate = Annotated[Word, Path(examples=["c_5ab7r2k9m3nq8t4w"])]


class ConsentRequest(BaseModel):
    """A yes or a no of a person, as they said it elsewhere."""

    model_config = ConfigDict(extra="forbid")

    purpose: Word = Field(examples=["nurture"], description="A purpose of project.yaml; `all` to withdraw every one.")
    state: Literal["granted", "withdrawn"]
    source: str = Field(
        min_length=1, max_length=200, description="Where; it names nobody else.", examples=["career site form"]
    )
    basis: str = Field(default="consent", max_length=50, description="One of the `bases` of the purpose.")
    text: str = Field(default="", max_length=5_000, description="The exact words agreed to; needed for a yes.")
    language: str | None = Field(default=None, max_length=20, examples=["en"])
    until: Instant | None = Field(default=None, description="When it ends; implied consent needs it.")
    proof: dict[str, str] = Field(default_factory=dict, max_length=20, description="How it is known: form id, network.")


class ConsentEntry(BaseModel):
    """One entry of the ledger."""

    model_config = ConfigDict(from_attributes=True)

    purpose: str
    state: Literal["granted", "withdrawn", "paused", "resumed"]
    basis: str
    source: str
    at: datetime
    expires_at: datetime | None
    language: str | None
    text: str
    text_hash: str | None = Field(description="The SHA-256 of the text: tells one version of it from the next.")
    proof: dict[str, Any] | None


class Consents(BaseModel):
    """The ledger of one person, oldest entry first, and what holds now."""

    candidate: str
    valid: dict[str, datetime | None] = Field(description="The purposes they agree to now, and until when.")
    entries: list[ConsentEntry]


class ErasureRequest(BaseModel):
    """What is written down about an erasure beside who asked and when."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(default="", max_length=200, description="Name nobody in it: it is kept.")


class PrivacyRequest(BaseModel):
    """The record of one export or erasure; it outlives the data."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["p_5ab7r2k9m3nq8t4w"])
    candidate: str
    kind: Literal["export", "erasure"]
    state: Literal["announced", "dropped", "running", "done"] = Field(
        description="`running`: the data is gone, and walks have still to end or files to be cleared."
    )
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    detail: dict[str, Any]


@router.get(
    "/consents",
    operation_id="list_consents",
    summary="See what a person agreed to",
    responses=documented(401, 404, 422),
)
async def ledger(candidate: Candidate, behind: Behind, _: Caller) -> Consents:
    """Show every yes and no of a person, with its words and its proof."""
    async with behind.store.read() as tx:
        person = await candidates.get(tx, candidate)
        at = behind.clock.walk_time(person.id)
        valid = await valid_consents(tx, person, await live_project(tx), at)
        return _consents(person.id, dict(valid), await consents.ledger(tx, person.id))


@router.post(
    "/consents",
    operation_id="add_consent",
    summary="Write down a yes or a no",
    status_code=201,
    response_model=Consents,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def add(candidate: Candidate, asked: ConsentRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Append to the ledger. A no ends the walks for the purpose; a yes never opens an address that its owner closed."""
    told_as = f"api:{caller}:{key}"

    async def act(tx: Tx) -> Answer:
        if asked.state == "granted":
            given = Grant(**asked.model_dump(exclude={"state"}))
            await grant(tx, behind.clock, candidate, given, by=f"api: {caller}", key=told_as)
        else:
            by = f"api: {caller}"
            await withdraw(tx, behind.clock, candidate, asked.purpose, source=asked.source, by=by, key=told_as)
        person = await candidates.get(tx, candidate)
        valid = await valid_consents(tx, person, await live_project(tx), behind.clock.walk_time(person.id))
        shown = _consents(person.id, dict(valid), await consents.ledger(tx, person.id))
        return Answer(201, shown.model_dump(mode="json"))

    asked_for = {"candidate": candidate, **asked.model_dump(mode="json")}
    return await _once(behind, Call(key=key, operation="add_consent", asked=asked_for), act)


@router.post(
    "/erase",
    operation_id="erase_candidate",
    summary="Forget a person",
    status_code=202,
    response_model=PrivacyRequest,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def erase(candidate: Candidate, asked: ErasureRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Delete everything personal at once, and stop all walks. What is left to do is done by a workflow."""

    async def act(tx: Tx) -> Answer:
        row = await erasing.erase(tx, behind.clock, candidate, by=f"api: {caller}", why=asked.why)
        return Answer(202, PrivacyRequest.model_validate(row).model_dump(mode="json"))

    asked_for = {"candidate": candidate, "why": asked.why}
    return await _once(behind, Call(key=key, operation="erase_candidate", asked=asked_for), act)


@router.get(
    "/export",
    operation_id="export_candidate",
    summary="Get a copy of a person's data",
    response_class=Response,
    responses={
        200: {"content": {"application/zip": {}}, "description": "data.json, and the mails as .eml files"},
        **documented(401, 404, 409, 422),
    },
)
async def export(candidate: Candidate, behind: Behind, caller: Caller) -> Response:
    """Pack everything about a person into a zip. That it was asked for is written down."""
    async with behind.store.write() as tx:
        packed = await export_person.export(tx, behind.clock, candidate, by=f"api: {caller}")
    headers = {"Content-Disposition": f'attachment; filename="{candidate}.zip"', "Cache-Control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)


@router.get(
    "/privacy-requests",
    operation_id="list_privacy_requests",
    summary="See exports and erasures of a person",
    responses=documented(401, 404, 422),
)
async def requests(candidate: Candidate, behind: Behind, _: Caller) -> list[PrivacyRequest]:
    """Show who asked for a person's data or its end, when, and what became of it."""
    async with behind.store.read() as tx:
        return [PrivacyRequest.model_validate(row) for row in await export_person.requests(tx, candidate)]


def _consents(candidate: str, valid: dict[str, datetime | None], entries: Sequence[ConsentRow]) -> Consents:
    return Consents(candidate=candidate, valid=valid, entries=[ConsentEntry.model_validate(entry) for entry in entries])


async def _once(behind: Door, call: Call, act: Callable[[Tx], Awaitable[Answer]]) -> JSONResponse:
    answer = await once(behind, call, act)
    kind = MEDIA_TYPE if answer.status >= _FIRST_ERROR else None
    return JSONResponse(dict(answer.body), answer.status, media_type=kind)
