"""`rapport merge`: two records that are one person."""

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.usecases.cause import Cause
from rapport.usecases.merge import merge_people


@click.command("merge", short_help="Make two records of one person one.")
@click.argument("kept")
@click.argument("gone")
@click.confirmation_option("--yes", prompt="Nobody can take two merged people apart again. Merge them?")
def merge(kept: str, gone: str) -> int:
    """Make GONE a part of KEPT, each named by id or address: history, tags, pools, consents and walks come along.

    What KEPT says stands, and GONE fills the gaps. A withdrawal or an unsubscription of either holds for both.

    Exit code: 0 they are one, 1 there is no such person, or one was erased.
    """

    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            first, second = [await candidate_of(tx, name, here.settings.pepper) for name in (kept, gone)]
            cause = Cause(text="merged by hand", at=here.clock.walk_time(first))
            await merge_people(tx, here.clock, kept=first, gone=second, cause=cause)
            return first

    click.echo(f"They are one now: {run(work)}")
    return EXIT_OK
