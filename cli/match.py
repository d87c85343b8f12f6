"""`rapport match`: the people who fit a role, best first, with a reason for every point."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from rapport.crm.match import Match
from rapport.crm.role import Role
from rapport.dsl.problem import as_text
from rapport.dsl.role import load_role
from rapport.usecases.match import Ranking, Search, rank, role_of_job
from rapport.usecases.pools import put

_NO_ROLE = Role(title="")


@click.command(short_help="Find the people who fit a role, with a reason for every point.")
@click.option("--role", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A role file.")
@click.option("--job", help="Or a job of the ATS, by its id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=15, show_default=True, help="How many people.")
@click.option("--engaged", is_flag=True, help="Only who clicked, replied or came to an event lately.")
@click.option("--days", type=click.IntRange(1, 3650), default=180, show_default=True, help="How many days lately is.")
@click.option("--partly", is_flag=True, help="Also who lacks a must skill.")
@click.option("--purpose", help="Only who agreed to this purpose; without it any purpose will do.")
@click.option("--into", help="Put them into this pool as well.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def match(
    file: Path | None,
    job: str | None,
    into: str | None,
    form: str,
    *,
    limit: int,
    engaged: bool,
    days: int,
    partly: bool,
    purpose: str | None,
) -> int:
    """Rank the people whom we know for a role: skills, place, seniority, engagement, recency.

    It sorts whom you may write to and decides about nobody. Who is hired, in a process, an employee, suppressed or
    without consent is left out and counted.

    Exit code: 0 done, 1 a mistake in the role file, 2 wrong use.
    """
    if (file is None) == (job is None):
        message = "name a role by --role FILE or by --job ID"
        raise click.UsageError(message)
    role = _read(file) if file else _NO_ROLE
    if role is None:
        return EXIT_PROBLEMS
    search = Search(role=role, limit=limit, qualified=not partly, engaged=engaged, days=days, purpose=purpose)

    async def work(here: Installation) -> tuple[Role, Ranking, int]:
        async with here.store.read() as tx:
            wanted = await role_of_job(tx, job) if job else role
            found = await rank(tx, here.clock, replace(search, role=wanted))
        return wanted, found, await _put_into(here, into, wanted, found) if into else 0

    wanted, found, new = run(work)
    click.echo(as_json(wanted, found) if form == "json" else as_words(wanted, found))
    if into:
        click.echo(f"{new} of them are new in {into}.", err=form == "json")
    return EXIT_OK


def _read(file: Path) -> Role | None:
    """The role of a file; its mistakes are printed."""
    loaded, problems = load_role(file)
    if problems:
        click.echo(as_text(problems), err=True)
        return None
    return Role.read(loaded.tree)


async def _put_into(here: Installation, pool: str, role: Role, found: Ranking) -> int:
    """Each in a transaction of their own: what the pool starts may be much."""
    new = 0
    for each in found.matches:
        async with here.store.write() as tx:
            cause = f"match: {role.title}"
            new += await put(tx, here.clock, pool, each.candidate, how="add", cause=cause) is not None
    return new


def as_words(role: Role, found: Ranking) -> str:
    """Everybody with their points, and each part in words."""
    lines = [f"{role.title}: {len(found.matches)} of {found.people} people"]
    for place, each in enumerate(found.matches, 1):
        lines += ["", f"{place}. {each.candidate}  {each.points:.1f} of 100{_marks(each)}"]
        lines += [f"   {part.points:5.1f} of {part.most:2}  {part.name}: {part.why}" for part in each.parts]
    if found.left_out:
        said = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in found.left_out.items())
        lines += ["", f"Left out: {said}"]
    return "\n".join(lines)


def as_json(role: Role, found: Ranking) -> str:
    """The same for programs."""
    tree: dict[str, Any] = {
        "role": asdict(role),
        "people": found.people,
        "left_out": dict(found.left_out),
        "matches": [{**asdict(each), "points": each.points} for each in found.matches],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False)


def _marks(each: Match) -> str:
    return ("" if each.qualified else "  lacks a must skill") + ("  engaged" if each.engaged else "")
