"""`rapport demo`: forty-eight people walk through half a year on the real engine, and nothing differs from the plan."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from cli.demonstration.cast import Part, read_cast
from cli.demonstration.conductor import Played
from cli.demonstration.stage import Stage, staged
from cli.demonstration.verdict import Comparison
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import existing_folder
from rapport.dsl.problem import as_text
from rapport.dsl.wording import counted
from rapport.dsl.workspace import load_workspace

# More walks at once only wait for each other on two cores.
_AT_ONCE = 8
_FOLDER = Path(".demo")


@click.command(short_help="Walk a cast of people through half a year on the real engine, in minutes.")
@click.option("--keep", is_flag=True, envvar="KEEP", help="Leave everything running afterwards, until Ctrl-C.")
@click.option("--people", type=click.IntRange(1), help="Play only the first so many parts.")
def demo(people: int | None, *, keep: bool) -> int:
    """Play the cast of the demo and compare every walk with the simulator.

    Exit code: 0 all timelines agree, 1 some do not.
    """
    workspace = load_workspace(existing_folder("sequences"))
    if workspace.has_errors or workspace.project is None:
        click.echo(as_text(workspace.problems), err=True)
        return EXIT_PROBLEMS
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir()
    folder = _FOLDER.resolve()

    async def on_stage() -> int:
        assert workspace.project is not None  # noqa: S101  # looked at above
        async with staged(folder, workspace, workspace.project) as stage:
            code = await perform(stage, read_cast()[:people])
            if keep:
                click.echo("Everything is left running; Ctrl-C ends it.")
                await asyncio.Event().wait()
            return code

    return asyncio.run(on_stage())


async def perform(stage: Stage, cast: Sequence[Part]) -> int:
    """Play every part, show how far they are, and say how each walk compares; the exit code of `rapport demo`."""
    console = Console()
    for name, address in stage.addresses.items():
        console.print(f"  {name:12} {address}", highlight=False)
    progress = _Progress(cast)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def play(part: Part) -> Played:
        async with gate:
            progress.began(part)
            stage.prepare(await stage.conductor.observer.candidate(part.email), part)
            played = await stage.conductor.play(part)
            progress.ended(part)
            return played

    with Live(progress, console=console, refresh_per_second=4):
        played = await asyncio.gather(*(play(part) for part in cast))
    comparisons = [found for one in played for found in await stage.judge.compare(one)]
    console.print()
    console.print(_table(comparisons))
    return _said(comparisons)


class _Progress:
    """How many people of each sequence wait, walk and have arrived."""

    def __init__(self, cast: Sequence[Part]) -> None:
        self._all = Counter(part.sequence for part in cast)
        self._begun: Counter[str] = Counter()
        self._over: Counter[str] = Counter()

    def began(self, part: Part) -> None:
        """One more is on the way."""
        self._begun[part.sequence] += 1

    def ended(self, part: Part) -> None:
        """One more has arrived."""
        self._over[part.sequence] += 1

    def __rich__(self) -> Table:
        table = Table("Sequence", "People", "Walking", "Arrived")
        for name, count in sorted(self._all.items()):
            walking = self._begun[name] - self._over[name]
            table.add_row(name, str(count), str(walking), str(self._over[name]))
        return table


def _table(comparisons: Sequence[Comparison]) -> Table:
    table = Table("Person", "Walk", "Steps", "Mails", "Effects", "Ends", "Real = simulated")
    for found in sorted(comparisons, key=lambda one: (one.enrollment.partition("/")[0], one.first_name)):
        shown = found.real or found.simulated
        if shown is None:
            continue
        counts = (len(shown.path), len(shown.mails), len(shown.effects))
        ends = f"{shown.end[0]} {shown.end[1]:%Y-%m-%d}" if shown.end else "still walking"
        verdict = "[green]yes[/]" if found.agrees else f"[red]NO[/] {found.difference}"
        sequence = found.enrollment.partition("/")[0]
        table.add_row(found.first_name, sequence, *map(str, counts), ends, verdict)
    return table


def _said(comparisons: Sequence[Comparison]) -> int:
    agree = sum(found.agrees for found in comparisons)
    mails = sum(len(found.real.mails) for found in comparisons if found.real)
    walks = f"{counted(len(comparisons), 'walk')}, {counted(mails, 'mail')}"
    click.echo(f"{walks}: {agree} agree with the simulator to the second.")
    return EXIT_OK if agree == len(comparisons) else EXIT_PROBLEMS
