"""`rapport enroll`: begin a sequence for one person, or for many."""

from pathlib import Path

import click

from cli import enroll_many
from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.usecases.bulk import DEFAULT_PER_MINUTE, MOST_PER_MINUTE
from rapport.usecases.crowd import Wish
from rapport.usecases.enroll import enroll_now

# What may be done about one that has begun: --status, --watch, --cancel.
_ACTS = (enroll_many.show, enroll_many.watch, enroll_many.stop)


@click.command(short_help="Start a sequence for a candidate, a pool or a file of people.")
@click.argument("sequence", required=False)
@click.argument("candidate", required=False)
@click.option("--pool", help="Everybody in this pool or segment.")
@click.option(
    "--csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Everybody in this file; it has a column `candidate` or `email`.",
)
@click.option("--dry-run", is_flag=True, help="Say how many would enter and why the others would not; change nothing.")
@click.option(
    "--per-minute",
    type=click.IntRange(1, MOST_PER_MINUTE),
    default=DEFAULT_PER_MINUTE,
    show_default=True,
    help="How many people have their turn in a minute.",
)
@click.option("--status", metavar="ID", help="Show where a bulk enrollment stands.")
@click.option("--watch", metavar="ID", help="Show how it goes until it is over.")
@click.option("--cancel", metavar="ID", help="Let nobody else in; those who are in go on.")
@click.option("--event", help="The id of the event that the walk is about.")
@click.option("--application", help="The id of the application that it is about; for one candidate only.")
@click.option("--again", is_flag=True, help="Pass over `once`, `once_per` and `again_after`.")
def enroll(
    sequence: str | None,
    candidate: str | None,
    pool: str | None,
    csv: Path | None,
    per_minute: int,
    status: str | None,
    watch: str | None,
    cancel: str | None,
    event: str | None,
    application: str | None,
    *,
    dry_run: bool,
    again: bool,
) -> int:
    """Enroll CANDIDATE (an id or an address), a --pool or the people of a --csv file in SEQUENCE.

    One candidate: prints the id of the walk. Many: a worker lets them in at the pace of --per-minute, also when
    this command is gone: Ctrl-C ends the command and not the enrollment. --status, --watch and --cancel take the
    id that it printed; the same command again finds it while it runs.

    Exit code: 0 enrolled, 1 refused or some lines of the file name nobody, 2 wrong use, 130 left by Ctrl-C.
    """
    chosen = [one for one in (candidate, pool, csv) if one is not None]
    if bulk := [(act, name) for act, name in zip(_ACTS, (status, watch, cancel), strict=True) if name is not None]:
        if sequence is not None or chosen or len(bulk) > 1:
            message = "--status, --watch and --cancel stand alone, with the id of a bulk enrollment"
            raise click.UsageError(message)
        act, name = bulk[0]
        return act(name)
    if sequence is None or len(chosen) != 1:
        message = "name a sequence and one of: a candidate, --pool, --csv"
        raise click.UsageError(message)
    if candidate is not None:
        return _one(sequence, candidate, event, application, again=again)
    if application is not None:
        message = "--application is about one candidate; leave it out"
        raise click.UsageError(message)
    wish = Wish(sequence=sequence, event=event, again=again)
    people = enroll_many.people_of(wish, pool, csv)
    if dry_run:
        return enroll_many.dry_run(wish, people)
    return enroll_many.begin_and_watch(wish, people, per_minute=per_minute)


def _one(sequence: str, candidate: str, event: str | None, application: str | None, *, again: bool) -> int:
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
