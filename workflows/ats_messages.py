"""What goes into a poll of an ATS: the name of a connection in project.yaml, and nothing that is read there."""

from dataclasses import dataclass

from workflows.messages import HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class PollInput:
    """One poll; the numbers count what all runs before have read. Optional fields only may be added."""

    connection: str
    people: int = 0
    jobs: int = 0
    turns: int = 0
    history_limit: int = HISTORY_LIMIT
