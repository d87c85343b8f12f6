"""`rapport simulate`: the calendar of one person, with the reason for each line, or a forecast over many people."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cli import simulate_many
from cli.calendar_line import calendar_line
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from cli.one_sequence import folder_of
from cli.person import candidate_of
from cli.scenario_files import CandidateFile, read_scenario, start_of
from rapport.dsl.project import Project
from rapport.dsl.workspace import CheckedSequence, Workspace
from rapport.engine.forecast import Question, refused
from rapport.engine.person import KnownScenario, Person
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start
from rapport.mail.headers import one_line
from rapport.reports.calendar_json import Heading, calendar_json
from rapport.reports.calendar_page import calendar_page
from rapport.reports.stored_people import stored_person

_MANY = ("pool", "count")
_OF_MANY = ("clicks", "replies", "per_day")
_PERCENT = click.FloatRange(0, 100)


@click.command(short_help="Print the calendar of one person, or forecast many.")
@click.argument("sequence")
@click.option(
    "--candidate",
    "file",
    type=CandidateFile(),
    help="A YAML file with the candidate's fields, or with the keys of a test case.",
)
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="One field, like candidate.country=DE.")
@click.option("--person", metavar="ID", help="A stored candidate, by id or address; nothing is changed.")
@click.option(
    "--events",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with what happens, written as below `when:` in a test case.",
)
@click.option("--in", "folder", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option("--starts", help='When it begins, like "2026-03-02 10:00 Europe/Berlin"; default: today at 10:00.')
@click.option("--days", type=click.IntRange(1, 3650), help="Stop after so many days.")
@click.option("--pool", help="Forecast: everybody in this stored pool or segment who may enter.")
@click.option("--count", type=click.IntRange(1, 1_000_000), help="Forecast: so many made-up people.")
@click.option("--seed", type=int, default=1, show_default=True, help="Forecast: another number is another draw.")
@click.option("--clicks", type=_PERCENT, help="Forecast: percent of mails that are clicked; default 0.")
@click.option("--replies", type=_PERCENT, help="Forecast: percent of mails that are answered; default 0.")
@click.option("--per-day", type=click.IntRange(1), help="Forecast: so many enter a day; default: all on day 0.")
@click.option("--with", "beside", multiple=True, metavar="SEQUENCE", help="They enter this one at the same moment.")
@click.option("--format", "form", type=click.Choice(["text", "json", "html", "svg"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def simulate(sequence: str, form: str, output: Path | None, folder: Path, **options: Any) -> int:
    """Print the dated calendar of one person in SEQUENCE: made up, or stored (--person).

    With --pool or --count it forecasts the mails per day that many people get, as a table or a plot. Every person
    walks for real, on a clock that jumps: windows, public holidays and the contact policy hold for each of them.
    """
    is_many = _is_many(form, options)
    found = folder_of(folder, sequence, *options["beside"])
    if found is None:
        return EXIT_PROBLEMS
    workspace, project = found
    checked = workspace.sequences[sequence]
    tree = read_scenario(workspace, checked, file=options["file"], events=options["events"], sets=options["sets"])
    start = start_of(options["starts"] or tree.get("starts"), project)
    if is_many:
        asked = simulate_many.Asked(workspace=workspace, project=project, sequence=sequence, tree=tree, start=start)
        text = simulate_many.text_of(asked, form, options)
        _write(text, output)
        return EXIT_OK
    beside = [workspace.sequences[name] for name in dict.fromkeys(options["beside"]) if name != sequence]
    scenario, notes = _scenario(workspace, project, [checked, *beside], tree, start, options["person"])
    calendar = scenario.run(options["days"])
    _write(_shown(checked, calendar, notes, form), output)
    return EXIT_PROBLEMS if calendar.wrong else EXIT_OK


def _is_many(form: str, options: dict[str, Any]) -> bool:
    many = [name for name in _MANY if options[name]]
    of_many = [name for name in _OF_MANY if options[name]]
    if len(many) > 1 or (many and (options["person"] or options["events"])):
        message = "choose one: a calendar (--person, --candidate, --events) or a forecast (--pool or --count)"
        raise click.UsageError(message)
    if not many and (of_many or form == "svg"):
        message = "a forecast needs --count or --pool"
        raise click.UsageError(message)
    if options["person"] and options["file"]:
        message = "--person is stored and --candidate made up; choose one, and change single fields with --set"
        raise click.UsageError(message)
    return bool(many)


def _scenario(
    workspace: Workspace,
    project: Project,
    entered: Sequence[CheckedSequence],
    tree: dict[str, Any],
    start: Start,
    name: str | None,
) -> tuple[Scenario, Sequence[str]]:
    plan, *beside = (checked.plan for checked in entered)
    if name is None:
        return Scenario(plan=plan, project=project, start=start, tree=tree, beside=beside), ()
    names = [checked.name for checked in entered]
    person = _stored(name, project, start, names)
    question = Question(
        sequences=names,
        targets=simulate_many.targets_of(workspace),
        project=project,
        start=start,
        event=tree.get("event") or {},
        ask_rules=True,
    )
    reasons = {each: refused(question, person, each, start.instant) for each in names}
    notes = [
        f"This person would not be enrolled{f' in {each}' if each != names[0] else ''}: {reason}."
        for each, reason in reasons.items()
        if reason
    ]
    own = {key: value for key, value in (tree.get("candidate") or {}).items() if key != "consent"}
    changed = replace(person, candidate={**person.candidate, **own, "id": person.id})
    known = KnownScenario(plan=plan, project=project, start=start, tree=tree, beside=beside, person=changed)
    return known, notes


def _stored(name: str, project: Project, start: Start, sequences: Sequence[str]) -> Person:
    async def work(here: Installation) -> Person:
        async with here.store.read() as tx:
            candidate = await candidate_of(tx, name, here.settings.pepper)
            found = await stored_person(tx, candidate, project, at=start.instant, sequences=sequences)
        return found.person

    return run(work)


def _shown(checked: CheckedSequence, calendar: Calendar, notes: Sequence[str], form: str) -> str:
    heading = Heading.of(checked)
    if form == "json":
        return json.dumps(calendar_json(calendar, heading, notes), indent=2, ensure_ascii=False)
    if form == "html":
        return calendar_page(calendar, heading, who=_who(calendar), notes=notes)
    return "\n".join(_page(heading, calendar, notes))


def _who(calendar: Calendar) -> str:
    # A terminal obeys control characters, and people write what they like into forms.
    return one_line(str(calendar.scenario.candidate.get("first_name") or "")) or "a made-up person"


def _page(heading: Heading, calendar: Calendar, notes: Sequence[str]) -> Iterator[str]:
    scenario = calendar.scenario
    yield f"{heading.title} ({heading.name} {heading.version[:12]}) for {_who(calendar)}"
    yield f"in the zone {scenario.start.zone.key}"
    yield from notes
    yield ""
    for line in calendar.lines:
        yield calendar_line(calendar, line)
    for place, message in calendar.wrong:
        yield f"when[{place}]: {message}"
    if calendar.ends is None:
        yield f"{'':31}still waiting at {calendar.waiting_at}"
    yield ""
    together = f" ({calendar.all_mails} with {_others(scenario)})" if scenario.beside else ""
    counts = f"mails: {len(calendar.mails)}{together}, actions: {len(calendar.actions)}"
    yield f"{counts}, ends: {calendar.ends or '(not yet)'}"


def _others(scenario: Scenario) -> str:
    return ", ".join(plan.sequence for plan in scenario.beside)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    click.echo(f"Written: {output}")
