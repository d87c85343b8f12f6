"""Keys stand in one order, and the order knows every key of the language."""

import json
from textwrap import dedent
from typing import Any

import pytest

from rapport.dsl.build import VERBS
from rapport.dsl.layout.order import ROLES, Kind, Role
from rapport.dsl.schema import schema_text
from tests.unit.dsl.laid_out import laid_out


def test_keys_stand_in_the_order_of_the_language() -> None:
    """Every file begins the same way, and every step with its id and its verb."""
    text = laid_out("""
        steps:
          - if_fails: go_on
            webhook: {data: {candidate: candidate.id}, to: desk}
            id: tell
        purpose: nurture
        owner: anna-koch
        goal: {applied: any}
        title: Hello
        schema: 1
    """)

    assert text == dedent("""\
        schema: 1
        title: Hello
        owner: anna-koch
        purpose: nurture

        goal: {applied: any}

        steps:
          - id: tell
            webhook: {to: desk, data: {candidate: candidate.id}}
            if_fails: go_on
        """)


def test_a_key_that_nobody_knows_stays_behind_its_neighbor() -> None:
    """A misspelled key is not carried away from where the check will point."""
    text = laid_out("steps: [{sendd: welcome, id: hello, from: talent-team, form: talent-team}]")

    assert text == "steps:\n  - {sendd: welcome, id: hello, from: talent-team, form: talent-team}\n"


@pytest.mark.parametrize("kind", ["sequence", "test", "project", "change"])
def test_every_key_of_a_file_has_its_place(kind: Kind) -> None:
    """A key that the language gets must get its place in the layout."""
    keys = list(json.loads(schema_text(kind))["properties"])

    assert set(keys) == set(ROLES[kind].order)


def test_every_key_of_a_step_has_its_place() -> None:
    """The same for the keys of a step."""
    step: Any = json.loads(schema_text("sequence"))["$defs"]["step"]
    role: Role = ROLES["sequence"].of("steps").of(None)

    assert set(step["properties"]) == set(role.order)
    assert set(VERBS) <= set(role.order)
