"""What is there is in the documents, and what they point to is there."""

import re
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import pytest

from rapport.dsl.workspace import load_workspace
from rapport.settings import SETTINGS

_LONGEST_README = 25
_OTHER_FOLDERS = ("bench", "schemas", "sequences", "tests")


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    """The README."""
    return (root / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_readme(readme: str) -> None:
    """Ops find every variable in one table, with its default."""
    rows = [f"| `{setting.name}` | `{'' if setting.secret else setting.default}` |" for setting in SETTINGS]
    rows = [row.replace("| `` |", "| |") for row in rows]

    assert [row for row in rows if row not in readme] == []


def test_the_readme_names_no_setting_that_is_not_there(readme: str) -> None:
    """A setting that was renamed is renamed in the README."""
    named = set(re.findall(r"\| `(RAPPORT_[A-Z_]+)`", readme))

    assert named == {setting.name for setting in SETTINGS}


def test_every_make_target_is_in_the_documents(root: Path, readme: str) -> None:
    """`make help` holds no surprise for those who read."""
    targets = re.findall(r"^([a-z-]+):.*## ", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    documents = readme + (root / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert [name for name in targets if f"`make {name}`" not in documents] == []


def test_every_make_target_is_in_the_help(root: Path) -> None:
    """A target without a `##` line would be known to its author only."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert set(phony.split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_every_code_folder_says_what_belongs_there(root: Path, code_folders: Sequence[Path]) -> None:
    """Each folder has a README: here, never here, and where to change what."""
    inner = [path.parent for path in (root / "rapport").glob("*/__init__.py")]
    folders = [*code_folders, *inner, *(root / name for name in _OTHER_FOLDERS)]

    silent = sorted(str(folder.relative_to(root)) for folder in folders if not _speaks(folder / "README.md"))

    assert silent == []


def _speaks(path: Path) -> bool:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = ("**Here.**", "**Never here.**", "**To change")
    # A number is worth what is said about it, so bench may explain each of its rows.
    is_short = path.parent.name == "bench" or len(text.splitlines()) <= _LONGEST_README
    return all(part in text for part in parts) and is_short


def test_links_between_documents_lead_somewhere(root: Path, committed_files: Sequence[Path]) -> None:
    """No document points to a file that was moved."""
    dead = []
    for path in committed_files:
        if path.suffix == ".md" and "mails" not in path.relative_to(root).parts:
            prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
            links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", prose)
            dead += [f"{path.relative_to(root)}: {link}" for link in links if not (path.parent / link).exists()]

    assert dead == []


def test_paths_in_the_map_are_there(root: Path) -> None:
    """ARCHITECTURE.md and CONTRIBUTING.md send nobody to a file that is gone."""
    named = set()
    for document in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        named |= set(re.findall(r"`([a-z]+/[\w/.-]+)`", (root / document).read_text(encoding="utf-8")))

    assert sorted(name for name in named if not (root / name).exists()) == []


def test_decisions_have_one_shape(root: Path) -> None:
    """A decision is read in a minute: context, decision, consequences, at most a page."""
    odd = []
    for path in sorted((root / "docs" / "decisions").glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        if headings != ["Context", "Decision", "Consequences"] or len(text.splitlines()) > 60:
            odd.append(path.name)

    assert odd == []


def test_the_first_sequence_of_the_readme_is_right(root: Path, readme: str, tmp_path: Path) -> None:
    """Who copies the README's sequence into sequences/ has a sequence without a mistake."""
    [block] = re.findall(r"<!-- tested: sequence -->\n```yaml\n(.*?)```", readme, re.DOTALL)
    folder = copytree(root / "sequences", tmp_path / "sequences")
    (folder / "engineering-hello.yaml").write_text(block, encoding="utf-8")

    problems = load_workspace(folder).problems

    assert [problem for problem in problems if problem.severity == "error"] == []
