"""`rapport test --engine temporal`: the cases of a folder on a real Temporal server, as a CI run starts it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.hello import hello_folder

ROOT = Path(__file__).parents[2]
# What the shipped sequences do not show: a webhook that holds, an ATS that is away, no policy, a wrong script.
_SEQUENCE = """
schema: 1
title: Odds and ends
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
  - {id: hello, send: hello, if_fails: go_on}
  - id: lot
    split:
      short: {share: 50%, do: [{id: one, tag: {add: short}}]}
      long: {share: 50%, do: [{id: two, tag: {add: long}}]}
  - {id: app, ats: {read: application}, as: app, if_fails: stop}
  - {id: again, send: hello}
  - {id: tell, webhook: {to: desk}, if_fails: hold}
"""
_CASES = """
sequence: odds
starts: 2026-03-02 23:00 Europe/Berlin
candidate: {id: c_odd, first_name: Ana}
application: {id: app-1, status: active}
cases:
  - case: goes out at night
    policy: off
    then: {mails: [{day 0 23:00: hello}, {day 0 23:00: hello}], ends: end}
  - case: the webhook is away, and the walk waits for a person
    mocks: {tell: {fails: true}}
    then: {mails: [{day 1 07:00: hello}, {day 1 07:00: hello}], ends: still waiting at tell}
  - case: the ATS is away
    mocks: {app: {fails: true}}
    variants: {lot: long}
    then: {mails: [{day 1 07:00: hello}], actions: [two], candidate: {tags: [long]}}
  - case: a reply that comes too early
    when: [{day 0 23:30: {replied: hello}}]
    then: {ends: replied}
"""


def test_cases_come_to_the_same_on_temporal(tmp_path: Path) -> None:
    """All that the simulator says comes true, and the wrong script is told as in the simulator."""
    folder = hello_folder(tmp_path)
    (folder / "project.yaml").write_text((folder / "project.yaml").read_text() + "webhooks: {desk: {url: DESK_URL}}\n")
    (folder / "odds.yaml").write_text(_SEQUENCE)
    (folder / "odds.test.yaml").write_text(_CASES)

    simulated, real = _run(folder), _run(folder, "--engine", "temporal")

    assert simulated.stdout.replace("4 cases:", "") == real.stdout.replace("4 cases:", "")
    assert (1, 1, "") == (simulated.returncode, real.returncode, real.stderr)
    assert "FAIL  odds / a reply that comes too early" in real.stdout


@pytest.mark.parametrize(("sequence", "cases"), [("job-fair", 3), ("consent-renewal", 5)])
def test_shipped_sequences_hold_on_both_engines(sequence: str, cases: int) -> None:
    """The fair moves while she waits; a consent runs out, and is given again or not."""
    result = _run(ROOT / "sequences", "--engine", "temporal", "--filter", sequence)

    assert (0, f"{cases} cases on both engines: {cases} passed, 0 failed\n") == (result.returncode, result.stdout)


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.main import run; run()", "test", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
