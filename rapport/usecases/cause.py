"""Why something about a person changes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something about a person changes: a text that is the same when the change is tried again.

    A walk's effect gives `<enrollment>/<step>` with its own walk time and `shift`.
    """

    text: str
    at: datetime
    shift: float = 0.0
