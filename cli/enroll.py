"""`rapport enroll`: begin a sequence for one person."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.usecases.enroll import enroll_now


@click.command(short_help="Start a sequence for a candidate.")
@click.argument("sequence")
@click.argument("candidate")
@click.option("--event", help="The id of the event that the walk is about.")
@click.option("--application", help="The id of the application that it is about.")
@click.option("--again", is_flag=True, help="Pass over `once`, `once_per` and `again_after`.")
def enroll(sequence: str, candidate: str, event: str | None, application: str | None, *, again: bool) -> int:
    """Enroll CANDIDATE (an id or an address) in SEQUENCE, and print the id of the walk.

    Exit code: 0 enrolled, 1 refused, with the reason.
    """

    async def work(here: Installation) -> str:
        async with here.store.read() as tx:
            person = await candidate_of(tx, candidate, here.settings.pepper)
        enrolled = await enroll_now(
            here.store,
            here.clock,
            sequence=sequence,
            candidate=person,
            cause="command line",
            event=event,
            application=application,
            again=again,
        )
        return enrolled.id

    click.echo(run(work))
    return EXIT_OK
