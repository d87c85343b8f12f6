"""Which values the profile has of a person who was several records: the same whatever the order of the merges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

CUSTOM: Final = "custom"
SKILLS: Final = "skills"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one record itself said, before it became part of another one; missing fields are left out.

    Each custom field and each skill is a field of its own: `custom.notice`, `skills.python`.
    """

    id: str
    since: datetime
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


def flat(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a profile, one by one, without those that are empty."""
    plain = {name: value for name, value in profile.items() if name not in (CUSTOM, SKILLS)}
    own = {f"{CUSTOM}.{name}": value for name, value in (profile.get(CUSTOM) or {}).items()}
    skills = {f"{SKILLS}.{skill}": skill for skill in profile.get(SKILLS) or ()}
    return {name: value for name, value in {**plain, **own, **skills}.items() if value is not None}


def deep(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The profile that has these fields."""
    found: dict[str, Any] = {CUSTOM: {}, SKILLS: []}
    for name, value in fields.items():
        head, dot, tail = name.partition(".")
        if dot and head == CUSTOM:
            found[CUSTOM][tail] = value
        elif dot and head == SKILLS:
            found[SKILLS].append(value)
        else:
            found[name] = value
    return found


def joined(kept: Record, gone: Sequence[Record]) -> Mapping[str, str]:
    """Whose value each field has: what the kept record says stands, what it lacks comes from the oldest that knows."""
    whose: dict[str, str] = {}
    for record in (kept, *sorted(gone, key=_age)):
        for name in record.fields:
            whose.setdefault(name, record.id)
    return whose


def _age(record: Record) -> tuple[datetime, str]:
    return record.since, record.id
