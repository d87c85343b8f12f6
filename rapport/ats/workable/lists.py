"""Lists of Workable: the next page is a whole address, and our token goes to Workable's own only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rapport.ats.answers import NO_SUCH, checked, json_of
from rapport.ats.line import Line
from rapport.ats.told import part, rows, text
from rapport.errors import ConfigurationError

_PER_PAGE = 100
_HOME = "workable.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `following` is the address of the next one, None on the last."""

    rows: Sequence[Mapping[str, Any]]
    following: str | None
    asked_at: str


async def page(line: Line, path: str, *, of: str, query: Mapping[str, Any], following: str | None = None) -> Page:
    """One page of a list that is below `of` in the answer; an empty one of a list that does not exist."""
    if following is None:
        answer = await line.ask("GET", path, params=query)
    else:
        answer = await line.ask("GET", ours(line, following))
    asked_at = answer.headers.get("date", "")
    if answer.status_code == NO_SUCH:
        return Page(rows=(), following=None, asked_at=asked_at)
    tree = json_of(checked(answer, who=line.who), who=line.who)
    listed = tree if isinstance(tree, list) else (tree.get(of) if isinstance(tree, dict) else None)
    return Page(rows=rows(listed), following=text(part(tree, "paging"), "next"), asked_at=asked_at)


async def every(line: Line, path: str, *, of: str, **query: Any) -> AsyncIterator[Mapping[str, Any]]:
    """Every row of a list, page by page."""
    following, seen = None, set[str]()
    while True:
        found = await page(line, path, of=of, query={"limit": _PER_PAGE, **query}, following=following)
        for row in found.rows:
            yield row
        following = found.following
        if following is None or following in seen:  # an address that comes again leads nowhere
            return
        seen.add(following)


def ours(line: Line, address: str) -> str:
    """An address that is where ours is, or Workable's own; ConfigurationError for any other, which gets no token."""
    here, there = urlsplit(line.site.url), urlsplit(address)
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return address
    host = there.hostname or ""
    if line.site.is_ours and there.scheme == "https" and (host == _HOME or host.endswith(f".{_HOME}")):
        return address
    raise ConfigurationError(f"{line.who} sends us to another address.", hint="Look at the address of the connection.")
