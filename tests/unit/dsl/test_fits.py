"""The quick look at a file says what the full check says, only sooner."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.dsl.loader import load_bytes
from rapport.dsl.schema import _validator, fits
from tests.unit.dsl.test_broken_files import EDITS, PROJECT, SEQUENCES, TEST, broken

FILES = [*(("sequence", text) for text in SEQUENCES.values()), ("test", TEST), ("project", PROJECT)]


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
    assert thorough == quick


@pytest.mark.parametrize("tree", [{2: "steps"}, {"schema": 10**400}, [], None, {"schema": float("nan")}], ids=repr)
def test_what_json_cannot_say_gets_a_closer_look(tree: Any) -> None:
    """A number as a key, or one beyond all bounds, is told in words and never ends the check."""
    assert not fits(tree, "sequence")
