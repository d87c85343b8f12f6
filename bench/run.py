"""Runs every measurement in a process of its own and writes bench/results.json; exit 1 when a row does not hold."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from bench.rows import ROWS, Row

_SCRIPTS = ("walks", "parked", "intake", "clicks", "bulk", "language", "sending", "segments", "importing")
_RESULTS = Path(__file__).parent / "results.json"
# Six minutes for all on two idle cores; a neighbor that takes both of them doubles that.
_LONGEST_SECONDS = 300


class MeasurementFailed(Exception):
    """A script did not come to its end, so there is nothing to compare."""

    def __init__(self, script: str, problem: str) -> None:
        self.script, self.problem = script, problem
        super().__init__(f"bench/{script}.py gave no figures: {problem}. Run it alone: python -m bench.{script}")


def main() -> int:
    """Measure, write, show."""
    rows = list(_all_rows())
    text = ",\n".join(f"  {json.dumps(row.to_json())}" for row in rows)
    _RESULTS.write_text(f"[\n{text}\n]\n", encoding="utf-8")
    print()
    for row in rows:
        print(_line(row))
    broken = [row.name for row in rows if not row.holds]
    print(f"\n{_RESULTS}: " + (f"does not hold: {'; '.join(broken)}" if broken else "all rows hold"))
    return 1 if broken else 0


def _all_rows() -> Iterator[Row]:
    yield _load("before")
    for script in _SCRIPTS:
        began = perf_counter()
        print(f"== bench/{script}.py", flush=True)
        yield from _rows_of(script)
        print(f"   {perf_counter() - began:.0f} s", flush=True)
    yield _load("after")


def _load(when: str) -> Row:
    """What the figures have to be read with: on an idle machine it is below 1 before."""
    return Row(name=f"load average of the machine {when}, 1 minute", value=os.getloadavg()[0], unit="processes")


def _rows_of(script: str) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-m", f"bench.{script}", ROWS, str(file)]
        try:
            subprocess.run(command, check=True, timeout=_LONGEST_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise MeasurementFailed(script, type(error).__name__) from error
        return [Row(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def _line(row: Row) -> str:
    shown = row.to_json()
    beside = "" if row.baseline is None else f"beside {shown['baseline']:,}, ratio {shown['ratio']}"
    goal = "" if shown["goal"] is None else f"{shown['goal']} {'holds' if row.holds else 'DOES NOT HOLD'}"
    return f"{row.name:<56} {shown['value']:>12,} {row.unit:<10} {beside:<32} {goal}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
