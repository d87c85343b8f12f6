"""project.yaml: zones exist, segments ask about candidates, caps make sense."""

from collections.abc import Iterator, Mapping, Sequence

from rapport.dsl.catalogue import fields_with
from rapport.dsl.moments import is_zone
from rapport.dsl.problem import Problem
from rapport.dsl.rules.fields import type_problems
from rapport.dsl.segments import POOLS, circle, names_in
from rapport.dsl.subject import At, Subject, tests_in
from rapport.dsl.wording import did_you_mean, one_of, quoted

_NEVER = ("21:00", "07:00")  # what holds where project.yaml says nothing
_DAY = 24 * 60
_SPECIAL_ZONES = ("candidate", "organization")


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
    """A window is open for a while; one that closes before it opens runs over midnight."""
    for key, opens, closes in _windows(subject):
        if opens == closes:
            at = At(closes, ("windows", key, "between"))
            message = f"this window closes at {closes}, when it opens"
            yield subject.at_value(at, "bad-time", message, 'write two times, like ["09:00", "17:30"]')


def window_never_opens(subject: Subject) -> Iterator[Problem]:
    """A window leaves some time outside the hours in which no mail goes; both are the candidate's hours."""
    policy, windows = subject.top("contact_policy"), subject.top("windows")
    never = policy.value.get("never_between", _NEVER) if policy else _NEVER
    allowed = _minutes(never[1], never[0])
    for key, opens, closes in _windows(subject):
        zone = windows.value[key].get("zone", "candidate") if windows else None
        if opens != closes and zone == "candidate" and allowed.isdisjoint(_minutes(opens, closes)):
            at = At(closes, ("windows", key, "between"))
            message = f"no mail goes between {never[0]} and {never[1]}, so that this window holds mails for ever"
            yield subject.at_value(
                at, "window-never-opens", message, "choose hours of the day, or another `never_between`"
            )


def _windows(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Each window with when it opens and closes."""
    windows = subject.top("windows")
    for key, window in windows.value.items() if windows else ():
        opens, closes = window.get("between", ("00:00", "24:00"))
        yield key, opens, closes


def _minutes(begins: str, ends: str) -> frozenset[int]:
    """The minutes of a day from one time to another, over midnight where the second is the earlier one."""
    first, last = (int(time[:2]) * 60 + int(time[3:]) for time in (begins, ends))
    return frozenset(range(first, last)) if first < last else frozenset((*range(first, _DAY), *range(last)))


def no_postal_address(subject: Subject) -> Iterator[Problem]:
    """Whoever has senders means to send, and a mail to many must say where its sender can be found."""
    organization, senders = subject.top("organization"), subject.top("senders")
    if organization and senders and not organization.value.get("postal_address"):
        message, step = "no mail will leave: the organization has no `postal_address`", "write the one that mails show"
        yield subject.at_key(organization, "no-postal-address", message, step)


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


def segment_cycle(subject: Subject) -> Iterator[Problem]:
    """No segment asks about itself, not even by way of others: nobody could say who belongs to it."""
    asks = _asks(subject)
    targets = {key: [name for name, _ in found] for key, found in asks.items()}
    for key, found in asks.items():
        for name, at in found:
            if way := _round(targets, key, name):
                message = f"this segment asks about itself: {' → '.join(way)}"
                yield subject.at_key(at, "segment-cycle", message, "take one of these `candidate.pools` out")
                break


def _round(targets: Mapping[str, Sequence[str]], key: str, name: str) -> list[str]:
    """The way from a segment by one that it names back to itself; empty when there is none."""
    return circle({**targets, key: [name]}, key)


def _asks(subject: Subject) -> dict[str, list[tuple[str, At]]]:
    """For each segment the segments that its condition names, with the test that does."""
    pools = subject.top("pools")
    members = {key: pool["members"] for key, pool in (pools.value if pools else {}).items() if "members" in pool}
    return {
        key: [
            (name, at)
            for at in tests_in(At(tree, ("pools", key, "members")))
            if at.route[-1] == POOLS
            for name in names_in(at.value)
            if name in members
        ]
        for key, tree in members.items()
    }


def _no_zone(subject: Subject, at: At) -> Problem:
    message, step = f"there is no time zone {quoted(at.value)}", "write one like Europe/Berlin"
    return subject.at_value(at, "bad-zone", message, step)


RULES = (bad_zone, empty_window, window_never_opens, no_postal_address, segment_conditions, segment_cycle)
