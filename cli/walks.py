"""`rapport walks`: how many there are and which, and what people tell them: pause, resume, cancel."""

from typing import get_args

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from rapport.errors import NotFound, Refused
from rapport.store import enrollments as stored
from rapport.store import published
from rapport.store.database import Tx
from rapport.usecases import commands
from rapport.usecases.refusals import not_published

_BY = "command line"
_PAGE = 500
_NAMED = click.argument("enrollments", nargs=-1, required=True, metavar="ENROLLMENT…")


@click.group(invoke_without_command=True, short_help="Count and list walks; pause, resume and cancel them.")
@click.option("--sequence", metavar="NAME", help="Only of this sequence.")
@click.option("--state", type=click.Choice(get_args(stored.WalkState)), help="List those in this state, an id a line.")
@click.pass_context
def walks(context: click.Context, sequence: str | None, state: str | None) -> int:
    """Count walks by state; with --state, list the ids of those, for `pause`, `resume` and `cancel`."""
    if context.invoked_subcommand is not None:
        if sequence or state:
            message = "--sequence and --state choose what is listed; name the walks behind the command"
            raise click.UsageError(message)
    else:
        run(lambda here: _count(here, sequence) if state is None else _list(here, sequence, state))
    return EXIT_OK


@walks.command()
@_NAMED
def pause(enrollments: tuple[str, ...]) -> int:
    """Let walks stand still until they are resumed; a reply, another exit and unsubscribing still end them.

    Exit code: 0 all are paused, 1 some are not, with the reason of each.
    """
    return _tell("pause", enrollments, "is paused.")


@walks.command()
@_NAMED
def resume(enrollments: tuple[str, ...]) -> int:
    """Let paused walks go on from where they stand; what is overdue goes within a quarter of an hour.

    Exit code: 0 all go on, 1 some do not, with the reason of each.
    """
    return _tell("resume", enrollments, "goes on.")


@walks.command()
@_NAMED
def cancel(enrollments: tuple[str, ...]) -> int:
    """End walks for good; mails that are on their way cannot be called back.

    Exit code: 0 all end as soon as a worker runs, 1 some do not, with the reason of each.
    """
    return _tell("cancel", enrollments, "ends as soon as a worker runs.")


def _tell(command: commands.Command, names: tuple[str, ...], said: str) -> int:
    async def work(here: Installation) -> int:
        code = EXIT_OK
        for name in names:
            try:
                async with here.store.write() as tx:
                    await commands.tell(tx, here.clock, name, command, by=_BY)
            except (NotFound, Refused) as error:  # the others are meant all the same
                click.echo(f"rapport: {error}", err=True)
                code = EXIT_PROBLEMS
            else:
                click.echo(f"{name} {said}")
        return code

    return run(work)


async def _count(here: Installation, sequence: str | None) -> None:
    async with here.store.read() as tx:
        await _known(tx, sequence)
        counts = await stored.count(tx, sequence=sequence)
    lines = [f"{counts[state]:8}  {state}" for state in get_args(stored.WalkState) if state in counts]
    click.echo("\n".join(lines or ["No walks."]))


async def _list(here: Installation, sequence: str | None, state: str) -> None:
    async with here.store.read() as tx:
        await _known(tx, sequence)
    after, more = "", True
    while more:
        async with here.store.read() as tx:
            rows = await stored.page(tx, sequence=sequence, state=state, after=after, limit=_PAGE)
        for row in rows:
            click.echo(row.id)
            after = row.id
        more = len(rows) == _PAGE


async def _known(tx: Tx, sequence: str | None) -> None:
    """A slip of the pen would look as if nobody were in the sequence."""
    if sequence is not None and await published.live_version(tx, sequence) is None:
        raise await not_published(tx, sequence)
