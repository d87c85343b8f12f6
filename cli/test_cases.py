"""The cases of a folder's test files, and what came of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rapport.dsl.compose import Route
from rapport.dsl.loader import Loaded
from rapport.dsl.outline import outline
from rapport.dsl.project import Project
from rapport.dsl.workspace import CheckedSequence, Workspace
from rapport.engine.agreement import timelines
from rapport.engine.expectations import Verdict, compare, judge
from rapport.engine.result import Result
from rapport.engine.side_by_side import Row
from rapport.errors import BadInput, RapportError

_TEST = ".test.yaml"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case of a test file, ready to be run."""

    file: Loaded
    number: int
    checked: CheckedSequence
    project: Project

    @property
    def tree(self) -> Mapping[str, Any]:
        """The case as it is written."""
        tree: Mapping[str, Any] = self.file.tree["cases"][self.number]
        return tree

    @property
    def sequence(self) -> str:
        """The sequence under test."""
        return self.checked.name

    @property
    def name(self) -> str:
        """What the case shows, as a sentence."""
        return str(self.tree["case"])

    @property
    def place(self) -> str:
        """Where it stands: `file:line:column`."""
        return place_in(self.file, ("cases", self.number))

    def place_of(self, scripted: int) -> str:
        """Where a line of its `when:` stands."""
        return place_in(self.file, ("cases", self.number, "when", scripted))

    def judge(self) -> "Judged":
        """Run it on a virtual clock and compare; BadInput when it cannot be walked, as in hours that never come."""
        try:
            return Judged(case=self, verdict=judge(self.checked.plan, self.project, self.file.tree, self.tree))
        except RapportError as error:
            raise BadInput(place=self.place, message=error.message, hint=error.hint) from error


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A case that was run; `real` is what came of it on Temporal, where it was run there as well."""

    case: Case
    verdict: Verdict
    real: Result | None = None

    def on_temporal(self, real: Result) -> "Judged":
        """The same case, judged by what came of it on Temporal."""
        rows = compare(self.case.tree, real, self.verdict.calendar.scenario.start)
        return replace(self, real=real, verdict=replace(self.verdict, rows=rows))

    @property
    def passed(self) -> bool:
        """Whether all holds, and on both engines if it was run on both."""
        return self.verdict.passed and self.agrees

    @property
    def agrees(self) -> bool:
        """Whether both engines came to the same."""
        return all(row.holds for row in self.timelines)

    @property
    def timelines(self) -> Sequence[Row]:
        """The simulated walk and the real one, line by line; empty where only one engine ran."""
        if self.real is None:
            return ()
        named = (self.case.tree.get("then") or {}).get("candidate") or {}
        return timelines(self.verdict.calendar.result, self.real, fields=named)


def find_cases(workspace: Workspace, path: Path, wanted: str) -> list[Case]:
    """The cases of a folder, or of one file, whose sequence or name contains `wanted`; in the order of the files."""
    if workspace.project is None:
        return []
    every = _cases(workspace, workspace.project, path)
    return [case for case in every if wanted in case.sequence or wanted in case.name]


def _cases(workspace: Workspace, project: Project, path: Path) -> Iterator[Case]:
    for stem, file in workspace.tests.items():
        name = file.tree["sequence"]
        if path.is_file() and path.name not in (f"{stem}{_TEST}", f"{name}.yaml"):
            continue
        if name not in workspace.sequences:
            see = f"See them with: rapport check {path.parent}."
            raise BadInput(place=file.file, message=f"{name} has mistakes.", hint=see)
        for number in range(len(file.tree["cases"])):
            yield Case(file=file, number=number, checked=workspace.sequences[name], project=project)


def routes_of_steps(checked: CheckedSequence) -> dict[str, Route]:
    """Where each step of a sequence stands in its tree."""
    return {placed.id: placed.route for placed in outline(checked.tree["steps"]) if placed.id}


def place_in(file: Loaded, route: Route) -> str:
    """`file:line:column` of a value."""
    span = file.value(route)
    return f"{file.file}:{span.line}:{span.column}"
