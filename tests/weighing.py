"""What a command costs: a warm process runs it in a fork of its own, so that start-up and neighbors do not count."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
# Past these a command is ended: no test should take the machine with it.
_MOST_SECONDS, _MOST_BYTES = 20, 2 * 1024**3
# Of what a command prints; a test looks at its beginning.
_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Weight:
    """The processor time and the most memory that a command took, how it ended, and the beginning of what it said.

    `ended_by` is the number of the signal that ended it, 0 when it ended by itself; `megabytes` include 90 of Python.
    """

    seconds: float
    megabytes: float
    code: int
    ended_by: int
    said: str


class Scales:
    """Commands of `rapport`, weighed one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Use a process that `main` of this file runs in."""
        self._process = process

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[Self]:
        """A warm process, until the end of the block."""
        command = [sys.executable, "-m", "tests.weighing"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            yield cls(process)
            if process.stdin:
                process.stdin.close()

    def weigh(self, *arguments: str, cwd: Path) -> Weight:
        """Run `rapport` with these arguments in a folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(cwd), *arguments]) + "\n")
        self._process.stdin.flush()
        return Weight(**json.loads(self._process.stdout.readline()))


def main() -> None:
    """Read commands from standard input and write what each cost, until there are no more."""
    _warm_up()
    for line in sys.stdin:
        folder, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(_weighed(Path(folder), arguments)) + "\n")
        sys.stdout.flush()


def _weighed(folder: Path, arguments: Sequence[str]) -> dict[str, object]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _run(folder, arguments, output.fileno())
        _, status, used = os.wait4(child, 0)
        output.seek(0)
        said = output.read(_SHOWN).decode(errors="replace")
    return {
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1,
        "ended_by": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "said": said,
    }


def _run(folder: Path, arguments: Sequence[str], output: int) -> None:
    """Become the command; never returns."""
    os.chdir(folder)
    os.dup2(output, 1)
    os.dup2(output, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    signal.alarm(3 * _MOST_SECONDS)  # for what waits and uses no time, such as reading a pipe that nobody writes to
    sys.argv = ["rapport", *arguments]
    from cli.main import run  # noqa: PLC0415  # warm by now

    run()


def _warm_up() -> None:
    """Import everything and read a folder once: compiled schemas and patterns are not what is weighed."""
    from importlib import import_module  # noqa: PLC0415

    for command in ("check", "fmt", "paths", "graph", "test", "simulate"):
        import_module(f"cli.{command}")
    import_module("cli.preview")
    from rapport.usecases.checked_folder import checked_folder  # noqa: PLC0415

    for folder in ("good", "bad"):
        checked_folder(ROOT / "tests" / "sequences" / folder)


if __name__ == "__main__":
    main()
