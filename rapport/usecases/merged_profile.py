"""The profile and the addresses of two records that are one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Date, delete, inspect, select

from rapport.crm.lifecycle import stage_of_both
from rapport.crm.merging import Record, deep, flat, joined
from rapport.crm.score import Score
from rapport.store import erasure, merging
from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.erasure_rules import RULES, Empty
from rapport.store.once import insert, insert_once
from rapport.store.tables.identities import AddressRow, MergeRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.cause import Cause
from rapport.usecases.segment_view import watch_of

_SCORE: Final = ("score", "score_rest", "score_at")
_APART: Final = ("id", "recorded_at", "erased_at", "email_key", "stage", "last_contacted_on", *_SCORE)
_COLUMNS: Final = inspect(CandidateRow).columns
_FIELDS: Final[Sequence[str]] = tuple(column.key for column in _COLUMNS if column.key not in _APART)
_DAYS: Final = frozenset(column.key for column in _COLUMNS if isinstance(column.type, Date))


@dataclass(frozen=True, slots=True)
class _Tree:
    """A record, and how others became part of it."""

    root: CandidateRow
    merges: Sequence[MergeRow]

    def own(self) -> Record:
        """What the record itself says: not what it has of others, unless that was changed since."""
        given = {name: merge.profile.get(name) for merge in self.merges for name in merge.given}
        fields = flat({name: _written(getattr(self.root, name)) for name in _FIELDS})
        kept = {name: value for name, value in fields.items() if name not in given or given[name] != value}
        return Record(id=self.root.id, since=self.root.recorded_at, fields=kept)


async def merge_profiles(tx: Tx, kept: CandidateRow, gone: CandidateRow, *, cause: Cause, now: datetime) -> None:
    """Give `kept` what it lacks and empty `gone`; what each said is remembered, so that order makes no difference."""
    addresses = await erasure.addresses_of(tx, [kept.id, gone.id])
    first, second = await _tree(tx, kept), await _tree(tx, gone)
    merge = MergeRow(
        gone=gone.id, kept=kept.id, cause=cause.text, at=cause.at, recorded_at=now, profile=dict(second.own().fields)
    )
    await insert(tx, merge)
    merges = [*first.merges, *second.merges, merge]
    own = first.own()
    records = [own, *await _records(tx, merges, set(addresses.values()))]
    whose = joined(own, records[1:])
    score = Score.of(kept).with_other(Score.of(gone), (await watch_of(tx)).project.half_life)
    kept.score, kept.score_rest, kept.score_at = score.points, score.rest, score.at
    kept.stage = stage_of_both(kept.stage, gone.stage)
    days = [row.last_contacted_on for row in (kept, gone) if row.last_contacted_on]
    kept.last_contacted_on = max(days, default=None)
    _empty(gone)
    await tx.flush()  # before its address becomes another's
    _fill(kept, records, whose)
    await _share(tx, kept, addresses, now)
    for each in merges:
        each.given = sorted(name for name, owner in whose.items() if owner == each.gone)
    await tx.flush()


async def _tree(tx: Tx, root: CandidateRow) -> _Tree:
    parts = [name for name in await erasure.everybody(tx, root.id) if name != root.id]
    return _Tree(root, await merging.merges_into(tx, parts))


async def _records(tx: Tx, merges: Sequence[MergeRow], addresses: set[str]) -> list[Record]:
    """What the merged records said; an address that is not theirs any more is left out."""
    query = select(CandidateRow.id, CandidateRow.recorded_at).where(CandidateRow.id.in_([row.gone for row in merges]))
    since: dict[str, datetime] = {key: value for key, value in await tx.execute(query)}  # noqa: C416  # mypy knows no dict of rows
    return [Record(id=row.gone, since=since[row.gone], fields=_valid(row.profile, addresses)) for row in merges]


def _valid(profile: Mapping[str, Any], addresses: set[str]) -> Mapping[str, Any]:
    return {name: value for name, value in profile.items() if name != "email" or value in addresses}


def _fill(row: CandidateRow, records: Sequence[Record], whose: Mapping[str, str]) -> None:
    said = {record.id: record.fields for record in records}
    for name, value in deep({name: said[owner][name] for name, owner in whose.items()}).items():
        setattr(row, name, date.fromisoformat(value) if name in _DAYS else value)


async def _share(tx: Tx, kept: CandidateRow, addresses: Mapping[str, str], now: datetime) -> None:
    """All addresses are of `kept`; mails go to the first one, and the others find them."""
    first = next((key for key, email in addresses.items() if email == kept.email), None)
    for key, email in addresses.items():
        if key != first:
            await insert_once(tx, AddressRow(key=key, candidate=kept.id, email=email, recorded_at=now))
    await tx.execute(delete(AddressRow).where(AddressRow.key == first))
    kept.email_key = first
    await tx.flush()


def _empty(row: CandidateRow) -> None:
    for name, value in _emptied().items():
        setattr(row, name, value)


def _emptied() -> Mapping[str, Any]:
    """A record that is merged holds no more than one that is erased."""
    table: type[Row] = CandidateRow
    return next(rule.values for rule in RULES if isinstance(rule, Empty) and rule.table is table)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
