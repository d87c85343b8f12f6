"""What goes into a mailbox workflow: the name of a mailbox in our settings, and nothing that is in it."""

from dataclasses import dataclass

from workflows.messages import HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxInput:
    """One mailbox; `read` is how many mails all runs before have read. Optional fields only may be added."""

    mailbox: str
    read: int = 0
    history_limit: int = HISTORY_LIMIT
