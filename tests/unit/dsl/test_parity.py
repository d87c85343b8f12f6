"""The schemas and the code know the same words: what an editor offers is what a walk understands."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from rapport.dsl.build import VERBS
from rapport.dsl.catalogue import FIELDS
from rapport.dsl.conditions import GROUPS, OPERATORS
from rapport.dsl.duration import Unit
from rapport.dsl.events import EVENT_EVENTS, KINDS, MAIL_EVENTS, WORD_EVENTS
from rapport.dsl.loader import load_file
from rapport.dsl.model import Then
from rapport.dsl.project import WEEKDAYS
from rapport.dsl.schema import KINDS as SCHEMAS
from rapport.dsl.schema import schema, schema_problems, schema_text

SEQUENCES = Path(__file__).parents[2] / "sequences"
SEQUENCE = schema("sequence")["$defs"]
TEST = schema("test")["$defs"]
PROJECT = schema("project")


def test_verbs() -> None:
    """Every verb of the language can be written, and nothing else is one."""
    alternatives = [key for item in SEQUENCE["step"]["anyOf"] for key in item["required"]]
    branches = [item["then"].get("x-verb") for item in SEQUENCE["step"]["allOf"]]
    offered = next(item["then"]["properties"] for item in SEQUENCE["step"]["allOf"] if "x-verb" not in item["then"])

    assert sorted(VERBS) == sorted(alternatives)
    assert sorted(VERBS) == sorted(filter(None, branches))
    assert sorted(VERBS) == sorted(offered)


def test_every_key_of_a_step_belongs_to_a_verb() -> None:
    """No key is offered that no verb takes."""
    taken = {key for item in SEQUENCE["step"]["allOf"] for key in item["then"]["properties"]}

    assert taken == set(SEQUENCE["step"]["properties"])


def test_events() -> None:
    """Every event can be awaited."""
    assert sorted(KINDS) == sorted(SEQUENCE["event"]["properties"])
    assert {*MAIL_EVENTS, *EVENT_EVENTS, *WORD_EVENTS} <= set(KINDS)


def test_test_files_can_make_every_event_happen_but_a_score() -> None:
    """Scores change by steps only, so a test never sets one."""
    assert set(KINDS) - {"score_reached"} <= set(TEST["happeningWithDetail"]["properties"])


def test_operators_and_groups() -> None:
    """Every operator and every group of conditions can be written."""
    assert list(OPERATORS) == list(SEQUENCE["operators"]["properties"])
    assert sorted(GROUPS) == sorted(SEQUENCE["condition"]["properties"])


def test_units() -> None:
    """Every unit of time can be written, and months cannot."""
    pattern = SEQUENCE["duration"]["pattern"]

    assert all(str(unit) in pattern for unit in Unit)
    assert "month" not in pattern


def test_ways_to_fail() -> None:
    """The three words after `if_fails` are the model's."""
    assert set(get_args(Then)) == set(SEQUENCE["ifFails"]["allOf"][0]["then"]["enum"])


def test_weekdays() -> None:
    """A window's days are the calendar's."""
    days = PROJECT["properties"]["windows"]["additionalProperties"]["properties"]["days"]["items"]["enum"]

    assert list(WEEKDAYS) == days


@pytest.mark.parametrize("root", ["candidate", "event", "application"])
def test_test_files_describe_what_conditions_read(root: str) -> None:
    """Every field that a condition reads can be set in a test."""
    described = set(TEST[root]["properties"]) - {"custom"}

    assert described == {name.partition(".")[2] for name in FIELDS if name.startswith(f"{root}.")}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_reference_is_a_definition_of_ours(kind: str) -> None:
    """The look-up of references never comes to nothing."""
    for reference in _references(schema(kind)):
        file, _, name = reference.partition("#/$defs/")
        assert name in schema(file.removesuffix(".schema.json"))["$defs"]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_pattern_says_in_words_what_it_wants(kind: str) -> None:
    """Editors show a sentence, never a regular expression."""
    assert [item for item in _schemas(schema(kind)) if "pattern" in item and "patternErrorMessage" not in item] == []


@pytest.mark.parametrize("folder", ["good", "bad"])
def test_editors_and_the_check_agree(folder: str) -> None:
    """What a plain validator of JSON Schema accepts, such as an editor's, is what the check accepts."""
    files = [path for path in (SEQUENCES / folder).rglob("*.yaml") if load_file(path).tree is not None]
    disagreed = [path.name for path in files if _accepted_by_editor(path) is bool(_refused_by_check(path))]

    assert [] == disagreed
    assert files


def _kind(path: Path) -> str:
    return "project" if path.name == "project.yaml" else "test" if path.name.endswith(".test.yaml") else "sequence"


def _accepted_by_editor(path: Path) -> bool:
    plain = {kind: DRAFT202012.create_resource(json.loads(schema_text(kind))) for kind in SCHEMAS}
    registry: Registry[Any] = Registry().with_resources((f"{kind}.schema.json", item) for kind, item in plain.items())
    validator = Draft202012Validator(plain[_kind(path)].contents, registry=registry)
    return validator.is_valid(load_file(path).tree)


def _refused_by_check(path: Path) -> tuple[Any, ...]:
    return schema_problems(load_file(path), _kind(path))[0]


def _schemas(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [found for item in tree for found in _schemas(item)]
    if not isinstance(tree, dict):
        return []
    return [tree, *(found for item in tree.values() for found in _schemas(item))]


def _references(tree: Any) -> list[str]:
    return [item["$ref"] for item in _schemas(tree) if isinstance(item.get("$ref"), str)]
