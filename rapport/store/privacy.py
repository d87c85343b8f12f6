"""Requests about a person's data: begun, found, and brought to their end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from rapport.errors import NotFound
from rapport.ids import new_request_id
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.privacy import PrivacyRequestRow

ERASURE: Final = "erasure"
EXPORT: Final = "export"
ANNOUNCED: Final = "announced"
RUNNING: Final = "running"
DONE: Final = "done"
DROPPED: Final = "dropped"
# So many untold ones are begun in one look; the rest has its turn a second later.
_AT_ONCE = 200


async def begin(
    tx: Tx,
    *,
    candidate: str,
    kind: str,
    state: str,
    by: str,
    at: datetime,
    identity: str | None = None,
    told: bool = True,
    due_at: datetime | None = None,
    done_at: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> PrivacyRequestRow:
    """Write a request down; without an identity it is a new one, however alike it is to another."""
    row = PrivacyRequestRow(
        id=identity or new_request_id(),
        candidate=candidate,
        kind=kind,
        state=state,
        asked_by=by,
        asked_at=at,
        due_at=due_at,
        done_at=done_at,
        told=told,
        detail=dict(detail or {}),
    )
    await insert(tx, row)
    return row


async def get(tx: Tx, request: str) -> PrivacyRequestRow:
    """The request of an id; NotFound when there is none."""
    row = await tx.get(PrivacyRequestRow, request)
    if row is None:
        hint = "List a person's: GET /v1/candidates/{candidate}/privacy-requests."
        raise NotFound(kind="privacy request", name=request, hint=hint)
    return row


async def of_person(tx: Tx, candidate: str) -> Sequence[PrivacyRequestRow]:
    """Everything that was asked about a person's data, oldest first."""
    row = PrivacyRequestRow
    return (await tx.scalars(select(row).where(row.candidate == candidate).order_by(row.asked_at, row.id))).all()


async def announced(tx: Tx, people: Collection[str]) -> Mapping[str, PrivacyRequestRow]:
    """The erasures of these people that are announced and not yet done, by person."""
    row = PrivacyRequestRow
    query = select(row).where(row.candidate.in_(people), row.kind == ERASURE, row.state == ANNOUNCED)
    return {found.candidate: found for found in await tx.scalars(query.order_by(row.asked_at))}


async def untold(tx: Tx) -> Sequence[str]:
    """The requests whose workflows have still to begin, oldest first."""
    row = PrivacyRequestRow
    return (
        await tx.scalars(select(row.id).where(row.told.is_(False)).order_by(row.asked_at, row.id).limit(_AT_ONCE))
    ).all()


async def unfinished(tx: Tx) -> Sequence[str]:
    """The erasures that have begun and are not done, whether Temporal has heard of them or not, oldest first."""
    row = PrivacyRequestRow
    query = select(row.id).where(row.kind == ERASURE, row.state == RUNNING)
    return (await tx.scalars(query.order_by(row.asked_at, row.id))).all()
