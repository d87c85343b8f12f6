"""What goes into the workflows around people's rights: ids and numbers."""

from dataclasses import dataclass

from workflows.messages import HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureInput:
    """One erasure, by the id of its record, after `looks` looks at it. Optional fields only may be added."""

    request: str
    looks: int = 0
    history_limit: int = HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepInput:
    """One sweep; it goes on behind this candidate's id. Optional fields only may be added."""

    behind: str = ""
    looked: int = 0
    erased: int = 0
    announced: int = 0
    asked: int = 0
    history_limit: int = HISTORY_LIMIT
