"""`rapport publish`: what git holds becomes what new walks start on."""

from pathlib import Path

import click

from cli.checkout import commit_of
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from cli.publication import publication_of
from rapport.dsl.problem import as_text
from rapport.usecases.checked_folder import checked_folder
from rapport.usecases.publish import PublishReport
from rapport.usecases.publish import publish as publish_all


@click.command(short_help="Make the sequences of a folder the live ones.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--commit", help="The git commit that the folder is at; sends record it. Without it git is asked.")
def publish(folder: Path, commit: str | None) -> int:
    """Check FOLDER and publish it: new walks start on it, walks under way keep their plan.

    Exit code: 0 published, 1 problems found and nothing published.
    """
    commit = commit or commit_of(folder)
    workspace = checked_folder(folder)
    if workspace.problems:
        click.echo(as_text(workspace.problems), err=True)
    if workspace.has_errors:
        click.echo("Nothing was published.", err=True)
        return EXIT_PROBLEMS
    publication = publication_of(workspace)

    async def work(here: Installation) -> PublishReport:
        return await publish_all(here.store, publication, commit=commit, at=here.clock.now())

    click.echo(said(run(work)))
    return EXIT_OK


def said(report: PublishReport) -> str:
    """What a publication did, line by line."""
    names = {
        **{f"sequence {name}": change for name, change in report.sequences.items()},
        **{
            f"mail {name}{f' ({language})' if language else ''}": change
            for (name, language), change in report.mails.items()
        },
    }
    changed = [f"{change:9} {name}" for name, change in names.items() if change != "unchanged"]
    project = [] if report.project == "unchanged" else [f"{report.project:9} project.yaml"]
    absent = [f"still live, but not in the folder: {name}" for name in report.absent]
    recount = ["Segments mean something else now: the worker decides about everybody anew."] if report.recount else []
    unchanged = sum(change == "unchanged" for change in names.values())
    return "\n".join([*project, *changed, *absent, *recount, f"{unchanged} unchanged."])
