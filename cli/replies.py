"""`rapport replies`: what people answered, and mails that nobody could read."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.store import mailboxes
from rapport.store.tables.incoming import IncomingMailRow
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.mail_room import MailRoom
from rapport.usecases.replies import Reply
from rapport.usecases.replies import replies as list_replies
from rapport.wiring.house import signer_of


@click.group(invoke_without_command=True, short_help="Show what people answered.")
@click.option("--of", "person", default="", help="Only of this candidate: an id or an address.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many at most.")
@click.option("--quarantine", is_flag=True, help="List mails that nobody could read instead.")
@click.pass_context
def replies(context: click.Context, *, person: str, limit: int, quarantine: bool) -> int:
    """Show what people answered, the newest first, and whether their recruiter has it."""
    if context.invoked_subcommand is None:
        lines = run(_quarantined) if quarantine else run(lambda here: _replies(here, person, limit))
        click.echo("\n".join(lines))
    return EXIT_OK


@replies.command("read-again")
@click.argument("key")
def read_again(key: str) -> int:
    """Read the mail KEY from quarantine again, after a release that can; it counts as if it came now."""

    async def work(here: Installation) -> str:
        door = MailDoor(clock=here.clock, pepper=here.settings.pepper)
        async with here.store.write() as tx:
            return (await MailRoom(door=door, signer=signer_of(here.settings)).read_again(tx, key)).outcome

    click.echo(f"{run(work)}.")
    return EXIT_OK


async def _replies(here: Installation, person: str, limit: int) -> list[str]:
    async with here.store.read() as tx:
        candidate = await candidate_of(tx, person, here.settings.pepper) if person else None
        found = await list_replies(tx, candidate=candidate, limit=limit)
    return [line for reply in found for line in _lines(reply)] or ["Nobody has answered yet."]


def _lines(reply: Reply) -> list[str]:
    doubt = "" if reply.sure else "  (perhaps: address and subject fit, nothing else does)"
    less = "  (asks for fewer mails or none)" if reply.asks_for_less else ""
    sent_on = f"  {reply.forwarded} to {reply.recruiter}" if reply.forwarded else ""
    head = f"{reply.at:%Y-%m-%d %H:%M} UTC  {reply.enrollment}  {reply.step}{sent_on}{doubt}{less}"
    return [head, f"    {reply.subject}", *(f"    {line}" for line in reply.text.split("\n")), ""]


async def _quarantined(here: Installation) -> list[str]:
    async with here.store.read() as tx:
        rows, there_are = await mailboxes.quarantined(tx), await mailboxes.count_quarantined(tx)
    more = [f"{there_are - len(rows)} younger ones are not shown."] if there_are > len(rows) else []
    listed = [
        f"{row.key}  {row.recorded_at:%Y-%m-%d %H:%M} UTC  {_place(row)}  {len(row.raw or b'')} bytes  {row.reason}"
        for row in rows
    ]
    return [*listed, *more] or ["Nothing is in quarantine."]


def _place(row: IncomingMailRow) -> str:
    return row.mailbox if row.uid is None else f"{row.mailbox} UID {row.uid}"
