"""Sequences: what is published, and how many people are in it."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.door import Behind
from api.keys import Caller
from api.problems import documented
from api.shapes import SequenceDetail, SequenceSummary, Word
from rapport.errors import NotFound
from rapport.store import enrollments, published
from rapport.store.database import Tx
from rapport.store.tables.published import VersionRow
from rapport.usecases.shelf import plan_of

router = APIRouter(prefix="/v1/sequences", tags=["sequences"])


@router.get("", operation_id="list_sequences", summary="List published sequences", responses=documented(401))
async def index(behind: Behind, _: Caller) -> list[SequenceSummary]:
    """List the live version of every sequence."""
    async with behind.store.read() as tx:
        return [await _summary(tx, row) for row in await published.live_versions(tx)]


@router.get("/{name}", operation_id="get_sequence", summary="Look at one sequence", responses=documented(401, 404, 422))
async def look(
    name: Annotated[Word, Path(examples=["welcome-engineering"])], behind: Behind, _: Caller
) -> SequenceDetail:
    """Show one published sequence."""
    async with behind.store.read() as tx:
        row = await published.live_version(tx, name)
        if row is None:
            raise NotFound(kind="published sequence", name=name, hint="Look at GET /v1/sequences, or publish it.")
        plan = await plan_of(tx, row.sequence, row.hash)
        summary = await _summary(tx, row)
    return SequenceDetail(**summary.model_dump(), purpose=plan.purpose, steps=[node.id for node in plan.nodes])


async def _summary(tx: Tx, row: VersionRow) -> SequenceSummary:
    return SequenceSummary(
        name=row.sequence,
        title=row.title,
        owner=row.owner,
        version=row.hash,
        commit=row.commit,
        people=await enrollments.count(tx, sequence=row.sequence),
    )
