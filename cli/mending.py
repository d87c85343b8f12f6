"""`rapport check --fix`: carries out the mechanical mends of a folder, one round after the other."""

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from rapport.dsl.layout.files import replace_text
from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.mend import mend
from rapport.dsl.layout.order import kind_of
from rapport.dsl.problem import Problem, in_order

# A mistake of YAML hides those behind it, so that every one of them takes a round.
_ROUNDS = 100


def mend_files(problems_now: Callable[[], Iterable[Problem]]) -> list[str]:
    """Mend what has a fix until nothing has, and lay out the mended files; what was done, one line each.

    OSError when a file cannot be read or written, Refused when it is a link that leads out of its folder.
    """
    told: list[str] = []
    mended: set[Path] = set()
    for _ in range(_ROUNDS):
        done = [line for path, own in _by_file(problems_now()) for line in _mend_file(path, own, mended)]
        if not done:
            break
        told += done
    return told + [f"{path}: formatted" for path in sorted(mended) if _format(path)]


def _by_file(problems: Iterable[Problem]) -> list[tuple[Path, list[Problem]]]:
    return [(Path(file), list(own)) for file, own in groupby(in_order(problems), key=lambda problem: problem.file)]


def _mend_file(path: Path, problems: list[Problem], mended: set[Path]) -> tuple[str, ...]:
    if path.suffix != ".yaml" or not path.is_file() or not any(one.fix or one.rule == "tab" for one in problems):
        return ()
    text = path.read_text(encoding="utf-8-sig")
    after = mend(text, problems[0].file, problems)
    if after is None:
        return ()
    replace_text(path, after.text, root=path.parent)
    mended.add(path)
    return after.done


def _format(path: Path) -> bool:
    data = path.read_bytes()
    laid = lay_out(data, str(path), kind_of(path))
    if laid.text is None or laid.text.encode() == data:
        return False
    replace_text(path, laid.text, root=path.parent)
    return True
