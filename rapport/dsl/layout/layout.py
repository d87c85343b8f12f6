"""The one layout of sequences, tests and project files."""

from collections import Counter
from dataclasses import dataclass

from rapport.dsl.layout.order import ROLES, Kind
from rapport.dsl.layout.read import comments_in, read_document
from rapport.dsl.layout.write import write_document
from rapport.dsl.loader import Loaded, load_bytes, load_text
from rapport.dsl.problem import Problem, in_order


class MeaningChangedError(RuntimeError):
    """A fault of the layout: the file that it wrote would not say the same as the one that it read."""

    def __init__(self, file: str) -> None:
        """Name the file, which was left as it is."""
        super().__init__(f"{file} would not say the same after formatting, so it was left as it is. Please report it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A file in its layout; with `problems` the text is None, because a file that cannot be read is left alone."""

    text: str | None
    problems: tuple[Problem, ...] = ()


def lay_out(data: bytes, file: str, kind: Kind) -> Laid:
    """Write a file in the one layout: the same values and comments, so the same meaning and the same version.

    Applying it twice changes nothing. Line breaks become line feeds.
    """
    loaded = load_bytes(data, file)
    if loaded.problems:
        return Laid(text=None, problems=in_order(loaded.problems))
    before = "\n".join(loaded.source.lines)
    after = write_document(read_document(before), ROLES[kind])
    if after != before and not _says_the_same(before, after, loaded):
        if too_large := [problem for problem in load_text(after, file).problems if problem.rule == "too-large"]:
            return Laid(text=None, problems=tuple(too_large))
        raise MeaningChangedError(file)
    return Laid(text=after)


def _says_the_same(before: str, after: str, loaded: Loaded) -> bool:
    again = load_text(after, loaded.file)
    return (
        not again.problems and again.tree == loaded.tree and Counter(comments_in(after)) == Counter(comments_in(before))
    )
