"""Whoever begins a bulk enrollment may leave it at any time, come back to it, and stop it."""

from collections.abc import Sequence
from pathlib import Path

from tests.kill.house import House, a_house, environment
from tests.kill.receiver import Receiver
from tests.kill.terminal import Terminal, in_a_terminal

PEOPLE = [f"p{number}@people.test" for number in range(60)]
# Ten people every ten seconds: nobody is through before the test is.
_PACE = ("--per-minute", "60")
_INTERRUPTED = 130


async def test_ctrl_c_leaves_a_bulk_enrollment_running_and_says_how_to_return(tmp_path: Path) -> None:
    """Ctrl-C ends the progress bar only; the bar can be had again, also by the same command, and a list be stopped."""
    people = tmp_path / "list.csv"
    people.write_text("\n".join(["email", *PEOPLE]), encoding="utf-8")
    begin = ["crowd", "--csv", str(people), *_PACE]
    async with a_house(tmp_path, PEOPLE, Receiver(), workers=1) as house:
        first = await _left(house, begin, at="10/60")
        bulk = first.shown.split("bulk enrollment ")[1].split()[0]
        back = await _left(house, ["--watch", bulk], at="20/60")
        again = await _left(house, begin, at="[2-5]0/60")
        stopped = await _done(house, ["--cancel", bulk])
        over = await _done(house, ["--watch", bulk])

    assert f"The bulk enrollment {bulk} begins." in first.shown
    assert f"The bulk enrollment {bulk} is under way." in again.shown
    for left in (first, back, again):
        assert f"The bulk enrollment {bulk} goes on in the background" in left.shown
        assert f"rapport enroll --watch {bulk}" in left.shown
        assert f"rapport enroll --cancel {bulk}" in left.shown
    assert f"{bulk} ends: " in stopped.shown
    assert "Cancelled: " in over.shown


async def _left(house: House, arguments: Sequence[str], *, at: str) -> Terminal:
    """Watch until the bar says so, and leave."""
    async with in_a_terminal(["enroll", *arguments], environment(house.settings, 1)) as terminal:
        await terminal.shows(at)
        code = await terminal.ctrl_c()
        await terminal.shows("--cancel b_")
    assert code == _INTERRUPTED
    return terminal


async def _done(house: House, arguments: Sequence[str]) -> Terminal:
    """Wait until the command ends by itself."""
    async with in_a_terminal(["enroll", *arguments], environment(house.settings, 1)) as terminal:
        code = await terminal.ends()
        await terminal.shows("stay out")
    assert code == 0
    return terminal
