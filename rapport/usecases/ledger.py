"""The send ledger: the states of a send, and the only ways from one state to another.

| from | to | when |
|---|---|---|
| (none) | claimed | the walk comes to the step |
| claimed, rendered, refused | sending | the bytes are stored, and are being handed over |
| claimed, rendered, refused | skipped | the gate or a person leaves the mail out |
| claimed, rendered, refused | refused | it cannot be written |
| sending | accepted | the server has taken it |
| sending | rendered | the server surely has not, and the same bytes go again later |
| sending | refused | the server never will; what a person repairs is written anew |
| sending | unknown | nobody can say: the line broke after the final dot, or we were killed there |
| unknown | sending | somebody decided to send it again: the same bytes, the same Message-ID, once |
| unknown | dropped | somebody decided to leave it at that |
| unknown, dropped | accepted | a click, a reply, … shows that it has arrived |
| unknown, dropped | refused | a bounce shows that it has not |

An `unknown` mail is parked. Its walk has gone on as if it had left, and everything in the store counts it as sent.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rapport.store.tables.mails import SendRow

State: TypeAlias = Literal["claimed", "rendered", "sending", "accepted", "refused", "unknown", "dropped", "skipped"]

_OPEN: tuple[State, ...] = ("sending", "skipped", "refused")
_WAYS: Mapping[str, tuple[State, ...]] = {
    "claimed": _OPEN,
    "rendered": _OPEN,
    "refused": _OPEN,
    "sending": ("accepted", "rendered", "refused", "unknown"),
    "unknown": ("sending", "dropped", "accepted", "refused"),
    "dropped": ("accepted", "refused"),
    "accepted": (),
    "skipped": (),
}
# A mail of which nobody knows whether it arrived may well have arrived: the contact policy counts it.
MAY_HAVE_LEFT: tuple[State, ...] = ("sending", "accepted", "unknown", "dropped")
_TAKEN_AS_SENT: tuple[State, ...] = ("accepted", "unknown", "dropped")


def move(row: SendRow, to: State, reason: str | None) -> None:
    """Bring a send into a state, and say why; ValueError for a way that there is not."""
    if to != row.state and to not in _WAYS[row.state]:
        message = f"a send cannot become {to} once it is {row.state}; look at the table of rapport.usecases.ledger"
        raise ValueError(message)
    row.state, row.reason = to, reason


def gone_on(row: SendRow) -> bool:
    """Whether the walk has gone on as if this mail had left; a mail that is being sent again is one of these."""
    return row.state in _TAKEN_AS_SENT or (row.state == "sending" and row.resent_at is not None)
