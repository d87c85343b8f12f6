"""Every rule has a line in the rulebook and a page, and what the page shows is so."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rapport.dsl.loader import MAX_BYTES
from rapport.dsl.problem import Problem
from rapport.dsl.rules import rulebook
from rapport.dsl.rules.rulebook import RULEBOOK, Rule, severity_of
from rapport.usecases.checked_folder import checked_folder
from tests.rule_pages import PAGES, RulePage, read_page

ROOT = PAGES.parents[1]
SHIPPED = ROOT / "sequences"
BAD = ROOT / "tests" / "sequences" / "bad"
# Words with hyphens in the language that are no rules.
_OTHER_WORDS = {"formats", "layout"}
_NO_RULES = {"in-process", "owner-recruiter", "utf-8", "x-noun", "x-rule", "x-verb"}


def page_of(name: str) -> RulePage:
    """The page of a rule."""
    return read_page(PAGES / f"{name}.md", (SHIPPED / "project.yaml").read_text(encoding="utf-8"))


def problems_of(files: Mapping[str, str], folder: Path) -> tuple[Problem, ...]:
    """What the check says when these files stand among the shipped project and mails."""
    shutil.copytree(SHIPPED / "mails", folder / "mails")
    shutil.copy(SHIPPED / "project.yaml", folder)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return checked_folder(folder).problems


def _many_problems(folder: Path) -> None:
    rows = "".join(f"- {{id: same, wait: {number} days}}\n" for number in range(1, 200))
    (folder / "example.yaml").write_text(f"schema: 1\nsteps:\n{rows}", encoding="utf-8")


def _link(folder: Path) -> None:
    (folder / "mails").mkdir()
    (folder / "mails" / "welcome.md").symlink_to(SHIPPED / "mails" / "welcome.md")


def _link_outside(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "example.yaml").symlink_to(BAD / "project.yaml")


def _many_paths(folder: Path) -> None:
    shutil.copytree(BAD / "mails", folder / "mails")
    for name in ("project.yaml", "many-paths.yaml"):
        shutil.copy(BAD / name, folder)


def _long_mail(folder: Path) -> None:
    (folder / "mails").mkdir()
    shutil.copy(BAD / "mails" / "long.md", folder / "mails")


# What no text can show is built.
BUILT: Mapping[str, Callable[[Path], object]] = {
    "bad-encoding": lambda folder: (folder / "example.yaml").write_bytes(b"title: Gr\xfc\xdfe\n"),
    "bad-name": lambda folder: (folder / "Example.yaml").write_text("schema: 1\n", encoding="utf-8"),
    "clipped-mail": _long_mail,
    "empty-file": lambda folder: (folder / "example.yaml").write_text("", encoding="utf-8"),
    "link-outside": _link_outside,
    "mail-symlink": _link,
    "many-paths": _many_paths,
    "many-problems": _many_problems,
    "no-project": lambda folder: folder,
    "too-large": lambda folder: (folder / "example.yaml").write_text("#" * (MAX_BYTES + 1), encoding="utf-8"),
}


@pytest.mark.parametrize("rule", RULEBOOK.values(), ids=lambda rule: rule.name)
def test_a_page_begins_with_the_rulebooks_sentence(rule: Rule) -> None:
    """What an editor says about a rule is what its page says."""
    kind = "Warning" if rule.severity == "warning" else "Error" if rule.fixed else "Error in judgment"

    page = page_of(rule.name)

    assert (rule.name, rule.sentence, kind) == (page.name, page.sentence, page.kind)


@pytest.mark.parametrize("name", sorted(set(RULEBOOK) - set(BUILT)))
def test_the_wrong_example_is_wrong_and_the_right_one_is_right(name: str, tmp_path: Path) -> None:
    """Who copies the right example has none of the problem, and no error at all."""
    page = page_of(name)

    wrong = problems_of(page.wrong, tmp_path / "wrong")
    right = problems_of(page.right, tmp_path / "right")

    assert name in {problem.rule for problem in wrong}
    assert [] == [problem for problem in right if problem.rule == name or problem.severity == "error"]
    assert page.right


@pytest.mark.parametrize("name", sorted(BUILT))
def test_what_no_text_can_show_is_found(name: str, tmp_path: Path) -> None:
    """A page that tells of a file in words tells of one that the check finds."""
    BUILT[name](tmp_path)

    assert name in {problem.rule for problem in checked_folder(tmp_path).problems}
    assert name == page_of(name).name


def test_the_shipped_sequences_have_no_problem() -> None:
    """What we ship as an example follows its own advice, or says why not."""
    assert () == checked_folder(SHIPPED).problems


def test_every_page_is_about_a_rule() -> None:
    """A rule that went takes its page with it."""
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}

    assert set(RULEBOOK) == pages


def test_the_list_of_rules_is_complete() -> None:
    """The index names every rule with its sentence, in the order of the alphabet, block by block."""
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\) \| (.+) \|$", index, re.MULTILINE)

    assert [(rule.name, rule.sentence) for rule in RULEBOOK.values()] == rows
    assert list(RULEBOOK) == sorted(RULEBOOK, key=lambda name: (_block(RULEBOOK[name]), name))


def _block(rule: Rule) -> int:
    return 0 if rule.fixed else 1 if rule.severity == "error" else 2


def test_a_rule_is_in_one_block_of_the_rulebook() -> None:
    """Nobody has to ask which of two lines counts."""
    assert len(rulebook._FIXED) + len(rulebook._JUDGED) + len(rulebook._WARNINGS) == len(RULEBOOK)


def test_no_problem_has_a_name_that_is_not_in_the_rulebook() -> None:
    """Every name in brackets can be looked up."""
    language = (path for path in (ROOT / "rapport" / "dsl").rglob("*.py") if path.parent.name not in _OTHER_WORDS)
    code = [path.read_text(encoding="utf-8") for path in language]
    schemas = [path.read_text(encoding="utf-8") for path in (ROOT / "schemas").glob("*.json")]
    named = {name for text in code for name in re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', text)}
    named |= {name for text in schemas for name in re.findall(r'"x-rule": "([^"]+)"', text)}
    folders = (BAD, *(BAD / "projects").iterdir())
    found = {problem.rule for folder in folders for problem in checked_folder(folder).problems}

    assert set() == named - set(RULEBOOK) - _NO_RULES
    assert set() == found - set(RULEBOOK)
    assert len(found) > 50


def test_a_name_that_is_not_in_the_rulebook_is_taken_for_an_error() -> None:
    """A slip of a programmer never lets a file through."""
    assert "error" == severity_of("no-such-rule")
