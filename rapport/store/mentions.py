"""Words about a person in rows that are not theirs: addresses, links and full names are blotted out, the rest stays."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.erasure_rules import GONE
from rapport.store.tables.bulk import BulkPersonRow
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.identities import IdentityRow, MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.store.tables.tasks import ConversationRow, TaskRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow

# Where people and other systems write sentences. Nobody rewrites the ledger of another's consent, nor a mail that has
# left; the other texts are words of the company's own catalog.
PLACES: Mapping[type[Row], Sequence[str]] = {
    CandidateRow: ("source", "custom"),
    ConversationRow: ("note",),
    TaskRow: ("title",),
    CalendarEventRow: ("title",),
    HappeningRow: ("detail", "evidence"),
    EnrollmentRow: ("cause",),
    IdempotencyRow: ("response",),
}
# Nine of ten happenings are of these kinds, and say nothing but words of the catalog and what a browser says of itself.
_WORDLESS = ("clicked", "opened", "tagged", "added_to_pool", "removed_from_pool", "score_reached", "sequence_ended")


@dataclass(frozen=True, slots=True)
class FullName:
    """A first and a last name, which stand beside each other in either order."""

    first: str
    last: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """By what a person is named in a text: whole addresses and links, and their full names."""

    whole: Collection[str] = field(default=(), repr=False)
    names: Collection[FullName] = field(default=(), repr=False)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        whole = [_address_or_link(text) for text in sorted(self.whole, key=len, reverse=True)]
        names = [rf"(?<!\w){re.escape(one)}[\s,]+{re.escape(other)}(?!-?\w)" for one, other in self._orders()]
        return re.compile("|".join(whole + names), re.IGNORECASE) if whole + names else None

    def _orders(self) -> Iterator[tuple[str, str]]:
        for name in self.names:
            yield from ((name.first, name.last), (name.last, name.first))

    def spelled(self) -> list[str]:
        """Each of them in the ways in which it is usually written."""
        return [*self.whole, *(f"{one}{space}{other}" for one, other in self._orders() for space in (" ", ", "))]

    def blotted(self, value: Any) -> Any:
        """The same text or JSON without them."""
        if isinstance(value, str):
            return self._pattern.sub(GONE, value) if self._pattern else value
        if isinstance(value, dict):
            return {name: self.blotted(each) for name, each in value.items()}
        return [self.blotted(each) for each in value] if isinstance(value, list) else value

    def found_in(self, column: InstrumentedAttribute[Any], *, dialect: str) -> ColumnElement[bool]:
        """Rows that may hold one of them; what is no text is asked as it is stored."""

        def holds(word: str) -> ColumnElement[bool]:
            return or_(*(_like(cast(column, String), each, dialect) for each in sorted({word, json.dumps(word)[1:-1]})))

        names = [and_(holds(name.first), holds(name.last)) for name in self.names]
        return or_(*(holds(each) for each in self.whole), *names)


async def words_about(tx: Tx, people: Collection[str], addresses: Collection[str]) -> Words:
    """By what these rows, which are one person, are named; a name that somebody else has as well names nobody."""
    called = select(IdentityRow.value).where(IdentityRow.candidate.in_(people), IdentityRow.system == "profile")
    names = [name for name in await full_names(tx, people) if not await _is_shared(tx, name, people)]
    return Words(whole={*addresses, *await tx.scalars(called)}, names=names)


async def full_names(tx: Tx, people: Collection[str]) -> list[FullName]:
    """What they are called in full, also before rows became one."""
    row, merge = CandidateRow, MergeRow
    rows = await tx.execute(select(row.first_name, row.last_name).where(row.id.in_(people)))
    said = [(first, last) for first, last in rows]
    merged = await tx.scalars(select(merge.profile).where(merge.gone.in_(people)))
    said += [(profile.get("first_name"), profile.get("last_name")) for profile in merged]
    return list(dict.fromkeys(FullName(first, last) for first, last in said if first and last))


async def blot_out(tx: Tx, words: Words) -> None:
    """Replace them wherever sentences are kept, and where an address was taken for an id."""
    if not words.spelled():
        return
    dialect = tx.get_bind().dialect.name
    for table, columns in PLACES.items():
        found = or_(*(words.found_in(getattr(table, column), dialect=dialect) for column in columns))
        if table is HappeningRow:
            found = and_(HappeningRow.kind.not_in(_WORDLESS), found)
        for row in (await tx.scalars(select(table).where(found))).all():
            for column in columns:
                before = getattr(row, column)
                if (after := words.blotted(before)) != before:
                    setattr(row, column, after)
    await tx.flush()
    await _forget_listed(tx, words)


async def _forget_listed(tx: Tx, words: Words) -> None:
    """Lists of ids in which somebody wrote addresses."""
    for refusal in (await tx.scalars(select(RefusalRow).where(RefusalRow.candidate.in_(words.whole)))).all():
        refusal.candidate = GONE
    for listed in (await tx.scalars(select(BulkPersonRow).where(BulkPersonRow.candidate.in_(words.whole)))).all():
        listed.candidate = f"{GONE}:{listed.number}"  # each is on a list once
    await tx.flush()


async def _is_shared(tx: Tx, name: FullName, people: Collection[str]) -> bool:
    row = CandidateRow
    same = select(row.id).where(row.first_name == name.first, row.last_name == name.last, row.id.not_in(people))
    return await tx.scalar(same.limit(1)) is not None


def _address_or_link(text: str) -> str:
    """Neither one that only ends like it (`b.ana@…`) nor one that goes on (`…/ana-2`, `….co.uk`)."""
    begins = r"(?<![\w.+-])" if "@" in text else r"(?<!\w)"
    return rf"{begins}{re.escape(text)}(?!\w|[.-]\w)"


def _like(text: ColumnElement[str], word: str, dialect: str) -> ColumnElement[bool]:
    """Whether a text holds a word, in whatever case; SQLite's LIKE does so by itself, at half the cost."""
    return text.contains(word, autoescape=True) if dialect == "sqlite" else text.icontains(word, autoescape=True)
