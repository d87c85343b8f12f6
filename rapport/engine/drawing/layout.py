"""Where everything lies: a row for every step, a column for every branch, lines that never cross."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapport.engine.drawing.blocks import Arm, Step
from rapport.engine.drawing.boxes import BOX_WIDTH, LABEL_SIZE, Box, box_of, pill
from rapport.engine.drawing.lettering import BOLD, width
from rapport.engine.drawing.subject import Drawn

# Pixels: from a step down to the next, from a branching step down to its branches' labels, and from there to the join.
_ROW_GAP = 30.0
_BUS_DROP, _LABEL_DROP, _JOIN_DROP = 18.0, 34.0, 20.0
_COLUMN_GAP = 28.0
# A branch without steps is a line and its label.
_EMPTY_WIDTH = 64.0
_LABEL_MARGIN = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line along right angles, from point to point; the last point is the tip of an arrow if there is one."""

    points: tuple[tuple[float, float], ...]
    is_arrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a branch is called; `x` and `y` are its middle."""

    x: float
    y: float
    text: str


@dataclass(slots=True, kw_only=True)
class Picture:
    """Boxes, lines and labels, from (0, 0) to the right and down, in pixels."""

    width: float = 0.0
    height: float = 0.0
    drawn: Drawn
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


def lay_out(steps: Sequence[Step], drawn: Drawn) -> Picture:
    """Place every step of what is drawn, and the end of the sequence below them."""
    left, right = _column(steps)
    picture = Picture(width=left + right, drawn=drawn)
    tail = _place_column(picture, steps, left, -_ROW_GAP)
    if tail is not None:
        _place(picture, pill("End", left, tail + _ROW_GAP), tail)
    picture.height = max((box.bottom for box in picture.boxes), default=0.0)
    return picture


# How much room things need to the left and to the right of their own line ------------------------------------------


def _column(steps: Sequence[Step]) -> tuple[float, float]:
    sides = [_sides(step) for step in steps] or [(_EMPTY_WIDTH / 2, _EMPTY_WIDTH / 2)]
    return max(left for left, _ in sides), max(right for _, right in sides)


def _sides(step: Step) -> tuple[float, float]:
    """A branching step stands over the middle between its first and its last branch."""
    half = BOX_WIDTH / 2
    if not step.arms:
        return half, half
    axes, whole = _axes(step.arms)
    middle = (axes[0] + axes[-1]) / 2
    return max(half, middle), max(half, whole - middle)


def _axes(arms: Sequence[Arm]) -> tuple[list[float], float]:
    """The line of each branch, measured from the left edge of the first, and the width of all."""
    axes, edge = [], -_COLUMN_GAP
    for arm in arms:
        left, right = _arm_sides(arm)
        axes.append(edge + _COLUMN_GAP + left)
        edge = axes[-1] + right
    return axes, edge


def _arm_sides(arm: Arm) -> tuple[float, float]:
    label = (width(arm.label, LABEL_SIZE * BOLD) + _LABEL_MARGIN) / 2
    left, right = (BOX_WIDTH / 2, BOX_WIDTH / 2) if arm.ends else _column(arm.steps)
    return max(left, label), max(right, label)


# Placing ------------------------------------------------------------------------------------------------------------


def _place_column(picture: Picture, steps: Sequence[Step], x: float, tail: float) -> float | None:
    """Place steps one below the other; `tail` is how far the line from above has come, and so is what is returned.

    None when nobody comes out below.
    """
    comes_from: float | None = tail if steps and tail >= 0 else None
    low = tail
    for step in steps:
        box = box_of(step, x, low + _ROW_GAP, picture.drawn)
        _place(picture, box, comes_from)
        comes_from, low = _place_arms(picture, step, box) if step.arms else (box.bottom, box.bottom)
        if not step.goes_on:
            comes_from = None
    return comes_from if steps else tail


def _place(picture: Picture, box: Box, comes_from: float | None) -> None:
    picture.boxes.append(box)
    if comes_from is not None:
        picture.lines.append(Line(points=((box.x, comes_from), (box.x, box.y)), is_arrow=True))


def _place_arms(picture: Picture, step: Step, box: Box) -> tuple[float, float]:
    """Place the branches and the line where they meet again; its height, twice: as tail and as lowest point."""
    axes, _ = _axes(step.arms)
    shift = box.x - (axes[0] + axes[-1]) / 2
    bus = box.bottom + _BUS_DROP
    before = len(picture.boxes)
    tails = []
    for arm, axis in zip(step.arms, axes, strict=True):
        x = axis + shift
        picture.lines.append(Line(points=((box.x, box.bottom), (box.x, bus), (x, bus), (x, bus + _LABEL_DROP))))
        if arm.label:
            picture.labels.append(Label(x=x, y=bus + _LABEL_DROP / 2, text=arm.label))
        tails.append((x, _place_arm(picture, arm, x, bus + _LABEL_DROP)))
    lowest = max([placed.bottom for placed in picture.boxes[before:]] + [tail or 0.0 for _, tail in tails])
    join = lowest + _JOIN_DROP
    for x, tail in tails:
        if tail is not None:
            points = ((x, tail), (x, join)) if x == box.x else ((x, tail), (x, join), (box.x, join))
            picture.lines.append(Line(points=points))
    return join, join


def _place_arm(picture: Picture, arm: Arm, x: float, tail: float) -> float | None:
    if arm.ends is not None:
        _place(picture, pill(f"Ends: {arm.ends}", x, tail + _ROW_GAP), tail)
        return None
    return _place_column(picture, arm.steps, x, tail)
