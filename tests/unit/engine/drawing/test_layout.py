"""The drawing's geometry: whatever the sequence, nothing covers anything else."""

from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings

from rapport.dsl.plan import Plan, compile_plan
from rapport.engine.drawing.blocks import blocks
from rapport.engine.drawing.boxes import Box
from rapport.engine.drawing.layout import Picture, lay_out
from rapport.engine.drawing.subject import Drawn
from tests.builders import a_plan
from tests.strategies import trees

_FORK = """
  - id: ask
    if: {candidate.score: {at_least: 40}}
    then: [{id: hot, send: hot}]
    else: [{id: cold, send: cold}]
  - {id: bye, send: bye}
"""


def _picture(plan: Plan, counts: Mapping[str, int] | None = None) -> Picture:
    return lay_out(blocks(plan), Drawn(plan=plan, title="Drawn", counts=counts or {}))


def _box(picture: Picture, words: str) -> Box:
    [found] = [box for box in picture.boxes if words in box.full]
    return found


def _overlap(one: Box, other: Box) -> bool:
    beside = abs(one.x - other.x) >= (one.width + other.width) / 2
    return not beside and one.y < other.bottom and other.y < one.bottom


def _crosses(start: tuple[float, float], end: tuple[float, float], box: Box) -> bool:
    """Whether a straight line passes through the inside of a box; touching its edge is what lines are for."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    inside = 0.01
    beside = right <= box.x - box.width / 2 + inside or left >= box.x + box.width / 2 - inside
    return not beside and top < box.bottom - inside and bottom > box.y + inside


def test_branches_stand_side_by_side_below_their_question() -> None:
    """Then is on the left and else on the right, at one height."""
    picture = _picture(a_plan(_FORK))
    ask, hot, cold = (_box(picture, word) for word in ("Decide ask", "Send hot", "Send cold"))

    assert hot.x < ask.x < cold.x
    assert ask.bottom < hot.y == cold.y


def test_branches_meet_again_at_the_step_behind_them() -> None:
    """What follows both branches is drawn once, below both."""
    picture = _picture(a_plan(_FORK))

    assert _box(picture, "Send bye").y > max(_box(picture, "Send hot").bottom, _box(picture, "Send cold").bottom)


def test_every_branch_is_labeled() -> None:
    """Nobody has to guess which side is which."""
    picture = _picture(
        a_plan("""
      - {id: ask, if: {candidate.score: 1}, then: [{id: a, send: a}]}
      - {id: lot, split: {short: {share: 40%, do: [{id: b, send: b}]}, nothing: {share: 60%}}}
    """)
    )

    assert ["then", "else", "short 40%", "nothing 60%"] == [label.text for label in picture.labels]


def test_what_is_usual_for_the_mails_is_not_said_at_each() -> None:
    """Only a mail from somebody else says whom it is from."""
    picture = _picture(a_plan("[{id: a, send: one}, {id: b, send: two, from: owner-recruiter}]"))

    assert ("a",) == _box(picture, "Send one").small
    assert ("b", "from owner-recruiter") == _box(picture, "Send two").small


def test_a_count_stands_at_its_step() -> None:
    """Whoever draws figures into a sequence sees where people stay away."""
    picture = _picture(a_plan("[{id: a, send: one}, {id: b, send: two}, {id: c, send: six}]"), {"a": 1240, "b": 1})

    assert ("a", "1,240 people") == _box(picture, "Send one").small
    assert ("b", "1 person") == _box(picture, "Send two").small
    assert ("c",) == _box(picture, "Send six").small


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_nothing_in_a_drawing_covers_anything_else(tree: dict[str, Any]) -> None:
    """Every step is drawn once, no two boxes overlap, and no line runs through a box."""
    plan = compile_plan("made-up", tree)

    picture = _picture(plan)

    drawn = [box for box in picture.boxes if not box.full.startswith(("Ends: ", "End"))]
    assert len(plan.nodes) == len(drawn)
    assert not [pair for pair in combinations(picture.boxes, 2) if _overlap(*pair)]
    parts = [part for line in picture.lines for part in pairwise(line.points)]
    assert not [(part, box) for part in parts for box in picture.boxes if _crosses(*part, box)]
    for box in picture.boxes:
        assert box.x - box.width / 2 >= -0.01
        assert box.x + box.width / 2 <= picture.width + 0.01
        assert box.bottom <= picture.height
