"""Who is in the demo, what begins their walk, and what they do on which day of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport.dsl.loader import load_file
from rapport.engine.script import Scripted, Start, read_script
from rapport.errors import BadInput

_HERE = Path(__file__).parent
PEOPLE = _HERE / "people.csv"
CAST = _HERE / "cast.yaml"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One person's part; `by` is the event that begins the walk, as a test file would write it."""

    email: str = field(repr=False)
    sequence: str
    start: Start
    by: str
    detail: Mapping[str, str]
    event: Mapping[str, Any]
    application: Mapping[str, Any]
    when: tuple[Mapping[str, Any], ...]

    def script(self) -> list[Scripted]:
        """What the person does, in order."""
        return read_script(self.when, self.start, self.event)

    @property
    def reopens(self) -> bool:
        """Whether the recruiter takes the rejection back before the walk asks the ATS."""
        return bool(self.application.get("reopens"))


def read_cast(file: Path = CAST) -> list[Part]:
    """Read the cast; BadInput when the file has problems."""
    loaded = load_file(file)
    if loaded.problems:
        raise BadInput(place=str(file), message=loaded.problems[0].message, hint="Mend the cast of the demo.")
    events = loaded.tree.get("events", {})
    return [_part(tree, events) for tree in loaded.tree["cast"]]


def _part(tree: Mapping[str, Any], events: Mapping[str, Any]) -> Part:
    by, argument = (tree["by"], "") if isinstance(tree["by"], str) else next(iter(tree["by"].items()))
    words = {"submitted": "form", "added_to_pool": "pool"}
    return Part(
        email=tree["candidate"],
        sequence=tree["sequence"],
        start=Start.parse(tree["starts"]),
        by=by,
        detail={words[by]: argument} if by in words else {},
        event=events.get(tree.get("event", ""), {}),
        application=tree.get("application", {}),
        when=tuple(tree.get("when", ())),
    )
