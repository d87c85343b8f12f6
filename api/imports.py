"""Lists of people: another system hands one in and is answered when it is stored, row by row."""

import io
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.door import Behind, Door
from api.idempotency import Call, Key
from api.keys import Caller
from api.lists import MOST_SHOWN, RowReason, answer_list, digest, list_in, reasons
from api.problems import documented
from rapport.usecases.import_people import ImportReport, import_people
from rapport.usecases.importing.layouts import LAYOUTS
from rapport.usecases.people_csv import Defaults

router = APIRouter(prefix="/v1/imports", tags=["candidates"])
LARGEST_LIST = 4_000_000  # bytes: 30,000 people, who are stored before a caller has waited for 30 seconds
# Other calls wait for no more than these; a list has the time.
_ROWS_AT_ONCE = 100
_OPERATION = "import_people"
_EXAMPLE = "email,first_name,tags,source,consent,consent_basis\nada@people.example,Ada,met,fair,nurture,consent\n"
_JSON_EXAMPLE = '{"email": "ada@people.example", "first_name": "Ada", "tags": ["met"]}\n'
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The list, in UTF-8; its columns are described in docs/import.md.",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE},
            "application/jsonl": {"schema": {"type": "string"}, "example": _JSON_EXAMPLE},
        },
    }
}


class ImportOutcome(BaseModel):
    """What became of a list, or would become of it; rows that are refused or in conflict are not stored."""

    dry_run: bool
    layout: str = Field(examples=["own", *sorted(LAYOUTS)], description="Whose columns they are.")
    left_out: list[str] = Field(description="Columns of which nothing is made.")
    nameless: list[RowReason] = Field(
        description="Columns without a name that hold something, each with its first line; nothing is made of them."
    )
    warning: str | None
    added: int
    changed: int
    unchanged: int
    started: int = Field(description="How many walks began.")
    without_consent: int = Field(description="People without consent, source and basis: stored, but never mailed.")
    refused_rows: int
    conflicting_rows: int
    refused: list[RowReason] = Field(description=f"The first {MOST_SHOWN} of them.")
    conflicts: list[RowReason] = Field(description=f"The first {MOST_SHOWN} of them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the address of the call says about the list."""

    layout: Annotated[
        str | None, Query(description="Whose columns these are; else the header says it.", examples=["greenhouse"])
    ] = None
    source: Annotated[str, Query(max_length=200, description="Where rows come from that do not say it.")] = ""
    consent: Annotated[
        tuple[str, ...], Query(description="The purposes that people agreed to whose rows do not say it.")
    ] = ()
    consent_basis: Annotated[str, Query(max_length=200, description="On which basis, likewise.")] = ""
    consent_text: Annotated[str, Query(max_length=5000, description="The words that they agreed to, likewise.")] = ""
    dry_run: Annotated[bool, Query(description="Only say what would come of it.")] = False

    def defaults(self) -> Defaults:
        """What holds for rows that say nothing else."""
        return Defaults(source=self.source, consent=self.consent, basis=self.consent_basis, text=self.consent_text)


@router.post(
    "",
    operation_id=_OPERATION,
    summary="Import a list of people",
    response_model=ImportOutcome,
    responses=documented(400, 401, 404, 409, 413, 415, 422, 503),
    openapi_extra=_BODY,
)
async def create(
    request: Request, asked: Annotated[_Asked, Depends()], key: Key, behind: Behind, _: Caller
) -> JSONResponse:
    """Store the people of a CSV or JSON Lines list, as `rapport import` does; the answer comes when all rows are in.

    A call that was not answered is repeated with the same key: what is stored is found, and the end is the same.
    """
    raw = await list_in(request)

    async def act() -> ImportOutcome:
        return _shown(await _import(behind, asked, raw), asked)

    call = Call(key=key, operation=_OPERATION, asked=_named(asked, raw))
    return await answer_list(behind, call, act, dry_run=asked.dry_run)


async def _import(behind: Door, asked: _Asked, raw: bytes) -> ImportReport:
    return await import_people(
        behind.store,
        behind.clock,
        io.BytesIO(raw),
        pepper=behind.house.settings.pepper,
        layout=asked.layout,
        defaults=asked.defaults(),
        dry_run=asked.dry_run,
        rows_at_once=_ROWS_AT_ONCE,
    )


def _named(asked: _Asked, raw: bytes) -> dict[str, Any]:
    """What is asked for, the list by its hash."""
    words = [asked.layout, asked.source, [*asked.consent], asked.consent_basis, asked.consent_text]
    return {"list": digest(raw), "words": words}


def _shown(report: ImportReport, asked: _Asked) -> ImportOutcome:
    return ImportOutcome(
        dry_run=asked.dry_run,
        layout=report.layout,
        left_out=[*report.left_out],
        nameless=reasons(report.nameless),
        warning=report.warning,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        started=report.started,
        without_consent=report.without_consent,
        refused_rows=len({each.line for each in report.problems}),
        conflicting_rows=len(report.conflicts),
        refused=reasons(report.problems),
        conflicts=reasons(report.conflicts),
    )
