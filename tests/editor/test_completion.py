"""What a marketer sees while typing: driven through the language server that editors use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.dsl.build import VERBS
from rapport.dsl.events import KINDS
from tests.editor.language_server import Editor, editor

ROOT = Path(__file__).parents[2]
HEAD = "schema: 1\ntitle: Welcome\nowner: anna-koch\npurpose: nurture\n"
STEPS = f"{HEAD}steps:\n"


@pytest.fixture(scope="module")
def typing() -> Iterator[Editor]:
    """An editor on a folder with this project's schemas and its editor settings."""
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    with editor(ROOT, settings) as opened:
        yield opened


def labels(offered: list[dict[str, object]]) -> set[object]:
    """The words of a list of completions, without its snippets."""
    return {one["label"] for one in offered if " " not in str(one["label"])}


def test_after_an_id_the_verbs_are_offered_and_nothing_else(typing: Editor) -> None:
    """Whoever has named a step chooses from the fourteen things that a step can do."""
    assert set(VERBS) == labels(typing.complete(f"{STEPS}  - id: a\n    |"))


def test_after_a_verb_only_its_own_options_are_offered(typing: Editor) -> None:
    """A step that sends can have a sender and hours, and no second verb."""
    offered = typing.complete(f"{STEPS}  - id: a\n    send: welcome\n    |")

    assert {"renamed", "from", "send_between", "reply_to_previous", "not_after", "if_fails"} == labels(offered)


def test_whole_steps_can_be_inserted(typing: Editor) -> None:
    """A step that waits and branches can be put in at once and filled in from field to field."""
    offered = {one["label"]: str(one["insertText"]) for one in typing.complete(f"{STEPS}  - |")}

    snippet = offered["wait for a click, then branch"]
    assert [snippet.index(key) for key in ("id:", "wait_for:", "within:", "then:", "else:")] == sorted(
        snippet.index(key) for key in ("id:", "wait_for:", "within:", "then:", "else:")
    )
    assert "${1:interested}" in snippet


def test_every_event_is_offered_where_one_is_awaited(typing: Editor) -> None:
    """All that can happen to a candidate is in the list."""
    offered = typing.complete(f"{HEAD}exit:\n  - |")

    assert set(KINDS) == labels(offered)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{STEPS}  - id: a\n    wait: |", {"7 days", "36 hours", "5 business days", "2 weeks"}),
        (f"{STEPS}  - id: a\n    wait_until: {{day: event.starts_at, if_late: |}}", {"skip", "go_on", "stop"}),
        (f"{STEPS}  - id: a\n    ats:\n      read: |", {"application", "candidate"}),
    ],
    ids=["length", "if_late", "ats"],
)
def test_values_are_offered(typing: Editor, text: str, expected: set[str]) -> None:
    """Where only some words are possible, the editor lists them."""
    assert expected == {one["label"] for one in typing.complete(text)}


def test_a_bad_length_of_time_is_explained_in_words(typing: Editor) -> None:
    """The editor says how to write a length of time, and shows no pattern."""
    (problem,) = typing.problems(f"{STEPS}  - id: a\n    wait: 7d\n")

    assert "write a number and a unit, like `7 days`, `36 hours` or `5 business days`" == problem["message"]
    assert (6, 10) == (problem["range"]["start"]["line"], problem["range"]["start"]["character"])


def test_a_missing_time_limit_is_pointed_at_its_step(typing: Editor) -> None:
    """A wait without an end is underlined while it is typed."""
    (problem,) = typing.problems(f"{STEPS}  - id: a\n    wait_for: {{clicked: any}}\n")

    assert "within" in problem["message"]
    assert 5 == problem["range"]["start"]["line"]


def test_a_misspelled_verb_is_underlined(typing: Editor) -> None:
    """A word that is no verb is marked where it stands."""
    found = typing.problems(f"{STEPS}  - id: a\n    sned: welcome\n")

    assert [6] == [one["range"]["start"]["line"] for one in found if "write a step" in one["message"]]


def test_a_verb_explains_itself(typing: Editor) -> None:
    """Pointing at a verb tells what it does."""
    told = typing.hover(f"{STEPS}  - id: a\n    wa|it: 7 days\n")

    assert "Pauses for a length of time." in told


@pytest.mark.parametrize("path", sorted((ROOT / "sequences").glob("*.yaml")), ids=lambda path: path.name)
def test_the_editor_has_nothing_against_a_shipped_file(typing: Editor, path: Path) -> None:
    """What `rapport check` accepts is not underlined by the editor."""
    text = path.read_text(encoding="utf-8").partition("\n")[2]

    assert [] == typing.problems(text, name=path.name)


def test_each_file_gets_the_schema_of_its_kind(typing: Editor) -> None:
    """A test file completes as a test, the project file as a project."""
    assert "starts" in labels(typing.complete("sequence: welcome\n|", name="welcome.test.yaml"))
    assert "contact_policy" in labels(typing.complete("schema: 1\n|", name="project.yaml"))
