"""`rapport lost`: walks that are under way in the store and that Temporal does not run, and what to do about them."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeAlias

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from rapport.engine.state import End, Passed
from rapport.errors import Refused
from rapport.settings import Settings
from rapport.store.database import Store, Tx
from rapport.usecases import lost as usecase
from workflows.connection import connect
from workflows.fates import Fate, Fates

_BY = "command line"
Mend: TypeAlias = Callable[[Installation, Tx, Fate], Awaitable[None]]
_WHICH = click.argument("enrollments", nargs=-1)
_ALL = click.option("--all", "everybody", is_flag=True, help="All that are listed.")


@click.group(invoke_without_command=True, short_help="List walks that Temporal has lost, and begin them again.")
@click.pass_context
def lost(context: click.Context) -> int:
    """List the walks that are under way in the store and that Temporal does not run, with what Temporal says.

    Its database was lost or restored, ours was, or somebody terminated a workflow.
    """
    if context.invoked_subcommand is None:
        lines = [f"{fate.enrollment}  {fate.status}" for fate in run(_find)]
        click.echo("\n".join(lines or ["No walk is lost."]))
    return EXIT_OK


@lost.command()
def strays() -> int:
    """List the walks that Temporal runs and the store knows nothing of; they wait, and send nothing.

    They began after the backup that the store was restored from, or in another installation. Look at the database
    first: on the wrong one every walk is a stray.
    """
    click.echo("\n".join(run(_strays) or ["No walk is a stray."]))
    return EXIT_OK


@lost.command()
@_WHICH
@_ALL
def restart(enrollments: tuple[str, ...], *, everybody: bool) -> int:
    """Begin lost walks again at their first step: what they did is not done again, and their waits begin anew.

    Those that came to their end are noted as ended.
    """
    return _mend(enrollments, _restart, "begins again", everybody=everybody)


@lost.command()
@_WHICH
@_ALL
def end(enrollments: tuple[str, ...], *, everybody: bool) -> int:
    """Note that lost walks have ended: as they did where Temporal knows it, else as cancelled."""
    return _mend(enrollments, _end, "has ended", everybody=everybody)


async def find(store: Store, fates: Fates) -> Sequence[Fate]:
    """Every lost walk; one that ended while we looked is none."""
    async with store.read() as tx:
        names = await usecase.under_way(tx)
    missing = await fates.of_missing(names)
    async with store.read() as tx:
        still = {*await usecase.under_way(tx)}
    return [fate for fate in missing if fate.enrollment in still]


async def stray(store: Store, fates: Fates) -> Sequence[str]:
    """Every stray; Temporal is asked first, because a walk is in the store before it runs."""
    running = await fates.running()
    async with store.read() as tx:
        return await usecase.strays(tx, running)


async def fates_of(settings: Settings) -> Fates:
    """The fates in the namespace that the settings name; TemporalUnavailable when nobody answers."""
    return Fates(await connect(address=settings.temporal_address, namespace=settings.temporal_namespace))


def _mend(names: tuple[str, ...], mend: Mend, said: str, *, everybody: bool) -> int:
    if bool(names) is everybody:
        message = "name walks, or say --all"
        raise click.UsageError(message)
    for name in run(partial(_each, mend, None if everybody else {*names})):
        click.echo(f"{name} {said}.")
    return EXIT_OK


async def _each(mend: Mend, names: set[str] | None, here: Installation) -> Sequence[str]:
    found = [fate for fate in await _find(here) if names is None or fate.enrollment in names]
    for name in sorted((names or set()) - {fate.enrollment for fate in found}):
        raise Refused(reason="not_lost", message=f"{name} is not lost.", hint="List those that are: rapport lost.")
    for fate in found:
        with suppress(Refused):  # it has just ended
            async with here.store.write() as tx:
                await mend(here, tx, fate)
    return [fate.enrollment for fate in found]


async def _find(here: Installation) -> Sequence[Fate]:
    return await find(here.store, await fates_of(here.settings))


async def _strays(here: Installation) -> Sequence[str]:
    return await stray(here.store, await fates_of(here.settings))


async def _restart(here: Installation, tx: Tx, fate: Fate) -> None:
    if fate.result is not None:
        await _end(here, tx, fate)
    else:
        await usecase.begin_again(tx, here.clock, fate.enrollment, by=_BY)


async def _end(here: Installation, tx: Tx, fate: Fate) -> None:
    known = fate.result
    as_it_was = End(known.end, known.at) if known else None
    path = [Passed(*passed) for passed in known.path] if known else []
    await usecase.end(tx, here.clock, fate.enrollment, as_it_was, path)
