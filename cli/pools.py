"""`rapport pools`: talent pools and segments, who is in them, and putting people in by hand."""

from typing import Literal

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.usecases.pools import Pool, all_pools, members, put

_BY = "command line"
# As many rows as are read at once.
_PAGE = 1_000


@click.group(invoke_without_command=True, short_help="List pools and segments, and put people into pools.")
@click.pass_context
def pools(context: click.Context) -> int:
    """List the pools and segments of project.yaml with the number of their members."""
    if context.invoked_subcommand is None:
        click.echo("\n".join(run(_lines)))
    return EXIT_OK


@pools.command()
@click.argument("pool")
def show(pool: str) -> int:
    """List who is in POOL: id, since when, and by what they came to be in it.

    Exit code: 0 done, 1 there is no such pool.
    """

    async def work(here: Installation) -> None:
        after = ""
        while True:
            async with here.store.read() as tx:
                rows = await members(tx, here.clock, pool, after=after, limit=_PAGE)
            for row in rows:
                click.echo(f"{row.candidate}  {row.at:%Y-%m-%d %H:%M} UTC  {row.cause}")
            if len(rows) < _PAGE:
                return
            after = rows[-1].candidate

    run(work)
    return EXIT_OK


@pools.command()
@click.argument("pool")
@click.argument("people", nargs=-1, required=True)
@click.option("--cause", default=_BY, help="Why, for the timeline.")
def add(pool: str, people: tuple[str, ...], cause: str) -> int:
    """Put PEOPLE (ids or addresses) into POOL; what the pool starts begins.

    Exit code: 0 done, 1 refused, with the reason.
    """
    return _change(pool, people, "add", cause)


@pools.command()
@click.argument("pool")
@click.argument("people", nargs=-1, required=True)
@click.option("--cause", default=_BY, help="Why, for the timeline.")
def remove(pool: str, people: tuple[str, ...], cause: str) -> int:
    """Take PEOPLE (ids or addresses) out of POOL.

    Exit code: 0 done, 1 refused, with the reason.
    """
    return _change(pool, people, "remove", cause)


def _change(pool: str, people: tuple[str, ...], how: Literal["add", "remove"], cause: str) -> int:
    async def work(here: Installation) -> int:
        changed = 0
        # A slip in the last name is said before anybody is moved by the first.
        async with here.store.read() as tx:
            known = [await candidate_of(tx, name, here.settings.pepper) for name in people]
        for candidate in known:
            async with here.store.write() as tx:
                changed += await put(tx, here.clock, pool, candidate, how=how, cause=cause) is not None
        return changed

    number = run(work)
    what = "new in" if how == "add" else "no longer in"
    click.echo(f"{number} of {len(people)} {'is' if number == 1 else 'are'} {what} {pool}.")
    return EXIT_OK


async def _lines(here: Installation) -> list[str]:
    async with here.store.read() as tx:
        found = await all_pools(tx, here.clock)
    return [_line(pool) for pool in found] or ["There are no pools."]


def _line(pool: Pool) -> str:
    kind = "segment" if pool.segment else "pool"
    counting = "  (still being counted)" if pool.counting else ""
    return f"{pool.members:7}  {kind:7}  {pool.name}  {pool.title}{counting}"
