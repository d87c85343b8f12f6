"""The boxes of a drawing: what stands in them and how high they become."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.dsl import model
from rapport.dsl.plan import Node
from rapport.engine import words
from rapport.engine.condition_words import condition
from rapport.engine.drawing.blocks import Step
from rapport.engine.drawing.kinds import Kind, kind_of
from rapport.engine.drawing.lettering import BOLD, lines, width
from rapport.engine.drawing.subject import Drawn, sent_by

# Pixels. A box is wide enough for "Wait 7 days for a click on" in one line.
BOX_WIDTH = 232.0
TEXT_SIZE, SMALL_SIZE, LABEL_SIZE = 14.0, 12.0, 12.0
TEXT_LINE, SMALL_LINE = 19.0, 16.0
PADDING = 12.0
SMALL_GAP = 3.0
# Room for the colored edge that tells the kinds apart.
EDGE = 6.0
_ROOM = BOX_WIDTH - EDGE - 2 * PADDING
_TEXT_LINES, _SMALL_LINES = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A step or an end; `x` is its middle, `y` its top; `text` says what it does, `small` what is beside it."""

    x: float
    y: float
    width: float
    height: float
    kind: Kind
    text: tuple[str, ...]
    small: tuple[str, ...] = ()
    full: str = ""

    @property
    def bottom(self) -> float:
        """Where the line leaves it."""
        return self.y + self.height


def box_of(step: Step, x: float, y: float, drawn: Drawn) -> Box:
    """The box of a step: its words, then in small its id, what is unusual for a mail here, and its count."""
    text = words.step(step.node)
    details = [*_name(step.node, text), *_details(step.node, drawn.usual), *filter(None, [drawn.came(step.node.id)])]
    big = lines(text, TEXT_SIZE * BOLD, _ROOM, most=_TEXT_LINES)
    small = [line for detail in details for line in lines(detail, SMALL_SIZE, _ROOM, most=_SMALL_LINES)]
    height = 2 * PADDING + len(big) * TEXT_LINE + len(small) * SMALL_LINE + SMALL_GAP * bool(small)
    full = "; ".join([text, *details])
    return Box(
        x=x, y=y, width=BOX_WIDTH, height=height, kind=kind_of(step.node), text=big, small=tuple(small), full=full
    )


def pill(text: str, x: float, y: float) -> Box:
    """The end of a walk."""
    big = lines(text, TEXT_SIZE * BOLD, _ROOM, most=_TEXT_LINES)
    wide = max(width(line, TEXT_SIZE * BOLD) for line in big) + 4 * PADDING
    return Box(
        x=x, y=y, width=min(wide, BOX_WIDTH), height=PADDING + len(big) * TEXT_LINE, kind="end", text=big, full=text
    )


def _name(node: Node, text: str) -> Iterator[str]:
    """The id, which tests and figures use, unless the words say it already."""
    if not text.endswith(f" {node.id}"):
        yield node.id


def _details(node: Node, usual: tuple[str, str]) -> Iterator[str]:
    match node.action:
        case model.Send() as send:
            yield from (said for said, same in zip(sent_by(send), usual, strict=True) if said and said != same)
            if send.not_after:
                yield f"not after {send.not_after}"
        case model.If(condition=wanted):
            yield f"if {condition(wanted)}"
        case model.Stop(condition=wanted, unless=unless, reason=reason) if wanted is not None:
            yield f"stop: {reason}, {'unless' if unless else 'if'} {condition(wanted)}"
        case model.Task(title=title):
            yield title
        case _:
            return
