"""Changing a person's profile: the only door to its fields, so that every change is checked and explained."""

from collections.abc import Mapping
from typing import Any

from rapport.clock import Clock
from rapport.dsl.stages import HIRED
from rapport.errors import BadInput
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow, ProfileChangeRow
from rapport.usecases.cause import Cause
from rapport.usecases.hired import end_walks
from rapport.usecases.profile_fields import CUSTOM, FieldProblem, read_profile
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh

_HINT = "Correct the field and send it again; nothing was changed."


async def change_profile(tx: Tx, clock: Clock, candidate: str, fields: Mapping[str, Any], *, cause: Cause) -> bool:
    """Set fields of a profile and keep segments current; whether anything changed, which it never does once erased.

    Whoever is put among the hired by it is in no walk any more. None empties a field; `custom` changes the project's
    own fields that it names and no others. BadInput for the first field that does not fit, and then nothing has
    changed. NotFound for a candidate that we do not know.
    """
    values = await checked(tx, fields)
    person = await candidates.get_alone(tx, candidate)
    changed = () if person.erased_at is not None else fill_in(person, values)
    if not changed:
        return False
    await note_change(tx, clock, person.id, changed, cause=cause)
    if "stage" in changed and person.stage == HIRED:
        await end_walks(tx, clock, person.id, at=cause.at)
    await refresh(tx, clock, [person.id], cause=cause, changed={name.partition(".")[0] for name in changed})
    return True


async def checked(tx: Tx, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are stored; BadInput for the first that does not fit."""
    read = read_profile(fields, (await watch_of(tx)).project)
    if isinstance(read, tuple):
        raise refused(read[0])
    return read


def refused(problem: FieldProblem) -> BadInput:
    """The error of a field that does not fit."""
    return BadInput(place=problem.field, message=f"{problem.reason}.", hint=_HINT)


def fill_in(person: CandidateRow, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Put read values into a row; the names of the fields that changed, `custom.<name>` for the project's own."""
    new, names = differing({name: getattr(person, name) for name in values}, values)
    for name, value in new.items():
        setattr(person, name, value)
    return names


def differing(known: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What becomes of the known columns by these values; and the names of the fields that changed, as `fill_in` has."""
    plain = {name: value for name, value in values.items() if name != CUSTOM}
    if "skills" in plain:
        plain["skills"] = plain["skills"] or []
    new = {name: value for name, value in plain.items() if known[name] != value}
    own = values.get(CUSTOM) or {}
    other = [name for name, value in own.items() if known[CUSTOM].get(name) != value]
    names = (*new, *(f"{CUSTOM}.{name}" for name in other))
    if other:
        kept = {**known[CUSTOM], **{name: own[name] for name in other}}
        # A new mapping: SQLAlchemy does not see a change inside of one.
        new[CUSTOM] = {name: value for name, value in kept.items() if value is not None}
    return new, names


async def note_change(tx: Tx, clock: Clock, candidate: str, fields: tuple[str, ...], *, cause: Cause) -> None:
    """Write down that these fields changed, without what they hold."""
    row = ProfileChangeRow(
        candidate=candidate, fields=list(fields), cause=cause.text, at=cause.at, recorded_at=clock.now()
    )
    await insert(tx, row)
