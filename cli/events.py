"""`rapport events`: fairs, webinars, hackathons; who registered, who came, what was said."""

from datetime import datetime
from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.dsl.wording import counted
from rapport.errors import BadInput
from rapport.usecases import fairs
from rapport.usecases.check_in import CheckedIn, CheckIn, check_in
from rapport.usecases.conversations import Talk, note_talk
from rapport.usecases.incoming import Taken

_BY = "command line"
_PAGE = 500


@click.group(invoke_without_command=True, short_help="Fairs and webinars: who registered, who came, what was said.")
@click.pass_context
def events(context: click.Context) -> int:
    """List events. PERSON is an id or an address."""
    if context.invoked_subcommand is None:
        run(_list)
    return EXIT_OK


@events.command()
@click.argument("event")
def show(event: str) -> int:
    """List who registered for EVENT, who came and who cancelled."""

    async def work(here: Installation) -> None:
        after = ""
        while True:
            async with here.store.read() as tx:
                rows = await fairs.registrations(tx, event, after=after, limit=_PAGE)
            for row in rows:
                click.echo(f"{row.candidate}  {row.at:%Y-%m-%d %H:%M} UTC  {row.word.replace('_', ' ')}")
            if len(rows) < _PAGE:
                return
            after = rows[-1].candidate

    run(work)
    return EXIT_OK


@events.command()
@click.argument("event")
@click.argument("fields", nargs=-1, required=True)
def change(event: str, fields: tuple[str, ...]) -> int:
    """Make EVENT or change it: FIELDS like `title="Career fair" starts_at=2026-04-01T10:00 zone=Europe/Berlin`.

    People who wait for it are planned anew.
    """
    values = dict(_pair(field) for field in fields)

    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            return _told(await fairs.change_event(tx, here.clock, event, values, by=_BY))

    click.echo(run(work))
    return EXIT_OK


@events.command()
@click.argument("event")
def cancel(event: str) -> int:
    """Call EVENT off; everybody who is registered hears of it."""

    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            return _told(await fairs.cancel_event(tx, here.clock, event, by=_BY))

    click.echo(run(work))
    return EXIT_OK


@events.command()
@click.argument("event")
@click.argument("person")
def register(event: str, person: str) -> int:
    """Register PERSON for EVENT."""
    return _presence(event, person, "registered_for_event")


@events.command()
@click.argument("event")
@click.argument("person")
def attend(event: str, person: str) -> int:
    """Note that PERSON came to EVENT."""
    return _presence(event, person, "attended")


@events.command()
@click.argument("event")
@click.argument("person")
def unregister(event: str, person: str) -> int:
    """Note that PERSON does not come to EVENT after all."""
    return _presence(event, person, "cancelled_registration")


@events.command(name="check-in")
@click.argument("event")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
@click.option("--add", is_flag=True, help="Get to know strangers, with the source `event:EVENT`; they get no mail.")
def check_in_list(event: str, file: Path, *, dry_run: bool, add: bool) -> int:
    """Note everybody in FILE as having come to EVENT: a CSV with a column `email` or `id`; twice changes nothing.

    Exit code: 0 all rows are in, 1 some lines have problems.
    """

    async def work(here: Installation) -> CheckedIn:
        asked = CheckIn(event=event, by=_BY, add=add, dry_run=dry_run, pepper=here.settings.pepper)
        with file.open("rb") as raw:
            return await check_in(here.store, here.clock, raw, asked)

    report = run(work)
    for problem in report.problems:
        column = f"{problem.column}: " if problem.column else ""
        click.echo(f"{file}:{problem.line}: {column}{problem.reason}", err=True)
    click.echo(
        f"{'Dry run: ' if dry_run else ''}{report.came} came, {report.known} were known to have come, "
        f"{report.added} added, {counted(len(report.problems), 'problem')}; {counted(report.started, 'walk')} begun."
    )
    return EXIT_PROBLEMS if report.problems else EXIT_OK


@events.command()
@click.argument("person")
@click.argument("note")
@click.option("--by", "recruiter", required=True, metavar="KEY", help="Who talked with them, a key of `people`.")
@click.option("--at", "event", default=None, metavar="EVENT", help="The event at which they talked.")
@click.option("--follow-up", "promise", default=None, help="What was promised: it becomes a task.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), default=None, help="By when.")
def talk(person: str, note: str, recruiter: str, event: str | None, promise: str | None, due: datetime | None) -> int:
    """Keep NOTE of a conversation with PERSON, and what was promised."""

    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            name = await candidate_of(tx, person, here.settings.pepper)
            day = due.date() if due else None
            key = "\n".join(("cli", name, recruiter, note, event or "", promise or "", str(day)))
            said = Talk(
                key=key, candidate=name, recruiter=recruiter, note=note, event=event, promise=promise, due_on=day
            )
            row = await note_talk(tx, here.clock, said)
            return f"{row.id}  task {row.task}" if row.task else row.id

    click.echo(run(work))
    return EXIT_OK


def _presence(event: str, person: str, word: fairs.Word) -> int:
    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            name = await candidate_of(tx, person, here.settings.pepper)
            return _told(await fairs.note_presence(tx, here.clock, event, name, word, by=_BY))

    click.echo(run(work))
    return EXIT_OK


async def _list(here: Installation) -> None:
    after, empty = "", True
    while True:
        async with here.store.read() as tx:
            rows = await fairs.events(tx, after=after, limit=_PAGE)
        for row in rows:
            empty = False
            state = "  CANCELLED" if row.cancelled else ""
            click.echo(f"{row.id}  {row.starts_at or 'no date'}  {row.zone or ''}  {row.title or ''}{state}")
        if len(rows) < _PAGE:
            break
        after = rows[-1].id
    if empty:
        click.echo("There are no events.")


def _pair(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not given:
        raise BadInput(place=text, message="there is no `=` in it.", hint="Write fields like city=Berlin.")
    return name, value


def _told(taken: Taken | None) -> str:
    if taken is None:
        return "That was known; nothing changed."
    heard, begin = taken.deliveries, len(taken.started)
    return f"Noted. {counted(heard, 'walk')} {'hears' if heard == 1 else 'hear'} of it, {counted(begin, 'walk')} begun."
