"""Lists of Greenhouse: bare arrays, whose next page is the cursor in the `Link` header and nothing else."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from rapport.ats.answers import checked, json_of
from rapport.ats.line import Line
from rapport.ats.told import rows

# Greenhouse takes so many ids in one filter.
_MOST_IDS = 50
_PER_PAGE = 100
_LONGEST_CURSOR = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; `cursor` is None on the last one. `asked_at` is their clock when they answered."""

    rows: Sequence[Mapping[str, Any]]
    cursor: str | None
    asked_at: str


async def page(line: Line, resource: str, query: Mapping[str, Any], cursor: str | None = None) -> Page:
    """One page; with a cursor nothing else may be asked for."""
    asked = {"cursor": cursor} if cursor is not None else {"per_page": _PER_PAGE, **query}
    answer = checked(await line.ask("GET", f"/{resource}", params=asked), who=line.who)
    return Page(rows=rows(json_of(answer, who=line.who)), cursor=_next(answer), asked_at=answer.headers.get("date", ""))


async def every(line: Line, resource: str, **query: Any) -> AsyncIterator[Mapping[str, Any]]:
    """Every row of a list, page by page."""
    cursor, seen = None, set[str]()
    while True:
        found = await page(line, resource, query, cursor)
        for row in found.rows:
            yield row
        cursor = found.cursor
        if cursor is None or cursor in seen:  # a cursor that comes again leads nowhere
            return
        seen.add(cursor)


async def by_ids(
    line: Line, resource: str, ids: Iterable[str | None], *, filtered: str = "ids"
) -> list[Mapping[str, Any]]:
    """The rows of these ids (or of these candidates, applications), fifty at a time."""
    wanted = sorted({name for name in ids if name is not None and name.isascii() and name.isdigit()})
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(wanted), _MOST_IDS):
        some = ",".join(wanted[start : start + _MOST_IDS])
        found += [row async for row in every(line, resource, **{filtered: some})]
    return found


def since(field: str, moment: datetime | None) -> dict[str, str]:
    """The filter of what has changed since; nothing for everything."""
    return {} if moment is None else {field: f"gte|{moment:%Y-%m-%dT%H:%M:%SZ}"}


def _next(answer: httpx.Response) -> str | None:
    """The cursor of the next page. Only it is taken: an address in an answer could lead our login anywhere."""
    link = answer.links.get("next", {}).get("url", "")
    try:
        found = parse_qs(urlsplit(link).query).get("cursor", [""])[0]
    except ValueError:
        return None
    return found if 0 < len(found) <= _LONGEST_CURSOR else None
