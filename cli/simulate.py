"""`rapport simulate`: the calendar of one made-up person, with the reason for each line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click

from cli.calendar_line import calendar_line
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from rapport.clock import SystemClock
from rapport.dsl.loader import load_file
from rapport.dsl.problem import as_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start
from rapport.errors import BadInput, NotFound

# A candidate file may hold a whole scenario, or only the candidate's fields.
_SCENARIO_KEYS = frozenset({"starts", "candidate", "event", "application", "mocks", "variants", "when", "policy"})


@click.command()
@click.argument("sequence")
@click.option(
    "--candidate",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with the candidate's fields, or with the keys of a test case.",
)
@click.option("--in", "folder", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option("--starts", help='When it begins, like "2026-03-02 10:00 Europe/Berlin"; default: today at 10:00.')
@click.option("--days", type=click.IntRange(1, 3650), help="Stop after so many days.")
def simulate(sequence: str, file: Path | None, folder: Path, starts: str | None, days: int | None) -> int:
    """Print the dated calendar of one made-up person in SEQUENCE."""
    workspace = load_workspace(folder)
    # A mistake in another file of the folder is no reason not to look at this sequence.
    if workspace.project is None or (workspace.has_errors and sequence not in workspace.sequences):
        click.echo(as_text(workspace.problems))
        return EXIT_PROBLEMS
    if sequence not in workspace.sequences:
        known = ", ".join(sorted(workspace.sequences))
        raise NotFound(kind="sequence", name=sequence, hint=f"Sequences in {folder}: {known}.")
    tree = _read(file) if file else {}
    start = _start(starts or tree.get("starts"), workspace.project)
    plan = workspace.sequences[sequence].plan
    calendar = Scenario(plan=plan, project=workspace.project, start=start, tree=tree).run(days)
    for line in _page(workspace, calendar):
        click.echo(line)
    return EXIT_PROBLEMS if calendar.wrong else EXIT_OK


def _read(file: Path) -> Mapping[str, Any]:
    loaded = load_file(file)
    if loaded.problems:
        click.echo(as_text(loaded.problems))
        raise BadInput(place=str(file), message="this is not a candidate.", hint="Mend the lines above.")
    tree = loaded.tree
    if not isinstance(tree, Mapping):
        raise BadInput(place=str(file), message="expected fields, one a line.", hint='Write "first_name: Ana".')
    scenario = tree if _SCENARIO_KEYS & tree.keys() else {"candidate": tree}
    _check_candidate(str(file), scenario.get("candidate") or {})
    return scenario


def _check_candidate(file: str, candidate: Mapping[str, Any]) -> None:
    """Refuse what would make the calendar a lie or the arithmetic fail; everything else is just not known."""
    if candidate.get("timezone") not in (None, *available_timezones()):
        zone = candidate["timezone"]
        raise BadInput(place=file, message=f"there is no time zone {zone!r}.", hint="Write one like Europe/Berlin.")
    if not isinstance(candidate.get("score", 0), int):
        raise BadInput(place=file, message="score is not a whole number.", hint="Write one like 40.")


def _start(text: str | None, project: Project) -> Start:
    if text is None:
        zone = ZoneInfo(project.organization.zone)
        return Start(day=SystemClock().now().astimezone(zone).date(), at="10:00", zone=zone)
    try:
        return Start.parse(text)
    except (ValueError, KeyError) as wrong:
        raise BadInput(place="starts", message=str(wrong), hint="The zone is an IANA name.") from wrong


def _page(workspace: Workspace, calendar: Calendar) -> Iterator[str]:
    scenario = calendar.scenario
    checked = workspace.sequences[scenario.plan.sequence]
    who = scenario.candidate.get("first_name", "a made-up person")
    yield f"{checked.tree['title']} ({scenario.plan.sequence} {checked.version[:12]}) for {who}"
    yield f"in the zone {scenario.start.zone.key}"
    yield ""
    for line in calendar.lines:
        yield calendar_line(calendar, line)
    for place, message in calendar.wrong:
        yield f"when[{place}]: {message}"
    if calendar.ends is None:
        yield f"{'':31}still waiting at {calendar.waiting_at}"
    yield ""
    counts = f"mails: {len(calendar.mails)}, actions: {len(calendar.actions)}"
    yield f"{counts}, ends: {calendar.ends or '(not yet)'}"
