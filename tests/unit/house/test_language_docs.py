"""What the language reference shows is so: every example is checked and run, and every table tells the truth."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

import pytest

from cli.calendar_line import calendar_line
from cli.test_cases import Judged, find_cases
from cli.test_report import report
from rapport.dsl.build import read_start
from rapport.dsl.conditions import read_condition
from rapport.dsl.duration import Duration, Unit
from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.order import kind_of
from rapport.dsl.loader import load_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.engine.admission import Before, refusal
from rapport.engine.calendar import add
from rapport.engine.evaluate import holds
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start
from rapport.engine.situation import Situation
from rapport.usecases.checked_folder import checked_folder
from tests.language_pages import (
    PAGES,
    Example,
    below_steps,
    code_in,
    frame_of,
    pages_of_the_language,
    read_examples,
    read_sections,
    section_of,
    words_of,
)

SHIPPED = PAGES.parents[1] / "sequences"
START = "2026-03-02 10:00 Europe/Berlin"
EVENT = "{id: fair-7, type: job-fair, starts_at: 2026-03-12 10:00, ends_at: 2026-03-12 17:00}"
OTHER_SEQUENCE = re.compile(r"(?:enroll|sequence|sequence_ended): ([a-z-]+)")


def _examples() -> Iterator[Example]:
    frame, project = frame_of(PAGES / "README.md"), (SHIPPED / "project.yaml").read_text(encoding="utf-8")
    for name in pages_of_the_language():
        yield from read_examples(PAGES / name, frame, project)


EXAMPLES = list(_examples())
EVENT_ROWS = [
    word
    for row in section_of("events.md", "In a sequence").tables()[0][1:]
    for cell in row[1:3]
    for word in code_in(cell)
]
TEST_ROWS = words_of(section_of("events.md", "Only in tests"), 1)


def folder_of(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder of sequences in which an example stands, with what it names of the shipped one."""
    shutil.copytree(SHIPPED / "mails", folder / "mails")
    shutil.copy(SHIPPED / "project.yaml", folder)
    for name in OTHER_SEQUENCE.findall("".join(files.values())):
        if (SHIPPED / f"{name}.yaml").exists():
            shutil.copy(SHIPPED / f"{name}.yaml", folder)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def simulated(workspace: Workspace) -> Calendar:
    """The walk of somebody to whom nothing happens, about an event and an application."""
    assert workspace.project is not None
    tree = {"event": load_text(EVENT, "").tree, "application": {"id": "a-1", "status": "rejected"}}
    plan = workspace.sequences["example"].plan
    return Scenario(plan=plan, project=workspace.project, start=Start.parse(START), tree=tree).run()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_has_no_problem(example: Example, tmp_path: Path) -> None:
    """Who copies an example into a file gets neither an error nor a warning."""
    folder = folder_of(tmp_path / "sequences", example.files)

    assert "" == "\n".join(f"{problem.file}: {problem.message}" for problem in checked_folder(folder).problems)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_what_a_page_says_happens_does_happen(example: Example, tmp_path: Path) -> None:
    """The test below an example holds, and one without a test walks to its end."""
    workspace = load_workspace(folder_of(tmp_path / "sequences", example.files))

    judged = _judged(workspace)

    assert "" == "\n".join(line for one in judged if not one.passed for line in report(one))
    assert bool(judged) is ("example.test.yaml" in example.files)
    assert simulated(workspace).ends is not None


@pytest.mark.parametrize("page", pages_of_the_language())
def test_an_example_is_in_the_layout(page: str) -> None:
    """Whoever copies an example has nothing to lay out: `rapport fmt` would not change it."""
    blocks = [block for section in read_sections(PAGES / page) for block in section.blocks]

    for block in (block for block in blocks if block.info.startswith("yaml")):
        text = below_steps(block) if block.info == "yaml steps" else block.text
        file = {"yaml test": "example.test.yaml", "yaml project": "project.yaml"}.get(block.info, "example.yaml")
        assert text == lay_out(text.encode(), file, kind_of(PurePath(file))).text


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.calendar], ids=lambda one: one.name)
def test_a_calendar_is_the_one_that_comes_out(example: Example, tmp_path: Path) -> None:
    """What is printed below an example is what `rapport simulate` prints."""
    calendar = simulated(load_workspace(folder_of(tmp_path / "sequences", example.files)))

    assert (example.calendar or "").splitlines() == [calendar_line(calendar, line) for line in calendar.lines]


@pytest.mark.parametrize("event", EVENT_ROWS)
def test_an_event_is_heard_as_it_is_written(event: str, tmp_path: Path) -> None:
    """Each event of the table passes the check, and a walk that waits for it hears it."""
    folder = folder_of(tmp_path / "sequences", _waiting_for(event))

    workspace = load_workspace(folder)

    assert not workspace.has_errors, [problem.message for problem in workspace.problems]
    assert "" == "\n".join(line for one in _judged(workspace) if not one.passed for line in report(one))


