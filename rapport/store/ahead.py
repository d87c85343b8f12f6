"""What the blocks of one transaction will ask for first, and what was found of it before the first of them began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow

_AHEAD: Final = "rapport_ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a block will ask for first: whether its call is new, whether its happening is, and one person.

    `key` is that of a call that has one; `happening` is an id; the person is named by `candidate` or by `address`, the
    key of an email address. What is not named is asked for when it is needed: leaving something out costs time and
    nothing else.
    """

    key: str | None = None
    operation: str = ""
    happening: str | None = None
    candidate: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What was found. Who uses an entry takes it out: it was true before anybody acted on it.

    So every block that changes a person, or the walks of one, has to ask for them before it does, as intake does.
    `live` stays: nobody publishes in a transaction that looks ahead.
    """

    unanswered: set[tuple[str, str]] = field(default_factory=set)
    unheard: set[str] = field(default_factory=set)
    people: dict[str, CandidateRow] = field(default_factory=dict, repr=False)
    walks: dict[str, Sequence[EnrollmentRow]] = field(default_factory=dict, repr=False)
    live: Mapping[str, str] | None = None


_NOTHING: Final = Ahead()


def ahead_of(tx: Tx) -> Ahead:
    """What was looked up ahead in this transaction: nothing, as a rule."""
    found: Ahead = tx.info.get(_AHEAD, _NOTHING)
    return found


def set_ahead(tx: Tx, found: Ahead) -> None:
    """Let the blocks of this transaction find what was looked up for them."""
    tx.info[_AHEAD] = found
