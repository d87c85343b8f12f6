"""`rapport show`: what happened to one person, as text."""

from collections.abc import Iterable

import click
from sqlalchemy import select

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.clock import Clock
from rapport.store import candidates, enrollments
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.scores import score_of
from rapport.usecases.timeline import Entry, refusals, timeline


@click.command(short_help="Show a candidate's or an enrollment's timeline.")
@click.argument("name")
def show(name: str) -> int:
    """Show the timeline of NAME: an enrollment (`<sequence>/<candidate>/<n>`), or a candidate's id or address."""

    async def work(here: Installation) -> list[str]:
        async with here.store.read() as tx:
            if "/" in name:
                return await _walk(tx, name)
            return await _person(tx, here.clock, await candidate_of(tx, name, here.settings.pepper))

    click.echo("\n".join(run(work)))
    return EXIT_OK


async def _person(tx: Tx, clock: Clock, candidate: str) -> list[str]:
    row = await candidates.get(tx, candidate)
    names = " ".join(filter(None, [row.first_name, row.last_name])) or "(no name)"
    query = select(EnrollmentRow.id).where(EnrollmentRow.candidate == candidate).order_by(EnrollmentRow.enrolled_at)
    walks = (await tx.scalars(query)).all()
    score = await score_of(tx, row, clock.walk_time(row.id))
    lines = [f"{row.id}  {names}, score {score}, tags {', '.join(await candidates.tags_of(tx, candidate)) or '-'}"]
    for walk in walks:
        lines += ["", *await _walk(tx, walk)]
    refused = _lines(await refusals(tx, candidate))
    lines += ["", "Not enrolled:", *refused] if refused else []
    return lines if walks else [*lines, "Was never in a sequence."]


async def _walk(tx: Tx, enrollment: str) -> list[str]:
    row = await enrollments.get(tx, enrollment)
    return [f"{row.id}  {row.state}, version {row.version[:12]}", *_lines(await timeline(tx, enrollment))]


def _lines(entries: Iterable[Entry]) -> list[str]:
    return [f"  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.step or '':24}  {entry.text}" for entry in entries]
