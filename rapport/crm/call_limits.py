"""How often an API may be called, reckoned from its documentation and from what its answers say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_NOTHING = timedelta(0)
# What was let go before a window ends must arrive before the next one begins, and headers count in whole seconds.
_BEFORE_THE_END, _AFTER_THE_END = timedelta(milliseconds=500), timedelta(seconds=1)
# A call on its way is counted by us and not yet by them.
_ON_ITS_WAY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What a vendor documents: `calls` in each window of `per`, or a bucket of `calls` that refills within `per`.

    A window's figures hold until an answer names others. `pause` is what a refusal without a length means.
    """

    calls: int
    per: timedelta
    is_bucket: bool = False
    pause: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSaid:
    """What one answer says: the window's size, what is left of it, how long it lasts, and a pause asked for."""

    size: int | None = None
    left: int | None = None
    ends_in: timedelta | None = None
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStanding:
    """How many calls may still go, until when; all processes share one for each connection.

    A bucket has `left` as it was at `since`; a window ends at `until`. Nothing goes before `opens_at`.
    """

    left: float
    since: datetime
    until: datetime
    size: int | None = None
    opens_at: datetime | None = None


def fresh(limits: CallLimits, now: datetime) -> CallStanding:
    """The standing before the first call: the rest of a window that somebody else may have used is not known."""
    left = limits.calls if limits.is_bucket else max(1, limits.calls - _ON_ITS_WAY)
    return CallStanding(left=float(left), since=now, until=now + limits.per)


def take(known: CallStanding, limits: CallLimits, now: datetime) -> tuple[CallStanding, timedelta]:
    """Let one call go, or say how long it has to wait; the standing afterwards."""
    if known.opens_at is not None and now < known.opens_at:
        return known, known.opens_at - now
    return _from_bucket(known, limits, now) if limits.is_bucket else _from_window(known, limits, now)


def learn(known: CallStanding, limits: CallLimits, said: LimitsSaid, now: datetime) -> CallStanding:
    """What an answer changes; one that is older than what we know lengthens nothing."""
    if said.pause is not None:
        opens = max(known.opens_at or now, now + said.pause)
        known = replace(known, opens_at=opens)
    if limits.is_bucket:
        return replace(known, left=0.0, since=now) if said.pause is not None else known
    if said.size is not None and said.size > 0:
        # A window that was begun with the documented size has as many more, or fewer, as it is larger or smaller.
        more = said.size - limits.calls if known.size is None else 0
        known = replace(known, size=said.size, left=max(0.0, known.left + more))
    ends = now + said.ends_in if said.ends_in is not None else None
    # An answer about the window before says an end that lies before this one's beginning.
    if ends is not None and ends > known.since:
        is_guess = known.until == known.since + limits.per
        known = replace(known, until=ends if is_guess else max(known.until, ends))
    if said.left is not None and (ends is None or ends >= known.until - 2 * _AFTER_THE_END):
        known = replace(known, left=min(known.left, float(said.left)))
    return known


def _from_window(known: CallStanding, limits: CallLimits, now: datetime) -> tuple[CallStanding, timedelta]:
    size = known.size or limits.calls
    # A window that "begins" in the future is a clock that was set back.
    if now >= known.until + _AFTER_THE_END or known.since > now:
        known = replace(known, left=float(max(1, size - _ON_ITS_WAY)), since=now, until=now + limits.per)
    if known.left >= 1 and now < known.until - _BEFORE_THE_END:
        return replace(known, left=known.left - 1), _NOTHING
    return known, known.until + _AFTER_THE_END - now


def _from_bucket(known: CallStanding, limits: CallLimits, now: datetime) -> tuple[CallStanding, timedelta]:
    each = limits.per / limits.calls
    passed = max(now - known.since, _NOTHING)
    left = min(float(limits.calls), known.left + passed / each)
    if left >= 1:
        return replace(known, left=left - 1, since=now), _NOTHING
    return replace(known, left=left, since=now), each * (1 - left)
