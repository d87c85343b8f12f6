"""Long lists, page by page: one way for all of them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")
Row = TypeVar("Row")

After = Annotated[str, Query(max_length=700, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
# Of rows that are short and many.
LongLimit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]


class Page(BaseModel, Generic[Item]):
    """Some of many."""

    items: list[Item]
    next: str | None = Field(description="Hand this in as `after` for the next page; null on the last one.")


def cut(rows: Sequence[Row], limit: int, mark: Callable[[Row], str]) -> tuple[Sequence[Row], str | None]:
    """The rows of one page out of `limit + 1` that were asked for, and where the next page begins."""
    page = rows[:limit]
    return page, mark(page[-1]) if len(rows) > limit else None
