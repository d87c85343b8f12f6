"""Bulk enrollments: asked for once, worked off page by page, and stopped when somebody says so."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.ids import new_bulk_id
from rapport.ports import BulkStanding
from rapport.store import bulks
from rapport.store.database import Store, Tx
from rapport.store.tables.bulk import BulkRow
from rapport.usecases.crowd import Wish, check_wish
from rapport.usecases.enroll_many import enroll_many

# A campaign of ten thousand enters within 17 minutes, and its first mails are spread as widely.
DEFAULT_PER_MINUTE = 600
# A thousand a second is several times what one Temporal server starts: as good as no limit.
MOST_PER_MINUTE = 60_000
# One transaction: long enough that commits cost little, short enough that others wait for a few milliseconds.
_PAGE = 100
# Four batches of the dispatcher keep it busy; whoever replies meanwhile waits for a second, not for the campaign.
_CROWDED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: these people (in this order, each once) into that sequence.

    `source` names the list for people (`pool engineering`); asked for again under the same `key`, it is the same wish.
    """

    wish: Wish
    source: str
    key: str
    names: Sequence[str] = field(repr=False)
    per_minute: int = DEFAULT_PER_MINUTE
    cause: str

    @property
    def digest(self) -> str:
        """The hash by which a second asking is recognized while the first is being granted."""
        parts = [self.wish.sequence, self.wish.event, self.wish.again, self.key]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The bulk enrollment that grants a wish; `new` is False when it was under way."""

    id: str
    new: bool


async def begin(tx: Tx, clock: Clock, asked: Asked) -> Begun:
    """Store the list, to be worked off; the same wish finds the one that is under way.

    Refused (`not_published`, `unknown_event`, `nobody`) where nobody could enter.
    """
    existing = await bulks.under_way(tx, asked.digest)
    if existing is None:
        await _check(tx, asked)
        row = _row(asked, clock)
        if await bulks.add(tx, row, list(dict.fromkeys(asked.names))):
            return Begun(id=row.id, new=True)
        existing = await bulks.under_way(tx, asked.digest)
        assert existing is not None  # noqa: S101  # it was in the way a moment ago, and we are the only writer
    # Somebody may have terminated its workflow: told again, Temporal begins a new one where the list stands.
    existing.told = False
    return Begun(id=existing.id, new=False)


async def cancel(tx: Tx, bulk: str) -> BulkRow:
    """Let nobody else in; those who are in go on. Refused (`ended`) when everybody had their turn."""
    row = await bulks.get(tx, bulk, lock=True)
    if row.state == bulks.ENDED:
        hint = "The walks that it began can be cancelled by name: `rapport walks cancel`."
        raise Refused(reason="ended", message=f"The bulk enrollment {bulk!r} is over.", hint=hint)
    row.state, row.told = "cancelling", False
    await tx.flush()
    return row


async def look(tx: Tx, bulk: str) -> tuple[BulkRow, Mapping[str, int]]:
    """The bulk enrollment, and how many people it refused for which reason."""
    return await bulks.get(tx, bulk), await bulks.reasons(tx, bulk)


class StoreBulkDesk:
    """The `BulkDesk` of a store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Share the store."""
        self._store, self._clock = store, clock

    async def enroll_page(self, bulk: str, *, up_to: int) -> BulkStanding:
        """Give the next hundred their turn, in one transaction with the note that they had it."""
        async with self._store.read() as tx:
            row = await bulks.get(tx, bulk)
            if row.state == "running" and await bulks.starts_under_way(tx, at_most=_CROWDED) >= _CROWDED:
                return _standing(row, crowded=True)
        async with self._store.write() as tx:
            row = await bulks.get(tx, bulk, lock=True)
            if row.state == "starting":
                row.state = "running"
            if row.state == "running":
                await self._give_turns(tx, row, up_to)
            if row.state == "cancelling" or row.cursor >= row.total:
                self._end(row)
            await tx.flush()
        return _standing(row)

    async def _give_turns(self, tx: Tx, row: BulkRow, up_to: int) -> None:
        numbers = await bulks.waiting(tx, row, up_to=up_to, limit=_PAGE)
        if not numbers:
            return
        wish = Wish(sequence=row.sequence, event=row.event, again=row.again)
        turns = await enroll_many(tx, self._clock, wish, list(numbers), cause=f"bulk {row.id}: {row.cause}")
        came_of_it = [
            {"bulk": row.id, "number": numbers[name], "enrollment": turn.enrollment, "reason": turn.reason}
            for name, turn in turns.items()
        ]
        await bulks.note(tx, came_of_it)
        entered = sum(turn.enrollment is not None for turn in turns.values())
        row.entered, row.refused = row.entered + entered, row.refused + len(turns) - entered
        row.cursor = max(numbers.values())

    def _end(self, row: BulkRow) -> None:
        if row.state != bulks.ENDED:
            row.end = "done" if row.cursor >= row.total else "cancelled"
            row.state, row.ended_at = bulks.ENDED, self._clock.now()


async def _check(tx: Tx, asked: Asked) -> None:
    await check_wish(tx, asked.wish)
    if not asked.names:
        hint = "Look at `rapport import`, or name another list."
        raise Refused(reason="nobody", message=f"There is nobody in {asked.source}.", hint=hint)


def _row(asked: Asked, clock: Clock) -> BulkRow:
    return BulkRow(
        id=new_bulk_id(),
        sequence=asked.wish.sequence,
        source=asked.source,
        asked=asked.digest,
        per_minute=asked.per_minute,
        cause=asked.cause,
        recorded_at=clock.now(),
        event=asked.wish.event,
        again=asked.wish.again,
        total=len(set(asked.names)),
    )


def _standing(row: BulkRow, *, crowded: bool = False) -> BulkStanding:
    return BulkStanding(
        cursor=row.cursor,
        total=row.total,
        entered=row.entered,
        refused=row.refused,
        over=row.state == bulks.ENDED,
        crowded=crowded,
    )
