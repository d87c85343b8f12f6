"""Folders made to hurt: what is no file is not read, and many files cost little each."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.dsl.hostile.verdict import assert_light
from tests.weighing import Scales


def _link_out(folder: Path) -> None:
    (folder / "mails" / "hostile.md").symlink_to("/etc/passwd")
    (folder / "hostile.yaml").symlink_to("/etc/passwd")


def _pipes(folder: Path) -> None:
    os.mkfifo(folder / "hostile.yaml")
    os.mkfifo(folder / "hostile.test.yaml")
    os.mkfifo(folder / "mails" / "hostile.md")
    os.mkfifo(folder / "mails" / "notes" / "hostile.md")


def _devices(folder: Path) -> None:
    (folder / "hostile.yaml").symlink_to("/dev/zero")
    (folder / "mails" / "hostile.md").symlink_to("/dev/zero")
    (folder / "mails" / "notes" / "hostile.md").symlink_to("/dev/random")


def _circles(folder: Path) -> None:
    (folder / "hostile.yaml").symlink_to("hostile.yaml")
    (folder / "mails" / "mails").symlink_to("..")


def _folders(folder: Path) -> None:
    (folder / "hostile.yaml").mkdir()
    (folder / "mails" / "hostile.md").mkdir()


def _strange_names(folder: Path) -> None:
    for name in (b"\xff\xfe.yaml", b"a\nb.yaml", b"\x1b[31m.yaml", b"-rf.yaml", b".yaml", b"x" * 200 + b".yaml"):
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text("schema: 1\n")  # noqa: PTH118  # bytes


@pytest.mark.parametrize("lay", [_link_out, _pipes, _devices, _circles, _folders, _strange_names])
@pytest.mark.parametrize("command", ["check .", "fmt --check ."])
def test_what_is_no_file_is_not_read(scales: Scales, folder: Path, lay: Callable[[Path], None], command: str) -> None:
    """Links out of the folder, pipes, devices and folders in the place of a file stop nothing."""
    lay(folder)

    weight = scales.weigh(*command.split(), cwd=folder)

    assert_light(weight)
    assert "root:" not in weight.said


@pytest.mark.parametrize("command", ["check hostile.yaml", "fmt --check hostile.yaml"])
def test_a_pipe_that_is_named_is_not_waited_for(scales: Scales, folder: Path, command: str) -> None:
    """Nobody writes to it, so reading it would last for ever."""
    os.mkfifo(folder / "hostile.yaml")

    weight = scales.weigh(*command.split(), cwd=folder)

    assert weight.ended_by == 0
    assert weight.code == 2


def test_many_files_cost_little_each(scales: Scales, folder: Path) -> None:
    """Thousands of files are less than a millisecond each."""
    number = 5_000  # 20,000 take four times as long
    for place in range(number):
        (folder / f"s-{place}.yaml").write_bytes(b"schema: 1\n")

    weight = scales.weigh("check", ".", cwd=folder)

    assert weight.ended_by == 0
    assert weight.seconds < number / 1_000
