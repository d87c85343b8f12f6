"""The quick look at a file says what the full check says, only sooner."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.dsl.fits import Shapes, Undecided
from rapport.dsl.loader import load_bytes
from rapport.dsl.schema import _validator, fits
from tests.unit.dsl.test_broken_files import EDITS, PROJECT, SEQUENCES, TEST, broken

SCHEMAS = Path(__file__).parents[3] / "schemas"
FILES = [*(("sequence", text) for text in SEQUENCES.values()), ("test", TEST), ("project", PROJECT)]
# A schema whose only parts are those that our files hardly ever get wrong.
ODD: dict[str, Any] = {
    "properties": {
        "whole": {"type": "integer", "minimum": 1, "maximum": 9},
        "many": {"type": ["array", "null"], "items": {"type": "string"}, "uniqueItems": True, "maxItems": 2},
        "word": {"type": "string", "minLength": 1, "maxLength": 3, "not": {"enum": ["no", "off"]}},
        "flag": {"const": True},
        "one": {"enum": [1, "two", False]},
    },
    "patternProperties": {"^x-": {"type": "number"}},
    "required": ["whole"],
    "minProperties": 1,
    "maxProperties": 4,
}
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2.0, 9.5, 10, "", "no", "two", "yes", "long"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(FILES), edits=EDITS)
def test_a_broken_file_fits_only_when_the_authority_says_so(
    file: tuple[str, str], edits: list[tuple[str, int, str]]
) -> None:
    """Whatever a slip of the hand makes of a file, both ways of looking come to one verdict."""
    kind, text = file
    tree = load_bytes(broken(text, edits), "broken.yaml").tree

    quick = fits(tree, kind)

    thorough = _validator(kind).is_valid(tree)
    # A project has a pair of times, about which only the authority can tell.
    assert quick == (thorough and kind != "project")


@given(tree=st.dictionaries(st.sampled_from([*ODD["properties"], "x-rate", "other"]), VALUES) | VALUES)
def test_every_keyword_means_what_it_means_to_the_authority(tree: Any) -> None:
    """Whole numbers, true and one, repeated words: JSON's own idea of them."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # the authority itself, for this one test

    schema = {key: value for key, value in ODD.items() if isinstance(tree, dict) or key != "minProperties"}
    thorough = Draft202012Validator(schema).is_valid(tree)

    try:
        quick = Shapes(lambda _: True, re.compile).check(schema)(tree)
    except Undecided:
        return

    assert quick == thorough


def test_what_is_not_known_is_left_to_the_authority() -> None:
    """A keyword that the quick look has never seen is no reason to say yes."""
    with pytest.raises(Undecided):
        Shapes(lambda _: True, lambda _: re.compile("")).check({"dependentRequired": {"a": ["b"]}})
