"""How wide text is and where it breaks, without a font: widths of the common sans-serif faces, rounded up."""

from collections.abc import Iterator

# In units of the font size: about those of DejaVu Sans, which is wider than Arial, Helvetica and Segoe UI.
_NARROW, _MIDDLE, _WIDE = 0.36, 0.6, 0.9
_NARROW_LETTERS = frozenset("fijlrtI.,:;'|!()[]/ -")
_WIDE_LETTERS = frozenset("mwMW@%")
# Scripts such as Chinese and Korean fill a whole square.
_FIRST_SQUARE = 0x1100


# Semibold letters are a sixth wider.
BOLD = 1.17


def width(text: str, size: float) -> float:
    """How wide a line of text is at most, in pixels; for bold text hand in `size * BOLD`."""
    return sum(map(_letter, text)) * size


def lines(text: str, size: float, within: float, *, most: int) -> tuple[str, ...]:
    """The text broken into lines that fit; what is left after `most` lines ends in an ellipsis."""
    found = list(_broken(text, size, within))
    if len(found) <= most:
        return tuple(found)
    last = found[most - 1]
    while last and width(f"{last}…", size) > within:
        last = last[:-1]
    return (*found[: most - 1], f"{last.rstrip()}…")


def _broken(text: str, size: float, within: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= within:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, size, within)
        yield from full
    yield line


def _pieces(word: str, size: float, within: float) -> Iterator[str]:
    """A word in pieces that fit, broken behind a hyphen where it has one; most words are one piece."""
    piece = ""
    for letter in word:
        if piece and width(piece + letter, size) > within:
            head = piece[: piece.rfind("-") + 1] or piece
            yield head
            piece = piece[len(head) :]
        piece += letter
    yield piece


def _letter(letter: str) -> float:
    if letter in _NARROW_LETTERS:
        return _NARROW
    if letter in _WIDE_LETTERS or letter.isupper():
        return _WIDE if letter in _WIDE_LETTERS else 0.72
    return _MIDDLE if ord(letter) < _FIRST_SQUARE else 1.0
