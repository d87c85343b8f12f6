"""`rapport holds`: walks that stand still at a step, and what a person decides about them."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from rapport.usecases import commands
from rapport.usecases.holds import Held, held

_BY = "command line"


@click.group(invoke_without_command=True, short_help="List walks that stand still, and let them go on.")
@click.pass_context
def holds(context: click.Context) -> int:
    """List the walks that stand still at a step until a person decides, with the reason and since when."""
    if context.invoked_subcommand is None:
        click.echo("\n".join(run(_held)))
    return EXIT_OK


@holds.command()
@click.argument("enrollment")
def retry(enrollment: str) -> int:
    """Let the walk ENROLLMENT try the step again at which it stands still."""
    run(lambda here: _command(here, "retry", enrollment))
    click.echo(f"{enrollment} tries again.")
    return EXIT_OK


@holds.command()
@click.argument("enrollment")
def skip(enrollment: str) -> int:
    """Let the walk ENROLLMENT leave the step out at which it stands still."""
    run(lambda here: _command(here, "skip", enrollment))
    click.echo(f"{enrollment} goes on behind the step.")
    return EXIT_OK


async def _held(here: Installation) -> list[str]:
    lines, after = list[str](), ""
    async with here.store.read() as tx:
        while page := await held(tx, after=after):
            lines += [_line(one) for one in page]
            after = page[-1].enrollment
    return lines or ["No walk stands still."]


async def _command(here: Installation, kind: commands.Command, enrollment: str) -> None:
    async with here.store.write() as tx:
        await commands.tell(tx, here.clock, enrollment, kind, by=_BY)


def _line(one: Held) -> str:
    return f"{one.since:%Y-%m-%d %H:%M} UTC  {one.enrollment}  {one.step}  {one.reason}  (ask {one.owner})"
