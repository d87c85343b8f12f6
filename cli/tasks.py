"""`rapport tasks`: what sequences and conversations ask colleagues to do."""

from datetime import datetime

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.store.tables.tasks import TaskRow
from rapport.usecases import todo
from rapport.usecases.todo import Wanted

_BY = "command line"
_PAGE = 500


@click.group(invoke_without_command=True, short_help="List what recruiters are asked to do, and tick it off.")
@click.option("--for", "assignee", default=None, metavar="KEY", help="Only of this colleague, a key of `people`.")
@click.option("--of", "person", default=None, metavar="PERSON", help="Only about this candidate: an id or an address.")
@click.option("--overdue", is_flag=True, help="Only those whose day is over.")
@click.option("--all", "every", is_flag=True, help="Those that are done, too.")
@click.pass_context
def tasks(context: click.Context, assignee: str | None, person: str | None, *, overdue: bool, every: bool) -> int:
    """List open tasks, those first that are due first."""
    if context.invoked_subcommand is None:
        run(lambda here: _list(here, assignee, person, overdue=overdue, every=every))
    return EXIT_OK


@tasks.command()
@click.argument("task")
@click.option("--by", default=_BY, help="Who did it.")
def done(task: str, by: str) -> int:
    """Mark TASK as done.

    Exit code: 0 done, 1 there is no such task.
    """

    async def work(here: Installation) -> TaskRow:
        async with here.store.write() as tx:
            return await todo.done(tx, task, at=here.clock.now(), by=by)

    click.echo(_line(run(work)))
    return EXIT_OK


@tasks.command()
@click.argument("task")
def reopen(task: str) -> int:
    """Open TASK again.

    Exit code: 0 done, 1 there is no such task.
    """

    async def work(here: Installation) -> TaskRow:
        async with here.store.write() as tx:
            return await todo.reopen(tx, task)

    click.echo(_line(run(work)))
    return EXIT_OK


@tasks.command()
@click.argument("task")
@click.argument("assignee")
def reassign(task: str, assignee: str) -> int:
    """Hand TASK to ASSIGNEE, a key of `people`.

    Exit code: 0 done, 1 there is no such task or nobody of this key.
    """

    async def work(here: Installation) -> TaskRow:
        async with here.store.write() as tx:
            return await todo.reassign(tx, task, assignee)

    click.echo(_line(run(work)))
    return EXIT_OK


async def _list(here: Installation, assignee: str | None, person: str | None, *, overdue: bool, every: bool) -> None:
    now, after, empty = here.clock.now(), "", True
    async with here.store.read() as tx:
        candidate = await candidate_of(tx, person, here.settings.pepper) if person else None
    wanted = Wanted(
        assignee=assignee,
        candidate=candidate,
        state=None if every else todo.OPEN,
        overdue_at=now if overdue else None,
    )
    while True:
        async with here.store.read() as tx:
            rows = await todo.listed(tx, wanted, after=after, limit=_PAGE)
        for row in rows:
            empty = False
            click.echo(_line(row, now))
        if len(rows) < _PAGE:
            break
        after = todo.mark(rows[-1])
    if empty:
        click.echo("Nothing is to be done.")


def _line(row: TaskRow, now: datetime | None = None) -> str:
    due = f"due {row.due_at:%Y-%m-%d %H:%M} UTC" if row.due_at else "no day"
    late = "  OVERDUE" if now and row.state == todo.OPEN and row.due_at and row.due_at < now else ""
    state = f"done by {row.done_by}" if row.state == todo.DONE else due
    return f"{row.id}  {row.assignee}  {state}{late}  {row.title}  ({row.candidate or '-'})"
