"""How long a walk keeps trying when the other side is unavailable; the waits are walk timers, so exits still hold."""

from datetime import datetime, timedelta

from rapport.dsl.duration import Duration, Unit

# A restart is over in a minute, greylisting in a quarter of an hour (RFC 6647 section 4.5), an outage in hours.
_BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
# RFC 5321 section 4.5.4.1 lets a sender give up after 4-5 days; a nurture mail is stale after two.
SEND_PATIENCE = Duration(2, Unit.DAY)


def next_try(
    patience: Duration | None,
    *,
    attempts: int,
    since: datetime,
    now: datetime,
    not_before: datetime | None = None,
) -> datetime | None:
    """When to try again after `attempts` failures since `since`; None when patience has run out.

    `not_before` is what the other side asked for: a try that would come sooner only annoys it, and when it asks for
    more than our patience there is no next try at all.
    """
    if patience is None:
        return None
    limit = since + patience.roughly()
    if now >= limit or (not_before is not None and not_before > limit):
        return None
    again = now + _BACKOFF[min(attempts, len(_BACKOFF)) - 1]
    return min(limit, again if not_before is None else max(again, not_before))
