"""`rapport graph`: a sequence as a drawing, for pull requests, wikis and people who would rather look."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.one_sequence import one_sequence
from rapport.dsl.plan import Plan
from rapport.dsl.wording import counted, did_you_mean, quoted
from rapport.engine.drawing.mermaid import mermaid
from rapport.engine.drawing.subject import Drawn
from rapport.engine.drawing.svg import svg

_FORMATS = {"mermaid": mermaid, "svg": svg}


@click.command(short_help="Draw a sequence as Mermaid or SVG.")
@click.argument("sequence")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="mermaid", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it here.")
@click.option("--in", "folder", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option(
    "--counts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='How many people came to each step, a JSON file like {"welcome": 1240}.',
)
def graph(sequence: str, form: str, output: Path | None, folder: Path, counts: Path | None) -> int:
    """Draw SEQUENCE, without a browser and without the network."""
    found = one_sequence(sequence, folder)
    if found is None:
        return EXIT_PROBLEMS
    checked, _ = found
    numbers = {} if counts is None else _read_counts(counts, checked.plan)
    drawing = _FORMATS[form](Drawn(plan=checked.plan, title=checked.tree["title"], counts=numbers))
    if output is None:
        click.echo(drawing, nl=False)
        return EXIT_OK
    output.write_text(drawing, encoding="utf-8")
    click.echo(f"Drawn: {counted(len(checked.plan.nodes), 'step')} in {output}")
    return EXIT_OK


def _read_counts(path: Path, plan: Plan) -> Mapping[str, int]:
    """The numbers by step; BadParameter for anything else, since a figure at the wrong step misleads."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _wrong(f"{path} is no JSON: {error}.") from error
    if not isinstance(read, dict) or not all(type(number) is int and number >= 0 for number in read.values()):
        raise _wrong(f"{path} holds something else than numbers of people.")
    steps = [node.id for node in plan.nodes]
    for step in read.keys() - set(steps):
        raise _wrong(f"no step is called {quoted(step)}{did_you_mean(step, steps)}.")
    return read


def _wrong(what: str) -> click.BadParameter:
    return click.BadParameter(f'{what} Write numbers by step, like {{"welcome": 1240}}.', param_hint="--counts")
