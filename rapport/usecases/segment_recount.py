"""What no change of a person brings about: new meanings of segments, and what ends as time goes by."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from rapport.clock import Clock
from rapport.dsl.plan import canonical
from rapport.dsl.project import Project
from rapport.store import segments as rows
from rapport.store.database import Store, Tx
from rapport.store.tables.people import CandidateRow
from rapport.usecases.cause import Cause
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh
from rapport.usecases.steady import Trouble, keep_at

log = logging.getLogger(__name__)

# A page of people who stay where they are takes a tenth of a second, and one of people who all join half a second:
# nobody else who writes waits longer.
_PAGE = 100
# What has ended by itself is noticed within this; an idle look is two indexed reads.
_BETWEEN_LOOKS = timedelta(seconds=5)
_NOT_KEPT = Trouble(said="Segments not kept", action="segments_away")


class SegmentKeeper:
    """Works off, page by page, what a publication has left to decide, and whom time has moved."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Several may share a store: each page is a transaction that begins where the last one ended."""
        self._store, self._clock = store, clock

    async def run(self, stop: asyncio.Event) -> None:
        """Keep looking until `stop`; a store that is away is asked again."""
        await keep_at(self.turn, stop, log=log, trouble=_NOT_KEPT, every=_BETWEEN_LOOKS)

    async def drain(self) -> int:
        """Go on until nothing is left to do now; at how many people it has looked."""
        looked = 0
        while count := await self.turn():
            looked += count
        return looked

    async def turn(self) -> int:
        """Do one page of each kind; at how many people it has looked."""
        async with self._store.read() as tx:  # an idle look must not cost a writing transaction
            recount = await rows.recount_under_way(tx) is not None
            due = bool(await rows.due(tx, self._clock.now(), limit=1))
        return (await self._recount() if recount else 0) + (await self._let_pass() if due else 0)

    async def _recount(self) -> int:
        async with self._store.write() as tx:
            row = await rows.recount_under_way(tx)
            if row is None:
                return 0
            names = await _page(tx, row.cursor) if (await watch_of(tx)).segments else []
            cause = Cause(text=f"segments {row.id}", at=self._clock.now())
            row.moved += len(await refresh(tx, self._clock, names, cause=cause))
            row.people += len(names)
            if names:
                row.cursor = names[-1]
            else:
                row.ended_at = self._clock.now()
            return len(names)

    async def _let_pass(self) -> int:
        async with self._store.write() as tx:
            found = await rows.due(tx, self._clock.now(), limit=_PAGE)
            watch = await watch_of(tx)
            for name, at in found.items():
                # The instant itself, however late we look: whoever hears of it hears when it was.
                cause = Cause(text=f"time {at.isoformat()}", at=at)
                await refresh(tx, self._clock, [name], cause=cause, changed=watch.timed)
                await _move_on(tx, name, at)
            return len(found)


async def recount_if_changed(tx: Tx, source: Mapping[str, Any], *, at: datetime) -> bool:
    """Have everybody decided about anew if a project.yaml gives segments another meaning; whether it does."""
    anybody = any("members" in pool for pool in source.get("pools", {}).values())
    return await rows.begin_recount(tx, meaning_of(source), at=at, anybody=anybody)


def meaning_of(source: Mapping[str, Any]) -> str:
    """A hash of everything in a project.yaml that decides who belongs to its segments."""
    project = Project.read(source)
    pools = {
        key: [pool.get("members"), pool.get("expires_after")]
        for key, pool in source.get("pools", {}).items()
        if "members" in pool or "expires_after" in pool
    }
    purposes = {key: value.get("expires_after") for key, value in source.get("consent", {}).get("purposes", {}).items()}
    rests_on: dict[str, Any] = {"pools": pools, "purposes": purposes, "zone": project.organization.zone}
    if project.half_life:
        rests_on["half_life"] = project.half_life.total_seconds()
    return hashlib.sha256(canonical(rests_on)).hexdigest()


async def _page(tx: Tx, cursor: str) -> list[str]:
    query = select(CandidateRow.id).where(CandidateRow.id > cursor, CandidateRow.erased_at.is_(None))
    return [*await tx.scalars(query.order_by(CandidateRow.id).limit(_PAGE))]


async def _move_on(tx: Tx, name: str, at: datetime) -> None:
    """Let nobody be looked at twice for one instant, whatever their segments ask now."""
    left = await rows.belongings(tx, [name])
    if name in left and left[name].due == at:
        await rows.note_dues(tx, {name: (at, None)})
