"""`rapport export`: everything about a person, for the person."""

import os
from pathlib import Path

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.usecases.export_person import export as export_person

_BY = "command line"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
# Nobody else who works at this machine may read it.
_FOR_US_ONLY = 0o600


@click.command(short_help="Write everything about a candidate into a zip.")
@click.argument("candidate")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to; <id>.zip by default.")
def export(candidate: str, output: Path | None) -> int:
    """Write everything about CANDIDATE (an id or an address) into a zip: JSON, and the mails as .eml files.

    That it was asked for is written down.
    """
    if output is not None and not output.parent.is_dir():
        message = f"there is no folder {output.parent}; make it first, nothing was exported"
        raise click.UsageError(message)
    person, packed = run(lambda here: _export(here, candidate))
    place = output or Path(f"{person}.zip")
    with os.fdopen(os.open(place, _NEW, _FOR_US_ONLY), "wb") as file:
        file.write(packed)
    click.echo(f"{place}: {len(packed)} bytes. It holds personal data: hand it over, and delete it.")
    return EXIT_OK


async def _export(here: Installation, name: str) -> tuple[str, bytes]:
    async with here.store.write() as tx:
        person = await candidate_of(tx, name, here.settings.pepper)
        return person, await export_person(tx, here.clock, person, by=_BY)
