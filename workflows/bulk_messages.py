"""What goes into a bulk enrollment: the id of a list in our store, and nothing about anybody on it."""

from dataclasses import dataclass

from workflows.messages import HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkInput:
    """One bulk enrollment; `cursor` is how many had their turn, `history_limit` as in a walk. Optional fields only."""

    bulk: str
    sequence: str
    per_minute: int
    cursor: int = 0
    history_limit: int = HISTORY_LIMIT
