"""`rapport graph`: a sequence as a drawing, for pull requests, wikis and people who would rather look."""

from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.one_sequence import one_sequence
from rapport.engine.drawing.mermaid import mermaid
from rapport.engine.drawing.subject import Drawn
from rapport.engine.drawing.svg import svg

_FORMATS = {"mermaid": mermaid, "svg": svg}


@click.command(short_help="Draw a sequence as Mermaid or SVG.")
@click.argument("sequence")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="mermaid", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it here.")
@click.option("--in", "folder", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
def graph(sequence: str, form: str, output: Path | None, folder: Path) -> int:
    """Draw SEQUENCE, without a browser and without the network."""
    found = one_sequence(sequence, folder)
    if found is None:
        return EXIT_PROBLEMS
    checked, _ = found
    drawing = _FORMATS[form](Drawn(plan=checked.plan, title=checked.tree["title"]))
    if output is None:
        click.echo(drawing, nl=False)
        return EXIT_OK
    output.write_text(drawing, encoding="utf-8")
    click.echo(f"Drawn: {len(checked.plan.nodes)} steps in {output}")
    return EXIT_OK
