"""What was probably typed wrong where YAML gives up: the parser says where it noticed, a person wants the cause."""

from collections.abc import Callable

from rapport.dsl.slips.brackets import after_the_end, brackets, open_quote
from rapport.dsl.slips.columns import further_in, indent
from rapport.dsl.slips.lost import Lost, Slip
from rapport.dsl.slips.signs import (
    colon_in_text,
    compares,
    fence,
    no_colon,
    no_space_after_colon,
    no_space_after_dash,
    one_line,
    other_dash,
    other_space,
    strange_start,
)

# Nobody has typed a longer line, and every look at one takes time.
_LONGEST = 2_000


def slip_behind(lost: Lost) -> Slip | None:
    """The first cause that fits; None when it is none of the usual ones."""
    if any(len(lost.source.line(line)) > _LONGEST for line in lost.suspects):
        return None
    return next((slip for look in _LOOKS if (slip := look(lost))), None)


# The order counts: the first ones look for a sign that is never right, the last ones guess.
_LOOKS: tuple[Callable[[Lost], Slip | None], ...] = (
    *(other_space, fence, other_dash, no_space_after_dash, compares),
    *(no_space_after_colon, no_colon, open_quote, colon_in_text, further_in),
    *(one_line, brackets, after_the_end, indent, strange_start),
)
