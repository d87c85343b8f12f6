"""`rapport erase`: forget a person."""

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.dsl.wording import counted
from rapport.store import candidates
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.usecases.erasing import erase as erase_person
from rapport.usecases.erasing import foresee, open_walks

_BY = "command line"


@click.command(short_help="Forget a candidate.")
@click.argument("candidate")
@click.option("--yes", is_flag=True, help="Do it. Nothing brings the data back.")
@click.option("--why", default="", help="What the record says beside who asked and when; name nobody in it.")
def erase(candidate: str, why: str, *, yes: bool) -> int:
    """Forget CANDIDATE (an id or an address): stop all their walks, and delete everything personal, at once.

    What stays is the id, the ledger of consent without its texts and proofs, and keyed hashes of addresses and names,
    so that no import and no ATS creates the person anew. Without --yes, nothing is done.
    """
    if not yes:
        person, walks = run(lambda here: _look(here, candidate))
        click.echo(f"{person} and everything about them would be deleted for good; {counted(walks, 'walk')} would end.")
        click.echo("Nothing was done. Once more with --yes does it.")
        return EXIT_PROBLEMS
    row, walks = run(lambda here: _erase(here, candidate, why))
    click.echo(f"{row.candidate} is erased; the record of it is {row.id}.")
    if walks:
        click.echo(f"{counted(walks, 'walk')} will end as soon as a worker runs: rapport worker.")
    return EXIT_OK


async def _look(here: Installation, name: str) -> tuple[str, int]:
    async with here.store.read() as tx:
        return await foresee(tx, await candidate_of(tx, name, here.settings.pepper))


async def _erase(here: Installation, name: str, why: str) -> tuple[PrivacyRequestRow, int]:
    async with here.store.write() as tx:
        person = await candidates.get(tx, await candidate_of(tx, name, here.settings.pepper))
        row = await erase_person(tx, here.clock, person.id, by=_BY, why=why)
        return row, await open_walks(tx, row.candidate)
