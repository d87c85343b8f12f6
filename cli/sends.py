"""`rapport sends`: mails by state, and what a person decides about those that are parked."""

from datetime import datetime

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from rapport.store import sends as ledger
from rapport.store.tables.mails import SendRow
from rapport.usecases import parked

_BY = "command line"
_PAGE = 1_000


@click.group(invoke_without_command=True, short_help="Count mails by state, and decide about parked ones.")
@click.option("--parked", "only_parked", is_flag=True, help="List the mails of which nobody can say whether they left.")
@click.pass_context
def sends(context: click.Context, *, only_parked: bool) -> int:
    """Count mails by state; with --parked, list those of which nobody can say whether they left."""
    if context.invoked_subcommand is None:
        click.echo("\n".join(run(_parked if only_parked else _count)))
    return EXIT_OK


@sends.command()
@click.argument("send", type=int)
def resend(send: int) -> int:
    """Have the parked mail SEND sent again by the worker: the same bytes, the same Message-ID, once.

    Exit code: 0 it is on its way, 1 refused, with the reason.
    """

    async def work(here: Installation) -> SendRow:
        async with here.store.write() as tx:
            return await parked.resend(tx, here.clock, send, by=_BY)

    row = run(work)
    click.echo(f"{row.step} of {row.enrollment} is sent again as soon as a worker runs and nothing is in the way.")
    return EXIT_OK


@sends.command()
@click.argument("send", type=int)
def drop(send: int) -> int:
    """Leave the parked mail SEND at that: it never goes again, and its walk has gone on anyway.

    Exit code: 0 dropped, 1 refused, with the reason.
    """

    async def work(here: Installation) -> SendRow:
        async with here.store.write() as tx:
            return await parked.drop(tx, send, by=_BY)

    row = run(work)
    click.echo(f"{row.step} of {row.enrollment} is dropped.")
    return EXIT_OK


async def _count(here: Installation) -> list[str]:
    async with here.store.read() as tx:
        return [f"{number:8}  {state}" for state, number in sorted((await ledger.count(tx)).items())] or ["No mails."]


async def _parked(here: Installation) -> list[str]:
    """All of them, the oldest first: after an outage there may be thousands, and each waits for a decision."""
    found: list[tuple[datetime, str]] = []
    async with here.store.read() as tx:
        after = 0
        while page := await ledger.in_state(tx, "unknown", after=after, limit=_PAGE):
            found += [(row.at, _line(row)) for row in page]
            after = page[-1].id
    return [line for _, line in sorted(found)] or ["Nothing is parked."]


def _line(row: SendRow) -> str:
    again = ", sent again" if row.resent_at else ""
    return f"{row.id:<20} {row.at:%Y-%m-%d %H:%M} UTC  {row.enrollment}  {row.step}  {row.reason}{again}"
