"""Typical slips of a marketer: each is one edit of the same right sequence, with exactly what the check then says.

The files in tests/sequences/messages are read from top to bottom: a title, the lines as in a diff, the answer. What
cannot be seen is written as `<TAB>`. `REWRITE_EXPECTED=1` writes the answers anew; read the difference before you
commit it.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rapport.dsl.checks import check
from rapport.dsl.loader import load_bytes
from rapport.dsl.problem import Problem, as_text
from rapport.dsl.subject import Subject
from rapport.usecases.checked_folder import checked_folder
from rapport.usecases.walk_rules import WALK_RULES

HERE = Path(__file__).parents[2] / "sequences" / "messages"
BASE = (HERE / "base.yaml").read_text(encoding="utf-8")
WORKSPACE = checked_folder(HERE)
REWRITE = os.environ.get("REWRITE_EXPECTED") == "1"
UNSEEN = {"<TAB>": "\t", "<NBSP>": "\xa0", "<BOM>": "\ufeff", "<CR>": "\r", "<NUL>": "\0", "<ZWSP>": "\u200b"}
FILE = "welcome.yaml"


@dataclass(frozen=True)
class Slip:
    """One slip: its title, the edit as lines of a diff, and what the check says about it."""

    title: str
    edit: str
    answer: str

    @property
    def written(self) -> str:
        """The sequence after the slip."""
        lines = self.edit.split("\n")
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        assert BASE.count(f"\n{before}\n") + BASE.startswith(f"{before}\n") == 1, f"where is this?\n{before}"
        text = f"\n{BASE}".replace(f"\n{before}\n", f"\n{after}\n" if after else "\n", 1)[1:]
        for name, character in UNSEEN.items():
            text = text.replace(name, character)
        return text


def slips(path: Path) -> Iterator[Slip]:
    """The slips of a file."""
    for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        edit, _, answer = rest.partition("\n\n")
        yield Slip(title, edit.strip("\n"), answer.strip("\n"))


def problems_of(text: str) -> tuple[Problem, ...]:
    """What the check has against a sequence of this folder."""
    loaded = load_bytes(text.encode(), FILE)
    subject = Subject(name="welcome", loaded=loaded, project=WORKSPACE.project, mails=WORKSPACE.texts)
    return check(subject, "sequence", WALK_RULES)


def said_about(slip: Slip) -> str:
    """What `rapport check` answers."""
    return as_text(problems_of(slip.written)).strip("\n") or "nothing"


def rewrite(path: Path) -> None:
    """Write down what the check says today."""
    parts = [f"== {slip.title}\n{slip.edit}\n\n{said_about(slip)}\n" for slip in slips(path)]
    path.write_text("\n".join(parts), encoding="utf-8")


FILES = sorted(HERE.glob("*.txt"))
for file in FILES if REWRITE else ():
    rewrite(file)
SLIPS = [pytest.param(slip, id=f"{path.stem}: {slip.title}") for path in FILES for slip in slips(path)]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_where_it_is_with_what_to_do(slip: Slip) -> None:
    """The first message is the slip itself, at its place, and what to do; nothing follows that it has caused."""
    assert slip.answer == said_about(slip)


def test_the_sequence_itself_is_right() -> None:
    """Whatever is said about an edit is said about the edit."""
    assert () == WORKSPACE.problems
    assert () == problems_of(BASE)


def test_every_slip_has_a_title_of_its_own() -> None:
    """So that a failure names one place."""
    titles = [param.id for param in SLIPS]

    assert len(titles) == len(set(titles))
    assert len(titles) > 60


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_how_an_editor_saves_a_file_moves_no_message(line_break: str, mark: str) -> None:
    """From Windows, from an old Mac or with a mark at its beginning: the same file, the same places."""
    wrong = BASE.replace("send: welcome", "sned: welcome")
    [expected] = problems_of(wrong)

    assert () == problems_of(mark + BASE.replace("\n", line_break))
    [problem] = problems_of(mark + wrong.replace("\n", line_break))
    assert expected == problem


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("latin-1", "welcome.yaml:2:10: byte 0xfc is not UTF-8 text [bad-encoding]"),
        ("utf-16", "welcome.yaml:1:1: byte 0xff is not UTF-8 text [bad-encoding]"),
    ],
)
def test_a_file_in_another_encoding_is_told_to_be_saved_anew(encoding: str, said: str) -> None:
    """An old editor writes its own letters; the message names the first of them."""
    written = BASE.replace("Welcome", "Grüße").encode(encoding).replace(b"\xdf", b"ss")

    [problem] = load_bytes(written, FILE).problems

    assert said in as_text([problem])
    assert problem.help.startswith("save the file as UTF-8")
