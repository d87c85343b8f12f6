"""The decision at the entrance of a sequence, and the rows of a walk that begins: for one person and for thousands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapport.dsl.build import read_start
from rapport.dsl.model import Start
from rapport.dsl.project import Project
from rapport.engine import admission
from rapport.engine.admission import Before
from rapport.engine.situation import Situation
from rapport.store import enrollments
from rapport.store.tables.published import VersionRow
from rapport.store.tables.walks import EnrollmentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Whether a person may enter: with `once_key`, or not, for a `reason`."""

    once_key: str = ""
    reason: str | None = None


def entry_of(
    version: VersionRow,
    known: Situation,
    project: Project,
    *,
    suppressed: bool,
    walks: Sequence[EnrollmentRow],
    again: bool,
) -> Entry:
    """Ask every rule; `walks` are all of the person's walks through this sequence."""
    if suppressed:
        return Entry(reason="suppressed")
    start = read_start(version.start)
    key = _once_key(start, known)
    if key is None:
        return Entry(reason="no_once_key")
    before = [
        Before(began=row.enrolled_at, running=row.state != enrollments.ENDED) for row in walks if row.once_key == key
    ]
    return Entry(once_key=key, reason=admission.refusal(start, known, project, before, again=again))


def start_of(row: EnrollmentRow, version: VersionRow) -> dict[str, Any]:
    """What the walk's workflow is started with: ids and the plan, nothing about the person."""
    return {
        "enrollment": row.id,
        "plan": version.plan,
        "enrolled_at": row.enrolled_at.isoformat(),
        "shift": row.shift_seconds,
        "owner": version.owner,
        "title": version.title,
        "sequence": row.sequence,
        "version": row.version,
        "event": row.event,
    }


def _once_key(start: Start, known: Situation) -> str | None:
    """What `once_per` names for this person, '' where it is not written, None where it is not known."""
    if start.once_per is None:
        return ""
    head, _, field = start.once_per.partition(".")
    trees = {"event": known.event, "application": known.application, "candidate": known.candidate}
    found = trees.get(head, {}).get(field)
    return None if found in (None, "") else str(found)
