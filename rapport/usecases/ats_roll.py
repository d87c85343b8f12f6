"""A slow round over everybody an ATS has told of: who is not there any more, though no webhook has said so."""

import hashlib
import logging

from rapport.ports import AtsVendor
from rapport.store import ats, ats_errands
from rapport.store.tables.ats import AtsErrandRow
from rapport.usecases.ats_sync import AtsSync

log = logging.getLogger(__name__)

# Nobody deletes one in ten at once, but rights that were taken from our login hide as many: that is no deletion.
_ONE_IN = 10
# One in ten of a few people is nobody at all.
_ALWAYS_BELIEVED = 2


async def call_roll(sync: AtsSync, vendor: AtsVendor, connection: str) -> None:
    """Ask for the next few people by their ids, and have those who are missing looked at on their own.

    Suspiciously many are believed of nobody: it is remembered until the round has met these people again.
    """
    async with sync.store.read() as tx:
        row = await ats.known_connection(tx, connection)
        place = row.roll if row else ""
        people = await ats.told_after(tx, connection, place, limit=vendor.roll_size)
    missing = await vendor.missing(people) if people else ()
    are_hidden = len(missing) > max(_ALWAYS_BELIEVED, len(people) // _ONE_IN)
    if are_hidden:
        extra = {"action": "ats_many_missing", "connection": connection, "missing": len(missing), "of": len(people)}
        log.error("Many people are missing at once: look at the rights of our login", extra=extra)
    now = sync.clock.now()
    async with sync.store.write() as tx:
        row = await ats.connection(tx, connection, now=now)
        if row.roll != place:
            return  # somebody else has called these
        row.roll = people[-1] if len(people) == vendor.roll_size else ""
        if are_hidden:
            row.hidden_after = place
            return
        if row.hidden_after is not None and _was_called(row.hidden_after, place, row.roll):
            row.hidden_after = None
        for person in missing:
            key = hashlib.sha256(f"roll\n{person}\n{now.isoformat()}".encode()).hexdigest()
            errand = AtsErrandRow(connection=connection, key=key, kind="missing", subject=person, created_at=now)
            await ats_errands.put(tx, errand)


def _was_called(after: str, since: str, until: str) -> bool:
    """Whether the people behind a place were among those between two; the last ones are followed by nobody."""
    return since <= after and (not until or after < until)
