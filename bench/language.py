"""How fast sequences are checked and their test cases walked: whole commands, as a pull request waits for them."""

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.rows import Row, hand_over

_ROOT = Path(__file__).parents[1]
_SEQUENCES = _ROOT / "sequences"
_SCHEMA = _ROOT / "schemas" / "sequence.schema.json"
_FILES = 1_000
# Each command runs for seconds; the quicker of two rounds is the one that a neighbor spoiled less.
_ROUNDS = 2
# Four steps each: a mail, a wait with two ways on, and a wait.
_REPEATED = 5
_HEAD = """schema: 1
title: Sequence {number}
owner: anna-koch
purpose: nurture
exit: [{{replied: any}}]
defaults: {{from: talent-team, send_between: office-hours}}
steps:
"""
_STEPS = """  - {{id: mail-{step}, send: welcome}}
  - id: read-{step}
    wait_for: {{clicked: mail-{step}}}
    within: 7 days
    then: [{{id: score-{step}, score: {{add: 5}}}}]
  - {{id: pause-{step}, wait: 30 days}}
"""
# Half a year of mails, waits and decisions; a file may hold a few hundred cases, so there are several.
_HALF_A_YEAR = "talent-nurture"
_CASES, _TEST_FILES = 1_000, 20
_CASE = """  - case: reads everything and hears of open roles, {number}
    when:
      - day 31: {{clicked: {{step: blog-post, link: post}}}}
      - day 92: {{clicked: {{step: report, link: report}}}}
    then:
      mails: [{{day 2: talent-welcome}}, {{day 30: blog-post}}, {{day 91: industry-report}}, {{day 182: open-roles}}]
      ends: end
"""
_ALLOWED_SECONDS = 5


def _measure() -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sequences, theirs = _many_sequences(folder / "sequences"), _check_jsonschema(folder / "venv")
        tests = _many_cases(folder / "tests")
        checked = _seconds([*_rapport(), "check", str(sequences)])
        validated = _seconds([theirs, "--schemafile", str(_SCHEMA), *map(str, sequences.glob("sequence-*.yaml"))])
        walked = _seconds([*_rapport(), "test", str(tests)])
    return [
        Row(
            name="checking 1,000 sequences of 20 steps, beside check-jsonschema's look at the schema alone",
            value=checked,
            unit="s",
            baseline=validated,
            at_most=1.0,
        ),
        Row(
            name="running 1,000 test cases of six months, beside the 5 s allowed",
            value=walked,
            unit="s",
            baseline=_ALLOWED_SECONDS,
            at_most=1.0,
        ),
        Row(
            name="test cases of six months per second, with the start of the command", value=_CASES / walked, unit="/s"
        ),
    ]


def _many_sequences(folder: Path) -> Path:
    _project(folder)
    steps = "".join(_STEPS.format(step=step) for step in range(_REPEATED))
    for number in range(_FILES):
        (folder / f"sequence-{number}.yaml").write_text(_HEAD.format(number=number) + steps, encoding="utf-8")
    return folder


def _many_cases(folder: Path) -> Path:
    _project(folder)
    head = "starts: 2026-01-12 11:00 America/New_York\ncandidate: {first_name: Rosa, country: US, score: 0}\ncases:\n"
    cases = "".join(_CASE.format(number=number) for number in range(_CASES // _TEST_FILES))
    for number in range(_TEST_FILES):
        name = f"{_HALF_A_YEAR}-{number}"
        shutil.copy(_SEQUENCES / f"{_HALF_A_YEAR}.yaml", folder / f"{name}.yaml")
        (folder / f"{name}.test.yaml").write_text(f"sequence: {name}\n{head}{cases}", encoding="utf-8")
    return folder


def _project(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(_SEQUENCES / "project.yaml", folder)
    shutil.copytree(_SEQUENCES / "mails", folder / "mails")


def _rapport() -> list[str]:
    return [sys.executable, "-c", "from cli.main import run; run()"]


def _check_jsonschema(folder: Path) -> str:
    """The program from PyPI, in an environment of its own: nothing else of ours needs it."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "-qq", "check-jsonschema"], check=True)
    return str(folder / "bin" / "check-jsonschema")


def _seconds(command: Sequence[str]) -> float:
    """How long the command takes; it has to succeed."""
    took = []
    for _ in range(_ROUNDS):
        began = perf_counter()
        subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.DEVNULL)
        took.append(perf_counter() - began)
    return min(took)


if __name__ == "__main__":
    hand_over(sys.argv, _measure())
