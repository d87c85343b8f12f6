"""What a mailbox workflow does: one look into the mailbox, which waits for mail when there is none."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from activities.errors import failures_as_codes
from activities.heartbeat import alive
from rapport.ports import MailboxDesk, MailboxStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look into a mailbox; `wait_seconds` is how long to stay while nothing comes."""

    mailbox: str
    wait_seconds: float


class MailboxActivities:
    """The activities of mailboxes, around one desk."""

    def __init__(self, desk: MailboxDesk) -> None:
        """Take the desk that wiring built."""
        self._desk = desk

    @activity.defn(name="read_mailbox")
    async def read_mailbox(self, look: Look) -> MailboxStanding:
        """Take in what is new; a worker that shuts down stops between two mails, and nothing is lost."""
        async with alive():
            with failures_as_codes():
                return await self._desk.read_batch(
                    look.mailbox,
                    patience=timedelta(seconds=look.wait_seconds),
                    go_on=lambda: not activity.is_worker_shutdown(),
                )
