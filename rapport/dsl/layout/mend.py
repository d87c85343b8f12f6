"""Carrying mends out: the fixes of a file's problems as its new text, and what was changed in which line."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapport.dsl.loader import Loaded, load_text
from rapport.dsl.problem import Edit, Problem

# How wide people's editors show a tab.
_TABS = (2, 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A file's text after its mends, and one line about each of them."""

    text: str
    done: tuple[str, ...]


def mend(text: str, file: str, problems: Iterable[Problem]) -> Mended | None:
    """Carry out the fixes of a file's problems; None when there is none, or when the file would not be read after it.

    Problems of other files, and those without a fix, are passed over. Of two fixes in one place one counts.
    """
    own = [problem for problem in problems if problem.file == file]
    if any(problem.rule == "tab" for problem in own):
        return _without_tabs(text, file)
    fixes = [(problem, problem.fix) for problem in own if problem.fix]
    lines = text.split("\n")
    done: list[str] = []
    last = (len(lines) + 1, 0)
    for problem, fix in sorted(fixes, key=lambda pair: (pair[1].line, pair[1].column), reverse=True):
        if (fix.line, fix.column + fix.width) > last or fix.line > len(lines):
            continue
        done.append(_told(problem, fix, lines[fix.line - 1]))
        lines[fix.line - 1] = _applied(fix, lines[fix.line - 1])
        last = (fix.line, fix.column)
    after = "\n".join(lines)
    if not done or not _reads_as_well(load_text(text, file), load_text(after, file)):
        return None
    return Mended(text=after, done=tuple(reversed(done)))


def _applied(fix: Edit, line: str) -> str:
    return line[: fix.column - 1] + fix.text + line[fix.column - 1 + fix.width :]


def _told(problem: Problem, fix: Edit, line: str) -> str:
    was = line[fix.column - 1 : fix.column - 1 + fix.width]
    what = f"{was} → {fix.text}" if was else f"added {fix.text.strip().rstrip(',')}"
    return f"{problem.file}:{fix.line}: {what} [{problem.rule}]"


def _reads_as_well(before: Loaded, after: Loaded) -> bool:
    """Whether the file can be read after the mend, or shows a mistake further down that has a mend, too."""
    if not after.problems:
        return True
    first = after.problems[0]
    return bool(before.problems) and bool(first.fix) and first.line > before.problems[0].line


def _without_tabs(text: str, file: str) -> Mended | None:
    """Spaces for the tabs at the beginning of lines; only if there is one way to read them, however wide a tab is."""
    read = [(spaced, load_text(spaced, file)) for spaced in (_spaced(text, width) for width in _TABS)]
    good = [(spaced, loaded) for spaced, loaded in read if not loaded.problems]
    if not good or any(loaded.tree != good[0][1].tree for _, loaded in good):
        return None
    lines = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in _margin(line)]
    return Mended(text=good[0][0], done=tuple(f"{file}:{number}: tab → spaces [tab]" for number in lines))


def _spaced(text: str, width: int) -> str:
    return "\n".join(_margin(line).expandtabs(width) + line[len(_margin(line)) :] for line in text.split("\n"))


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
