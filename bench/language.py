"""How fast 1,000 sequences of 20 steps are read, checked and compiled."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.rows import Row, hand_over
from rapport.dsl.workspace import load_workspace

_SEQUENCES = Path(__file__).parents[1] / "sequences"
_FILES = 1_000
# Four steps each: a mail, a wait with two ways on, and a wait.
_ROUNDS = 5
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


def _measure() -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(_SEQUENCES / "project.yaml", folder)
        shutil.copytree(_SEQUENCES / "mails", folder / "mails")
        steps = "".join(_STEPS.format(step=step) for step in range(_ROUNDS))
        for number in range(_FILES):
            (folder / f"sequence-{number}.yaml").write_text(_HEAD.format(number=number) + steps, encoding="utf-8")
        began = perf_counter()
        workspace = load_workspace(folder)
        seconds = perf_counter() - began
    if len(workspace.sequences) != _FILES:
        raise AssertionError(workspace.problems[:3])
    return [Row(name="sequences of 20 steps checked and compiled per second", value=_FILES / seconds, unit="files/s")]


if __name__ == "__main__":
    hand_over(sys.argv, _measure())
