"""Role files: read as strictly as sequences, and documented as they are."""

import json
import re
from pathlib import Path

import pytest

from rapport.crm.role import Role
from rapport.dsl.role import load_role
from rapport.dsl.schema import schema

PAGE = Path(__file__).parents[3] / "docs" / "match.md"


def test_the_example_of_the_page_is_a_role(tmp_path: Path) -> None:
    """Whoever copies it from docs/match.md can match with it, and every key has its line there."""
    page = PAGE.read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "role.yaml"
    file.write_text(example, encoding="utf-8")
    loaded, problems = load_role(file)
    expected = Role(
        title="Backend engineer",
        must=("go", "postgres"),
        nice=("kubernetes",),
        city="Berlin",
        country="DE",
        seniority="senior",
    )

    assert ((), expected) == (problems, Role.read(loaded.tree))
    assert set(schema("role")["properties"]) == set(re.findall(r"^\| `(\w+)` \| (?:yes|no) \|", page, re.MULTILINE))


def test_json_is_the_same_role(tmp_path: Path) -> None:
    """What a program writes is read by the same rules."""
    file = tmp_path / "role.json"
    file.write_text(json.dumps({"title": "R", "skills": {"must": ["c++", "go"], "nice": ["go"]}}), encoding="utf-8")
    loaded, problems = load_role(file)

    assert ((), Role(title="R", must=("c++", "go"))) == (problems, Role.read(loaded.tree))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: this role file is empty [empty-file]"),
        ("title: R\n", 'needs "skills" [missing-key]'),
        ("title: R\nskills: {}\n", "[bad-value]"),
        ("title: R\nskills: {must: go}\n", '2:16: "must" cannot be the text "go" [bad-value]'),
        ("title: R\nskills: {must: [go, go]}\n", "this list says something twice [bad-value]"),
        (
            "title: R\nskills: {must: [go]}\nlocation: {remote: so}\n",
            '3:20: "remote" cannot be the text "so" [bad-value]',
        ),
        ("title: R\nskils: {must: [go]}\n", '2:1: "skils" is not a key of a role — did you mean "skills"?'),
        ("title: R\ntitle: R\nskills: {must: [go]}\n", "[duplicate-key]"),
        ("title: R\n\tskills: {must: [go]}\n", "[tab]"),
    ],
)
def test_a_mistake_is_shown_at_its_place(tmp_path: Path, text: str, said: str) -> None:
    """As for a sequence: line, column, the word, the rule."""
    file = tmp_path / "role.yaml"
    file.write_text(text, encoding="utf-8")
    _, problems = load_role(file)

    assert problems
    assert any(said in f"{problem.line}:{problem.column}: {problem.message} [{problem.rule}]" for problem in problems)
