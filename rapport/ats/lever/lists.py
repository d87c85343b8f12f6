"""Lists of Lever: `data`, `hasNext`, and a `next` that is handed back as `offset` the way it came."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.ats.answers import NO_SUCH, checked, json_of
from rapport.ats.line import Line
from rapport.ats.told import rows, text

_PER_PAGE = 100
# Lever hands out a small JSON array, encoded.
_LONGEST_OFFSET = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `offset` is None on the last one, which has no `next` at all."""

    rows: Sequence[Mapping[str, Any]]
    offset: str | None
    asked_at: str


async def page(line: Line, path: str, query: Mapping[str, Any], *, offset: str | None, limit: int) -> Page:
    """One page; an empty one of a list that does not exist."""
    asked = {**query, "limit": limit} | ({} if offset is None else {"offset": offset})
    answer = await line.ask("GET", path, params=asked)
    if answer.status_code == NO_SUCH:
        return Page(rows=(), offset=None, asked_at=answer.headers.get("date", ""))
    tree = json_of(checked(answer, who=line.who), who=line.who)
    envelope = tree if isinstance(tree, dict) else {}
    following = text(envelope, "next") if envelope.get("hasNext") is True else None
    return Page(
        rows=rows(envelope.get("data")),
        offset=following if following and len(following) <= _LONGEST_OFFSET else None,
        asked_at=answer.headers.get("date", ""),
    )


async def every(line: Line, path: str, **query: Any) -> AsyncIterator[Mapping[str, Any]]:
    """Every row of a list, page by page."""
    offset, seen = None, set[str]()
    while True:
        found = await page(line, path, query, offset=offset, limit=_PER_PAGE)
        for row in found.rows:
            yield row
        offset = found.offset
        if offset is None or offset in seen:  # an offset that comes again leads nowhere
            return
        seen.add(offset)


async def one(line: Line, path: str, **query: Any) -> Mapping[str, Any] | None:
    """The record at an address; None when there is none."""
    found = await line.get(path, **query)
    data = found.get("data") if isinstance(found, dict) else None
    return data if isinstance(data, dict) else None
