"""What finding people for a role reads: profiles of everybody in pages, and the rest about few."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, func, select

from rapport.store.database import Tx
from rapport.store.happenings import HUMAN
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow

# Measuring a page takes some 20 ms, for which nothing else goes on in the process.
_PAGE = 1_000
# What people do, of all that happens to them, and only where it was they.
_SIGNS = ("clicked", "replied", "attended", "registered_for_event", "submitted", "applied")


async def profiles(tx: Tx) -> AsyncIterator[Sequence[Any]]:
    """The profiles of everybody who was not erased, in pages by id."""
    row = CandidateRow
    gone = exists().where(MergeRow.gone == row.id)
    query = (
        select(
            *(row.id, row.skills, row.city, row.country, row.seniority, row.stage),
            *(row.score, row.score_rest, row.score_at),
        )
        .where(row.erased_at.is_(None), ~gone)
        .order_by(row.id)
        .limit(_PAGE)
    )
    cursor = ""
    while page := (await tx.execute(query.where(row.id > cursor))).all():
        cursor = page[-1].id
        yield page


async def active(tx: Tx) -> frozenset[str]:
    """Everybody of whom there is a sign, machines' included: read from an index alone."""
    row = HappeningRow
    query = select(row.candidate).where(row.candidate.is_not(None), row.kind.in_(_SIGNS)).distinct()
    return frozenset(str(name) for name in await tx.scalars(query))


async def signs(tx: Tx, names: Sequence[str], since: datetime) -> Mapping[str, Mapping[str, tuple[int, datetime]]]:
    """What these people did: by kind, how often since an instant, and when last, whenever that was."""
    row = HappeningRow
    lately = func.sum(case((row.at >= since, 1), else_=0))
    query = (
        select(row.candidate, row.kind, lately, func.max(row.at))
        .where(row.candidate.in_(names), row.kind.in_(_SIGNS), row.verdict == HUMAN)
        .group_by(row.candidate, row.kind)
    )
    found: defaultdict[str, dict[str, tuple[int, datetime]]] = defaultdict(dict)
    for candidate, kind, number, last in await tx.execute(query):
        found[str(candidate)][kind] = (int(number), last)
    return found


async def in_a_process(tx: Tx, names: Sequence[str]) -> frozenset[str]:
    """Those of these people who have an application that is under way."""
    row = ApplicationRow
    query = select(row.candidate).where(row.candidate.in_(names), row.status == "active")
    return frozenset(await tx.scalars(query))
