"""A small folder of sequences for tests of commands: a mail, a week for an answer, a second mail."""

from pathlib import Path

from click.testing import CliRunner, Result

from cli.test import test as run_tests

_PROJECT = """
schema: 1
organization: {name: Acme, zone: Europe/Berlin, country: DE, postal_address: "Musterstr. 1"}
people: {anna-koch: {name: Anna Koch, email: anna.koch@acme.example}}
senders: {talent-team: {name: Acme, email: talent@acme.example}}
consent: {purposes: {nurture: {title: Mails}}}
"""
SEQUENCE = """
schema: 1
title: Hello
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
  - {id: hello, send: hello}
  - id: read
    wait_for: {clicked: hello}
    within: 7 days
    then: [{id: warm, tag: {add: warm}}]
    else: [{id: again, send: hello}]
"""
_TEST = """
sequence: hello
starts: 2026-03-02 10:00 Europe/Berlin
cases:
  - case: {case}
    when: [{when}]
    then: {then}
"""


def hello_folder(folder: Path) -> Path:
    """Write the folder, without a test file."""
    (folder / "mails").mkdir()
    (folder / "mails" / "hello.md").write_text("---\nsubject: Hello\n---\nHi.\n")
    (folder / "project.yaml").write_text(_PROJECT)
    (folder / "hello.yaml").write_text(SEQUENCE)
    return folder


def write_case(folder: Path, then: str, *, when: str = "", case: str = "silent") -> None:
    """Write a test file with one case."""
    (folder / "hello.test.yaml").write_text(_TEST.format(case=case, when=when, then=then))


def run_test(*arguments: object) -> Result:
    """Call `rapport test`; `return_value` is its exit code."""
    return CliRunner().invoke(run_tests, [str(argument) for argument in arguments], standalone_mode=False)
