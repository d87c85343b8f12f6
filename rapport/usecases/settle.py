"""Settling a parked mail: what its candidate does tells what became of it."""

from rapport.ids import send_id
from rapport.store import sends
from rapport.store.database import Tx
from rapport.usecases.incoming import Incoming
from rapport.usecases.ledger import move

# Nobody can do any of these with a mail that has not arrived, at least at the provider that tells of it; a scanner's
# click proves it as well as a person's.
_SHOWS_ARRIVAL = frozenset(
    {"delivered", "deferred", "clicked", "opened", "replied", "out_of_office", "complained", "unsubscribed"}
)


async def settle(tx: Tx, incoming: Incoming) -> None:
    """Move the mail that this is about out of doubt, if it is in doubt; the walk has gone on and hears nothing."""
    number = _send_of(incoming)
    row = await sends.find(tx, number) if number is not None else None
    if row is None or row.state not in ("unknown", "dropped"):
        return
    if incoming.kind == "bounced":
        move(row, "refused", "it came back")
    elif incoming.kind in _SHOWS_ARRIVAL:
        move(row, "accepted", None)
        row.accepted_at = row.at
    await tx.flush()


def _send_of(incoming: Incoming) -> int | None:
    if incoming.send is not None:
        return incoming.send
    if incoming.enrollment is None or incoming.step is None:
        return None
    return send_id(incoming.enrollment, incoming.step)
