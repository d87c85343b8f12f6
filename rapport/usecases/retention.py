"""How long is kept what came in about mails and from an ATS, and dropping what has had its time, every hour."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final, get_args

from rapport.clock import Clock
from rapport.store import retention
from rapport.store.database import Store, Tx
from rapport.store.mailboxes import QUARANTINED
from rapport.usecases import incoming_mail, provider_events
from rapport.usecases.visits import forget_visitors

_LOG = logging.getLogger(__name__)
# A whole mail of somebody we may not know: as long as doctor asks for a look, and no longer than an address range.
QUARANTINED_FOR: Final = timedelta(days=30)
# The hash by which a second copy is known; longer than a mailbox that we see for the first time is read back.
MAILS_KNOWN_FOR: Final = timedelta(days=90)
# Longer than any provider repeats an event, and long enough to find out why one belonged to nobody.
EVENTS_KEPT_FOR: Final = timedelta(days=90)
# Far longer than an ATS repeats a webhook; one that comes even later is read again, and changes nothing.
ERRANDS_KEPT_FOR: Final = timedelta(days=30)


async def forget_old(store: Store, clock: Clock) -> int:
    """Drop everything that has had its time, in short transactions; how many rows. What was heard of people stays."""
    now = clock.now()
    unread = await _all(store, partial(retention.drop_mails, outcomes=[QUARANTINED], before=now - QUARANTINED_FOR))
    if unread:
        _LOG.warning("Quarantined mails dropped", extra={"action": "quarantine_dropped", "mails": unread})
    read = [outcome for outcome in get_args(incoming_mail.Outcome) if outcome != QUARANTINED]
    told = get_args(provider_events.Outcome)
    return (
        unread
        + await _all(store, partial(retention.drop_mails, outcomes=read, before=now - MAILS_KNOWN_FOR))
        + await _all(store, partial(retention.drop_provider_events, outcomes=told, before=now - EVENTS_KEPT_FOR))
        + await _all(store, partial(retention.drop_errands, before=now - ERRANDS_KEPT_FOR))
        + await forget_visitors(store, clock)
    )


async def _all(store: Store, drop: Callable[[Tx], Awaitable[int]]) -> int:
    """Some hundred at a time, so that nobody waits long for their turn."""
    dropped = 0
    while True:
        async with store.write() as tx:
            count = await drop(tx)
        if not count:
            return dropped
        dropped += count
