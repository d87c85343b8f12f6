"""What files and flags say about a made-up person and about what happens to them, read as test files are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click

from rapport.clock import SystemClock
from rapport.dsl.checks import check
from rapport.dsl.compose import Place, Route
from rapport.dsl.loader import Loaded, load_file, load_text
from rapport.dsl.problem import Problem, Source, Span, as_text
from rapport.dsl.project import Project
from rapport.dsl.subject import Subject
from rapport.dsl.workspace import CheckedSequence, Workspace
from rapport.engine.script import Start
from rapport.errors import BadInput

# A candidate file may hold a whole scenario, or only the candidate's fields.
_SCENARIO_KEYS = frozenset(
    {"starts", "candidate", "event", "application", "mocks", "variants", "when", "policy", "case", "then"}
)
_OF_CASE = ("case", "when", "then")
# What `--set` may say something about, and the fields of it that are lists.
_SETTABLE = ("candidate", "event", "application")
_LISTS = ("tags", "pools", "skills", "consent")
# The checks of a test file ask for a start; what a file does not say is not in question.
_SOME_START = "2026-01-01 10:00 UTC"


class CandidateFile(click.Path):
    """The type of `--candidate`: a file about somebody made up; whoever is stored has an option of their own."""

    def __init__(self) -> None:
        """Take a file that is there."""
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Say what was probably meant where an address or an id stands in place of a file."""
        if not Path(value).exists():
            self.fail(f"there is no file {value!r}; a person who is stored is named by --person", param, ctx)
        return super().convert(value, param, ctx)


def read_scenario(
    workspace: Workspace, checked: CheckedSequence, *, file: Path | None, events: Path | None, sets: Sequence[str]
) -> dict[str, Any]:
    """The keys of a test case, as `file`, then `sets` (`candidate.country=DE`), then `events` say them.

    Every mistake is shown with its place; BadInput then. `file` may hold only the candidate's fields, `events` only
    the list below `when:`.
    """
    tree: dict[str, Any] = {}
    for loaded in _pieces(file, events, sets):
        found = _checked(workspace, checked, loaded)
        for key, value in found.items():
            tree[key] = {**(tree.get(key) or {}), **value} if key in _SETTABLE else value
    return tree


def start_of(text: str | None, project: Project) -> Start:
    """When a calendar begins; without a word about it today at 10:00, where the company is."""
    if text is None:
        zone = ZoneInfo(project.organization.zone)
        return Start(day=SystemClock().now().astimezone(zone).date(), at="10:00", zone=zone)
    try:
        return Start.parse(text)
    except (ValueError, KeyError) as wrong:
        raise BadInput(place="starts", message=str(wrong), hint="The zone is an IANA name.") from wrong


def _pieces(file: Path | None, events: Path | None, sets: Sequence[str]) -> Iterator[Loaded]:
    if file is not None:
        loaded = _read(file)
        if not isinstance(loaded.tree, Mapping):
            raise BadInput(place=str(file), message="expected fields, one a line.", hint='Write "first_name: Ana".')
        yield loaded if _SCENARIO_KEYS & loaded.tree.keys() else _below(loaded, "candidate")
    for text in sets:
        yield _set(text)
    if events is not None:
        loaded = _read(events)
        is_list = isinstance(loaded.tree, list)
        if not is_list and not (isinstance(loaded.tree, Mapping) and "when" in loaded.tree):
            hint = "Write lines like `- day 3: {clicked: welcome}`."
            raise BadInput(place=str(events), message="expected what happens, one event a line.", hint=hint)
        loaded = _below(loaded, "when") if is_list else loaded
        yield replace(loaded, tree={"when": loaded.tree["when"]})


def _read(file: Path) -> Loaded:
    loaded = load_file(file)
    _refuse(str(file), loaded.problems)
    return loaded


def _below(loaded: Loaded, key: str) -> Loaded:
    places = {(key, *route): place for route, place in loaded.places.items()}
    return replace(loaded, tree={key: loaded.tree}, places=places)


def _set(text: str) -> Loaded:
    """`candidate.country=DE` as a file of one line; lists may be written with commas."""
    path, equals, said = text.partition("=")
    root, *names = path.strip().split(".")
    if not equals or root not in _SETTABLE or not names or not all(names):
        raise BadInput(place=f"--set {text}", message="this sets no field.", hint="Write candidate.country=DE.")
    loaded = load_text(said.strip(), f"--set {path.strip()}")
    _refuse(f"--set {text}", loaded.problems)
    value = loaded.tree
    if names[-1] in _LISTS and not isinstance(value, list):
        value = [part.strip() for part in said.split(",") if part.strip()]
    for name in reversed([root, *names]):
        value = {name: value}
    source = Source.of("--set", text)
    place = Place(value=Span(1, len(path) + 2, max(len(said), 1)), key=Span(1, 1, len(path)))
    routes: list[Route] = [tuple([root, *names][: depth + 1]) for depth in range(len(names) + 1)]
    return Loaded(source=source, tree=value, places=dict.fromkeys(routes, place))


def _checked(workspace: Workspace, checked: CheckedSequence, loaded: Loaded) -> dict[str, Any]:
    """What a piece says, once the rules of test files have nothing against it."""
    said = dict(loaded.tree)
    _check_candidate(loaded.file, said.get("candidate") or {})
    case = {"case": "given", "then": {"ends": "end"}, **{key: said[key] for key in _OF_CASE if key in said}}
    rest = {key: value for key, value in said.items() if key not in _OF_CASE}
    tree = {"sequence": checked.name, "starts": _SOME_START, **rest, "cases": [case]}
    places = {_in_test(route): place for route, place in loaded.places.items()}
    tested = Subject(name=checked.name, loaded=checked.loaded, project=workspace.project, mails=workspace.texts)
    as_test = replace(loaded, tree=tree, places=places)
    subject = Subject(
        name="given",
        loaded=as_test,
        project=workspace.project,
        mails=workspace.texts,
        sequences=dict.fromkeys(workspace.sequences, tested),
    )
    _refuse(loaded.file, [problem for problem in check(subject, "test") if problem.severity == "error"])
    return {key: value for key, value in said.items() if key not in ("case", "then", "sequence")}


def _in_test(route: Route) -> Route:
    return ("cases", 0, *route) if route[:1] and route[0] in _OF_CASE else route


def _check_candidate(file: str, candidate: Any) -> None:
    """Refuse what would make the calendar a lie, which a test file may hold and nobody would look at."""
    if not isinstance(candidate, Mapping):
        return
    if candidate.get("timezone") not in (None, *available_timezones()):
        zone = candidate["timezone"]
        raise BadInput(place=file, message=f"there is no time zone {zone!r}.", hint="Write one like Europe/Berlin.")
    if not isinstance(candidate.get("score", 0), int):
        raise BadInput(place=file, message="score is not a whole number.", hint="Write one like 40.")


def _refuse(place: str, problems: Sequence[Problem]) -> None:
    if problems:
        click.echo(as_text(problems))
        raise BadInput(place=place, message="this cannot be simulated.", hint="Mend the lines above.")
