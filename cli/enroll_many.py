"""The half of `rapport enroll` that is about many people: begin, watch, look at and cancel a bulk enrollment."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.exits import EXIT_INTERRUPTED, EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from rapport.errors import TemporaryFailure
from rapport.store import bulks
from rapport.store.tables.bulk import BulkRow
from rapport.usecases.bulk import Asked, begin, cancel, look
from rapport.usecases.bulk_list import Forecast, PeopleList, forecast, of_csv, of_pool
from rapport.usecases.crowd import Wish, check_wish

_LOOK_EVERY = 0.5  # seconds: twice in the time that the eye takes to notice
_TAKEN_UP_WITHIN = 20  # looks: ten seconds are a long time for a worker that runs
_TOO_EARLY = "Interrupted before it was known to begin. The same command begins it, or finds it if it has begun."


def people_of(wish: Wish, pool: str | None, csv: Path | None) -> PeopleList:
    """The people of a pool or of a file; rows that name nobody are printed with their line.

    Refused before anything is read where nobody could enter.
    """

    async def work(here: Installation) -> PeopleList:
        async with here.store.read() as tx:
            await check_wish(tx, wish)
            if csv is None:
                return await of_pool(tx, here.clock, pool or "")
            with csv.open("rb") as raw:
                return await of_csv(tx, raw, pepper=here.settings.pepper)

    people = run(work)
    for problem in people.problems:
        column = f"{problem.column} " if problem.column else ""
        click.echo(f"{csv}:{problem.line}: {column}{problem.reason}", err=True)
    return people


def dry_run(wish: Wish, people: PeopleList) -> int:
    """Print what would come of it; nothing is changed."""

    async def work(here: Installation) -> Forecast:
        return await forecast(here.store, here.clock, wish, people.names)

    found = run(work)
    click.echo(f"{found.would_enter} of {len(people.names)} people of {people.source} would enter {wish.sequence}.")
    for reason, number in found.refused.items():
        click.echo(f"  {number} would be refused: {reason}")
    if found.sample:
        click.echo(f"  For example: {', '.join(found.sample)}")
    return EXIT_PROBLEMS if people.problems else EXIT_OK


def begin_and_watch(wish: Wish, people: PeopleList, *, per_minute: int) -> int:
    """Begin, or find it under way, and show how it goes; leaving does not stop it."""

    async def begun(here: Installation) -> str:
        asked = Asked(
            wish=wish,
            source=people.source,
            key=people.key,
            names=people.names,
            per_minute=per_minute,
            cause="command line",
        )
        async with here.store.write() as tx:
            begun = await begin(tx, here.clock, asked)
        click.echo(f"The bulk enrollment {begun.id} {'begins' if begun.new else 'is under way'}.")
        return begun.id

    code = _follow(begun)
    return EXIT_PROBLEMS if code == EXIT_OK and people.problems else code


def watch(bulk: str) -> int:
    """Show how one goes that was begun before, by whatever door."""

    async def known(here: Installation) -> str:
        async with here.store.read() as tx:
            return (await bulks.get(tx, bulk)).id

    return _follow(known)


def show(bulk: str) -> int:
    """Print where a bulk enrollment stands."""

    async def work(here: Installation) -> tuple[BulkRow, Mapping[str, int]]:
        async with here.store.read() as tx:
            return await look(tx, bulk)

    row, reasons = run(work)
    end = f" ({row.end})" if row.end else ""
    click.echo(f"{row.id}: {row.source} into {row.sequence}, {row.per_minute} a minute, {row.state}{end}")
    click.echo(f"  {row.cursor} of {row.total} had their turn: {row.entered} entered, {row.refused} refused")
    for reason, number in reasons.items():
        click.echo(f"  {number} refused: {reason}")
    return EXIT_OK


def stop(bulk: str) -> int:
    """Let nobody else in."""

    async def work(here: Installation) -> BulkRow:
        async with here.store.write() as tx:
            return await cancel(tx, bulk)

    row = run(work)
    click.echo(f"{row.id} ends: {row.entered} have entered and go on, {row.total - row.cursor} stay out.")
    return EXIT_OK


def _follow(find: Callable[[Installation], Coroutine[Any, Any, str]]) -> int:
    """Show one until it is over, or until Ctrl-C, which stops the command and nothing else."""
    followed: list[str] = []

    async def work(here: Installation) -> BulkRow:
        followed.append(await find(here))
        return await _watch(here, followed[0])

    try:
        row = run(work)
    except KeyboardInterrupt:
        click.echo(_farewell(followed[0]) if followed else _TOO_EARLY, err=True)
        return EXIT_INTERRUPTED
    stay_out = row.total - row.cursor
    end = f" Cancelled: {stay_out} stay out." if stay_out else ""
    click.echo(f"{row.entered} entered, {row.refused} refused of {row.total}.{end}")
    return EXIT_OK


def _farewell(bulk: str) -> str:
    return "\n".join(
        [
            f"The bulk enrollment {bulk} goes on in the background, as long as a worker runs.",
            f"  watch it again:  rapport enroll --watch {bulk}",
            f"  stop it:         rapport enroll --cancel {bulk}",
        ]
    )


async def _watch(here: Installation, bulk: str) -> BulkRow:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    looks = 0
    # On standard error, so that what a script reads stays clean.
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("Enrolling", total=None)
        while True:
            async with here.store.read() as tx:
                row = await bulks.get(tx, bulk)
            words = f"Enrolling: {row.entered} entered, {row.refused} refused"
            progress.update(bar, description=words, total=row.total, completed=row.cursor)
            if row.state == bulks.ENDED:
                return row
            looks += 1
            if row.state == "starting" and looks > _TAKEN_UP_WITHIN:
                hint = "It is stored and begins with the next worker: rapport worker."
                raise TemporaryFailure(f"No worker has taken up {bulk}.", hint=hint)
            await asyncio.sleep(_LOOK_EVERY)
