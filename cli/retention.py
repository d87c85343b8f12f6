"""`rapport retention`: who has been kept for long enough."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from rapport.usecases.retention_sweep import overdue

_WHY = {
    "inactive": "nothing was heard of them for long enough",
    "rejected": "rejected, and agrees to nothing",
    "consent_expired": "their consent ran out",
}


@click.command(short_help="List who has been kept for long enough, and would be erased.")
@click.option("--dry-run", is_flag=True, required=True, help="Only list. The worker sweeps once a day by itself.")
def retention(*, dry_run: bool) -> int:
    """List by id whom the next sweep would erase, or announce first where project.yaml has a `notice`, and why."""
    del dry_run
    run(_list)
    return EXIT_OK


async def _list(here: Installation) -> None:
    """Each is shown when they are found: everybody is looked at, which takes a while where there are many."""
    found = 0
    async for each in overdue(here.store, here.clock):
        if each.due is not None:
            found += 1
            click.echo(f"{each.candidate}  {each.country}  since {each.due.at:%Y-%m-%d}  {_WHY[each.due.why]}")
    click.echo(f"{found} people would be erased." if found else "Nobody would be erased.")
