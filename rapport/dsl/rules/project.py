"""project.yaml: zones exist, segments ask about candidates, caps make sense."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rapport.dsl.catalogue import fields_with
from rapport.dsl.problem import Problem
from rapport.dsl.rules.fields import type_problems
from rapport.dsl.subject import At, Subject, tests_in
from rapport.dsl.wording import did_you_mean, one_of, quoted

_SPECIAL_ZONES = ("candidate", "organization")


def is_zone(name: str) -> bool:
    """Whether the time zone database has this zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path out of the database, or a folder of it
        return False
    return True


def bad_zone(subject: Subject) -> Iterator[Problem]:
    """Zones are in the time zone database."""
    zone = subject.top("organization", "zone")
    if zone and not is_zone(zone.value):
        yield _no_zone(subject, zone)
    windows = subject.top("windows")
    for key, window in windows.value.items() if windows else ():
        at = At(window.get("zone"), ("windows", key, "zone"))
        if at.value and at.value not in _SPECIAL_ZONES and not is_zone(at.value):
            yield _no_zone(subject, at)


def empty_window(subject: Subject) -> Iterator[Problem]:
    """A window that closes before it opens would hold mails for ever."""
    windows = subject.top("windows")
    for key, window in windows.value.items() if windows else ():
        opens, closes = window.get("between", ("00:00", "24:00"))
        if opens >= closes:
            at = At(closes, ("windows", key, "between"))
            message = f"this window closes at {closes}, before it opens at {opens}"
            yield subject.at_value(at, "bad-time", message, 'write the earlier time first, like ["09:00", "17:30"]')


def segment_conditions(subject: Subject) -> Iterator[Problem]:
    """A segment's condition asks about candidates, in the right way."""
    custom = subject.top("custom_fields")
    fields = {name: kind for name, kind in fields_with(custom.value if custom else {}).items() if "candidate." in name}
    pools = subject.top("pools")
    for key, pool in pools.value.items() if pools else ():
        if "members" not in pool:
            continue
        for at in tests_in(At(pool["members"], ("pools", key, "members"))):
            path = str(at.route[-1])
            if path in fields:
                yield from type_problems(subject, at, fields[path])
            else:
                message = f"no field of candidates is called {quoted(path)}{did_you_mean(path, fields)}"
                yield subject.at_key(at, "unknown-field", message, one_of(fields, empty=""))


def _no_zone(subject: Subject, at: At) -> Problem:
    message, step = f"there is no time zone {quoted(at.value)}", "write one like Europe/Berlin"
    return subject.at_value(at, "bad-zone", message, step)


RULES = (bad_zone, empty_window, segment_conditions)