def _waiting_for(event: str) -> Mapping[str, str]:
    """A sequence that waits for an event, and a test in which it happens and leads to the tag `heard`."""
    [kind] = load_text(event, "").tree
    happens = event.replace("[onsite, final]", "onsite").replace("[job-fair, meetup]", "job-fair")
    # A score is reached by a step, and a hire is heard by every walk, which ends there.
    up = "  - {id: up, score: {add: 40}}\n" if kind == "score_reached" else ""
    when = "" if up else f"    when: [{{day 1: {happens}}}]\n"
    then = {"hired": "{ends: hired}", "tagged": "{candidate: {tags: [vip, heard]}}"}
    sequence = (
        "schema: 1\ntitle: Example\nowner: anna-koch\npurpose: nurture\ndefaults: {from: talent-team}\nsteps:\n"
        f"  - {{id: welcome, send: welcome}}\n{up}"
        f"  - id: awaited\n    wait_for: {event}\n    within: 7 days\n"
        "    then: [{id: heard, tag: {add: heard}}]\n"
    )
    test = (
        f"sequence: example\nstarts: {START}\nevent: {EVENT}\n"
        f"candidate: {{consent: [nurture, tracking], pools: {'[engineering]' if 'removed' in kind else '[]'}}}\n"
        f"cases:\n  - case: it happens\n{when}    then: {then.get(kind, '{candidate: {tags: [heard]}}')}\n"
    )
    return {"example.yaml": sequence, "example.test.yaml": test}


def _judged(workspace: Workspace) -> Sequence[Judged]:
    return [case.judge() for case in find_cases(workspace, workspace.root, "")]


@pytest.mark.parametrize("event", TEST_ROWS)
def test_an_event_of_tests_can_be_written_so(event: str, tmp_path: Path) -> None:
    """Each event that only tests know is read by a test file as the table writes it."""
    test = (
        f"sequence: example\nstarts: {START}\nevent: {EVENT}\n"
        f"cases:\n  - case: it happens\n    when: [{{day 1: {event}}}]\n    then: {{mails: [{{day 0: welcome}}]}}\n"
    )
    files = {"example.yaml": frame_of(PAGES / "README.md"), "example.test.yaml": test}

    workspace = load_workspace(folder_of(tmp_path / "sequences", files))

    assert not workspace.has_errors, [problem.message for problem in workspace.problems]
    assert [True] == [judged.passed for judged in _judged(workspace)]


@pytest.mark.parametrize("heading", ["Tests of a field", "Groups", "What is not known"])
def test_a_condition_holds_for_whom_the_table_says(heading: str) -> None:
    """Each row of the tables of conditions tells the truth about both people."""
    project = _shipped_project()
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    wrong = []
    for row in section_of("conditions.md", heading).tables()[0][1:]:
        condition = read_condition(load_text(row[1].strip("`"), "").tree)
        for cell, expected in ((row[2], True), (row[3], False)):
            person = load_text(cell.strip("`"), "").tree
            seen = Situation(at=at, purpose="nurture", enrolled_at=at, candidate=person, consents={})
            wrong += [row] if holds(condition, seen, project) is not expected else []

    assert [] == wrong


def test_people_may_enter_again_when_the_table_says() -> None:
    """Each row of the table is what the entrance answers; only walks for the same key count."""
    project = _shipped_project()
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    seen = Situation(at=at, purpose="nurture", enrolled_at=at, candidate={}, consents={"nurture": None})
    answers = []
    for written, entered, _ in section_of("start.md", "How often").tables()[0][1:]:
        [days] = re.findall(r"(\d+) days? ago", entered)
        began = add(at, Duration(-int(days), Unit.DAY), ZoneInfo("Europe/Berlin"), "DE")
        before = [Before(began=began, running=False)] if "another" not in entered else []
        start = read_start(load_text(written.strip("`"), "").tree)
        answers.append("no" if refusal(start, seen, project, before) else "yes")

    assert [row[2] for row in section_of("start.md", "How often").tables()[0][1:]] == answers


def _shipped_project() -> Project:
    return Project.read(load_text((SHIPPED / "project.yaml").read_text(encoding="utf-8"), "").tree)


def test_lengths_of_time_end_when_the_table_says() -> None:
    """Each row of the table of waits is what the engine makes of it."""
    berlin = ZoneInfo("Europe/Berlin")
    rows = section_of("durations.md", "Durations").tables()[1][1:]

    ends = [add(_local(row[0], berlin), Duration.parse(row[1].strip("`")), berlin, "DE") for row in rows]

    assert [row[2] for row in rows] == [f"{end.astimezone(berlin):%Y-%m-%d %H:%M}" for end in ends]


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)
