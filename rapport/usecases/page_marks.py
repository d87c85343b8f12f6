"""The mark of a row in a list in the order of time: callers hand it back for what comes behind that row."""

from datetime import datetime

from rapport.errors import BadInput


def mark_of(at: datetime, name: str) -> str:
    """The mark of a row: its instant, and what tells it apart from others of that instant."""
    return f"{at.isoformat()}~{name}"


def read_mark(mark: str, *, place: str = "after") -> tuple[datetime, str]:
    """What a mark was made of; BadInput, said of `place`, for one that we never gave."""
    at, _, name = mark.partition("~")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise unknown_mark(place) from None
    if instant.tzinfo is None:
        raise unknown_mark(place)
    return instant, name


def unknown_mark(place: str) -> BadInput:
    """What is wrong with a mark that we never gave."""
    return BadInput(place=place, message="it is no mark of ours.", hint="Hand in the `next` of a page.")
