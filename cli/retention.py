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
    click.echo("\n".join(run(_lines)))
    return EXIT_OK


async def _lines(here: Installation) -> list[str]:
    found = [
        f"{each.candidate}  {each.country}  since {each.due.at:%Y-%m-%d}  {_WHY[each.due.why]}"
        async for each in overdue(here.store, here.clock)
        if each.due is not None
    ]
    return [*found, f"{len(found)} people would be erased."] if found else ["Nobody would be erased."]
