"""`rapport senders`: senders that were stopped to protect their name, and letting them go on."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from rapport.store.tables.mails import SenderStopRow
from rapport.usecases import sender_guard

_BY = "command line"


@click.group(invoke_without_command=True, short_help="List senders that are stopped, and let them go on.")
@click.pass_context
def senders(context: click.Context) -> int:
    """List the senders whose mails wait, because too many people complained or too many addresses were wrong.

    Those of whom 0.1 % of a day's readers complained are listed, too: they go on, and somebody should look.
    """
    if context.invoked_subcommand is None:
        click.echo("\n".join(run(_stopped)))
    return EXIT_OK


@senders.command()
@click.argument("address")
def resume(address: str) -> int:
    """Let the sender ADDRESS go on; what has happened so far counts no more. Mails that wait leave within an hour.

    Exit code: 0 it goes on, 1 refused, with the reason.
    """

    async def work(here: Installation) -> SenderStopRow:
        async with here.store.write() as tx:
            return await sender_guard.resume(tx, here.clock, address, by=_BY)

    click.echo(f"{run(work).sender} goes on.")
    return EXIT_OK


async def _stopped(here: Installation) -> list[str]:
    async with here.store.read() as tx:
        stopped = [_line(row) for row in await sender_guard.stopped(tx)] or ["No sender is stopped."]
        return stopped + [f"Look into this one: {one}" for one in await sender_guard.at_risk(tx, here.clock)]


def _line(row: SenderStopRow) -> str:
    return f"{row.stopped_at:%Y-%m-%d %H:%M} UTC  {row.sender}  {row.reason}"
