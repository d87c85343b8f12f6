"""The workflow `Mailbox`: looks into one mailbox again and again, for as long as it is not terminated."""

from temporalio import workflow

# Passed through for the reason given in workflows/sequence.py.
with workflow.unsafe.imports_passed_through():
    from dataclasses import replace

    from activities.mailbox import Look, MailboxActivities
    from rapport.ports import MailboxStanding
    from workflows import policies
    from workflows.mailbox_messages import MailboxInput


@workflow.defn(name="Mailbox")
class Mailbox:
    """Keeps one reader at work; how far the mailbox is read is the store's to know."""

    @workflow.run
    async def run(self, box: MailboxInput) -> None:
        """Read until the history is long enough, then go on in a new one."""
        read, looks = box.read, 0
        while workflow.info().get_current_history_length() <= box.history_limit:
            looks += 1
            standing = await self._look(box.mailbox, looks)
            read += standing.taken
            workflow.set_current_details(f"- **Mails read:** {read}\n- **More are waiting:** {standing.more}")
        workflow.continue_as_new(replace(box, read=read))

    async def _look(self, mailbox: str, number: int) -> MailboxStanding:
        return await workflow.execute_activity_method(
            MailboxActivities.read_mailbox,
            Look(mailbox=mailbox, wait_seconds=policies.MAILBOX_PATIENCE.total_seconds()),
            **policies.called(policies.MAILBOX, activity_id=f"look:{number}", summary=f"Read the mailbox {mailbox}"),
        )
