"""A poll of an ATS goes in rounds over its lists; where one stands is a line of text that the store keeps."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from rapport.errors import BadInput

# Clocks differ, and a change shows in a list moments after its date: what changed just before is read again.
_OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Where a round stands: at list number `step`, on the page of `at` (empty: its first).

    `since` is the beginning of the round before, `began` that of this one; empty before the first.
    """

    step: int = 0
    at: str = ""
    since: str = ""
    began: str = ""

    @classmethod
    def read(cls, cursor: str | None) -> "Round":
        """Read a place that `text` has written; BadInput for any other text."""
        if not cursor:
            return cls()
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError) as error:
            raise BadInput(
                place="cursor", message="it is no place in a poll", hint="Empty it to begin anew."
            ) from error

    def text(self) -> str:
        """The place as one line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def since_moment(self) -> datetime | None:
        """From when on changes count; None for everything."""
        return datetime.fromisoformat(self.since) if self.since else None

    def begun(self, their_date: str, otherwise: datetime) -> "Round":
        """The round with its beginning, by their clock; as it is when it has one."""
        if self.began:
            return self
        try:
            now = parsedate_to_datetime(their_date).astimezone(UTC)
        except (ValueError, TypeError):
            now = otherwise
        return replace(self, began=(now - _OVERLAP).isoformat())

    def after(self, cursor: str | None, *, steps: int) -> "tuple[Round, bool]":
        """The place after a page whose next one is at `cursor`, and whether the round goes on."""
        if cursor is not None:
            return replace(self, at=cursor), True
        if self.step + 1 < steps:
            return replace(self, step=self.step + 1, at=""), True
        return Round(since=self.began), False
