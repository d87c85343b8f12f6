"""Code stays small enough to be read in one sitting."""

import ast
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

_HARD_CAP, _SOFT_CAP, _FILE_MEDIAN = 400, 250, 120
_FUNCTION_MEDIAN, _FUNCTION_P90 = 10, 30


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in found]


def _contentful(files: Sequence[Path]) -> list[Path]:
    return [path for path in files if path.name != "__init__.py"]


def test_no_file_is_longer_than_the_hard_cap(root: Path, code_files: Sequence[Path]) -> None:
    """A file of 400 lines has two subjects: split it by behavior."""
    tests = (root / "tests").rglob("*.py")

    too_long = {
        str(path.relative_to(root)): _length(path) for path in [*code_files, *tests] if _length(path) > _HARD_CAP
    }

    assert too_long == {}


def test_files_past_the_soft_cap_stay_the_exception(root: Path, code_files: Sequence[Path]) -> None:
    """At most one file in twenty is longer than 250 lines."""
    files = _contentful(code_files)

    long = sorted(str(path.relative_to(root)) for path in files if _length(path) > _SOFT_CAP)

    assert len(long) <= len(files) / 20, long


def test_the_median_file_fits_two_screens(code_files: Sequence[Path]) -> None:
    """Half of all files have fewer than 120 lines."""
    lengths = [_length(path) for path in _contentful(code_files)]

    assert median(lengths) < _FILE_MEDIAN


def test_functions_are_short(code_files: Sequence[Path]) -> None:
    """Half of all functions have at most 10 lines, nine of ten at most 30, docstrings included."""
    lengths = [length for path in code_files for length in _functions(path)]

    assert median(lengths) <= _FUNCTION_MEDIAN
    assert quantiles(lengths, n=10)[-1] <= _FUNCTION_P90


def test_init_files_hold_one_docstring(root: Path, code_files: Sequence[Path]) -> None:
    """A name has one address: `__init__.py` exports nothing, so importing a package loads nothing."""
    busy = []
    for path in code_files:
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if len(tree.body) != 1 or ast.get_docstring(tree) is None:
                busy.append(str(path.relative_to(root)))

    assert busy == []
