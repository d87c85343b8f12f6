"""A mistake in project.yaml: what does not hang on it is checked all the same, and nothing is made up."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapport.dsl.loader import load_file
from rapport.dsl.problem import Problem
from rapport.dsl.schema import schema
from rapport.dsl.workspace import load_workspace
from rapport.usecases.checked_folder import checked_folder

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "sequences" / "good"
SECTIONS = sorted(schema("project")["properties"])
Project = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the good folder."""
    return Path(shutil.copytree(GOOD, tmp_path / "sequences"))


def misspelled(project: Project, section: str) -> Project:
    """The section is called something else."""
    return {f"{key}x" if key == section else key: value for key, value in project.items()}


def of_another_kind(project: Project, section: str) -> Project:
    """The section is a text."""
    return {**project, section: "nonsense"}


def with_a_strange_key(project: Project, section: str) -> Project:
    """Something in the section is not what it should be."""
    inside = project.get(section)
    return {**project, section: {**(inside if isinstance(inside, dict) else {}), "No Such Key": {"x": 1}}}


def checked(folder: Path, project: Project) -> list[Problem]:
    """The problems of the folder with this project.yaml."""
    (folder / "project.yaml").write_text(json.dumps(project), encoding="utf-8")
    return list(load_workspace(folder).problems)


@pytest.mark.parametrize("mistake", [misspelled, of_another_kind, with_a_strange_key])
def test_a_mistake_in_any_section_makes_up_no_other(folder: Path, mistake: Callable[[Project, str], Project]) -> None:
    """Of names that nobody can be sure of, none is called unknown."""
    project = load_file(GOOD / "project.yaml").tree
    with (folder / "mails" / "check-in.md").open("a", encoding="utf-8") as mail:
        mail.write("\n{{ candidate.custom.team or 'Ours' }}\n")

    for section in SECTIONS:
        wrong = mistake(project, section)
        files = {Path(problem.file).name for problem in checked(folder, wrong)}
        assert files == (set() if wrong == project else {"project.yaml"}), section


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("organization: {name: Acme, zone", "organization: {name: Acme, zome"),
        ("zone: Europe/Berlin", "zone: Europe/Berlni"),
        ("organization:", "organisation:"),
        ("pools:", "pool:"),
        ("anna-koch: {name", "anna-koch: {nmae"),
    ],
)
def test_names_of_the_other_sections_are_still_checked(folder: Path, written: str, wrong: str) -> None:
    """A marketer sees both mistakes at once, not one after the other."""
    for file, old, new in (("project.yaml", written, wrong), ("every-verb.yaml", "from: talent-team", "from: tallent")):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    workspace = checked_folder(folder)

    assert ["every-verb.yaml"] == [Path(each.file).name for each in workspace.problems if each.rule == "unknown-sender"]
    assert workspace.project is None


@pytest.mark.parametrize(
    ("wrong", "problem"), [("windows:", "window:"), ("nurture:", "Nurture:"), ("schema: 1", "schema: 1\nfoo: 3")]
)
def test_nobody_walks_where_the_project_has_a_mistake(tmp_path: Path, wrong: str, problem: str) -> None:
    """Walks would be other ones, and a comment that allows what they meet is no comment too many."""
    folder = Path(shutil.copytree(ROOT / "sequences", tmp_path / "sequences"))
    text = (folder / "project.yaml").read_text(encoding="utf-8")
    assert wrong in text
    (folder / "project.yaml").write_text(text.replace(wrong, problem, 1), encoding="utf-8")

    assert {"project.yaml"} == {Path(each.file).name for each in checked_folder(folder).problems}


@pytest.mark.parametrize("comment", ["", "# lint: allow score-never-read — a segment reads it"])
def test_a_rule_that_a_section_could_answer_is_not_asked(folder: Path, comment: str) -> None:
    """Nobody knows whether a segment reads the score: neither the score nor the comment is called needless."""
    steps = f"steps:\n  - {{id: more, score: {{add: 1}}}}   {comment}\n"
    for file in folder.glob("every-*.yaml"):
        file.unlink()
    head = "schema: 1\ntitle: A\nowner: anna-koch\npurpose: nurture\n"
    (folder / "scored.yaml").write_text(head + steps, encoding="utf-8")
    project = load_file(GOOD / "project.yaml").tree

    assert ["unknown-key"] == [problem.rule for problem in checked(folder, misspelled(project, "pools"))]


def test_what_the_project_switched_off_stays_off(folder: Path) -> None:
    """A mistake elsewhere does not bring back what a team has decided."""
    project = load_file(GOOD / "project.yaml").tree
    project["organization"].pop("postal_address")
    decided = {**project, "check": {"rules": {"no-postal-address": "off"}}, "foo": 3}

    assert ["unknown-key"] == [problem.rule for problem in checked(folder, decided)]
