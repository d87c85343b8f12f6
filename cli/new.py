"""`rapport new`: a project of one's own, and sequences to start from, with their mails and tests."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.order import kind_of
from rapport.dsl.problem import as_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import load_workspace
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused

_FOLDER = Path(__file__).parent / "starters"
# name: (one line for --list, the purpose and the pool that it would like to use).
STARTERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "nurture": ("Keep in touch with people in a talent pool.", "nurture", "talent-community"),
    "event-follow-up": ("Remind people of an event, and thank those who came.", "events", ""),
    "re-pool": ("Keep good people after a rejection.", "nurture", "silver-medalists"),
    "consent-renewal": ("Ask for consent again before it runs out.", "nurture", ""),
    "role-opened": ("Tell people of a new role, remind them once, and hand over who looks.", "nurture", ""),
}
_PROJECT: Final = "project"
_NAME = re.compile(r"[a-z0-9-]+")


@click.command(short_help="Write a sequence, its mails and its test from a starter.")
@click.argument("starter", required=False)
@click.argument("name", required=False)
@click.option("--in", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("sequences"))
@click.option("--list", "lists", is_flag=True, help="Show the starters.")
def new(starter: str | None, name: str | None, folder: Path, *, lists: bool) -> int:
    """Write NAME.yaml, its mails and NAME.test.yaml from STARTER; nothing is ever overwritten.

    `rapport new project "Your company"` comes first: it writes the folder and its project.yaml.
    """
    if lists:
        click.echo(f"{_PROJECT:<18} Begin with a project.yaml of your own; NAME is your company's.")
        for known, (line, _, _) in STARTERS.items():
            click.echo(f"{known:<18} {line}")
        return EXIT_OK
    if starter is None or name is None:
        message = "name a starter and the new sequence, like `rapport new nurture my-flow`; --list shows the starters"
        raise click.UsageError(message)
    if starter == _PROJECT:
        return _begun(folder, name)
    texts = _texts(starter, name, folder)
    _write(folder, texts)
    for path in texts:
        click.echo(f"written: {folder / path}")
    return _checked(folder, name)


def _begun(folder: Path, company: str) -> int:
    """Write the project.yaml of a company, in a folder that need not be there."""
    if not company.strip() or not company.isprintable():
        raise BadInput(place="NAME", message=f"{company!r} is no name of a company.", hint="Write it on one line.")
    text = (_FOLDER / _PROJECT / "project.yaml").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    path = Path("project.yaml")
    _write(folder, {path: _filled(path, text, {"__NAME__": json.dumps(company.strip(), ensure_ascii=False)})})
    click.echo(f"written: {folder / path}")
    click.echo("Next: write your postal address, people and senders into it, then `rapport new nurture my-flow`.")
    return EXIT_OK


def _texts(starter: str, name: str, folder: Path) -> dict[Path, str]:
    """Every file to write, by its path inside the folder."""
    if starter not in STARTERS:
        raise NotFound(kind="starter", name=starter, hint=f"Use one of {_PROJECT}, {', '.join(STARTERS)}.")
    if not _NAME.fullmatch(name):
        raise BadInput(place="NAME", message=f"{name!r} cannot be a name.", hint="Use a-z, 0-9 and hyphens.")
    words = {"__NAME__": name, **_found_in(_project(folder), starter)}
    sources = {Path(f"{name}.yaml"): _FOLDER / starter / "sequence.yaml"}
    sources |= {Path("mails", f"{name}-{mail.name}"): mail for mail in sorted((_FOLDER / starter / "mails").iterdir())}
    sources[Path(f"{name}.test.yaml")] = _FOLDER / starter / "test.yaml"
    return {path: _filled(path, source.read_text(encoding="utf-8"), words) for path, source in sources.items()}


def _project(folder: Path) -> Project:
    workspace = load_workspace(folder) if folder.is_dir() else None
    if workspace is None or any(problem.rule == "no-project" for problem in workspace.problems):
        message = f"There is no project.yaml in or above {folder}."
        raise ConfigurationError(message, hint='Begin with one of your own: `rapport new project "Your company"`.')
    if workspace.project is None:
        message = f"There is no project.yaml without mistakes in or above {folder}."
        raise ConfigurationError(message, hint=f"Run `rapport check {folder}` and mend it first.")
    return workspace.project


def _found_in(project: Project, starter: str) -> dict[str, str]:
    """What the starter leaves open, in the words of this project."""
    _, purpose, pool = STARTERS[starter]
    return {
        "__OWNER__": _one_of(project.people, "anna-koch"),
        "__SENDER__": _one_of((key for key, sender in project.senders.items() if sender.email), "talent-team"),
        "__WINDOW__": _one_of(project.windows, "office-hours"),
        "__PURPOSE__": _one_of(project.purposes, purpose),
        "__POOL__": _one_of((key for key, known in project.pools.items() if known.members is None), pool),
    }


def _one_of(names: Iterable[str], wanted: str) -> str:
    """The wanted name if there is one, else the first that there is; `check` asks for it where there is none at all."""
    known = list(names)
    return wanted if wanted in known or not known else known[0]


def _filled(path: Path, text: str, words: Mapping[str, str]) -> str:
    """A starter's text with the project's words; names differ in length, so its lines are laid out anew."""
    for word, value in words.items():
        text = text.replace(word, value)
    laid = lay_out(text.encode(), str(path), kind_of(path)).text if path.suffix == ".yaml" else None
    return laid or text


def _write(folder: Path, texts: Mapping[Path, str]) -> None:
    there = [path for path in texts if (folder / path).exists()]
    if there:
        message = f"{', '.join(str(folder / path) for path in there)} exists already, and nothing was written."
        raise Refused(reason="exists", message=message, hint="Take another name.")
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        # `x`: a file that somebody wrote in this very moment is not overwritten either.
        with (folder / path).open("x", encoding="utf-8") as file:
            file.write(text)


def _checked(folder: Path, name: str) -> int:
    workspace = load_workspace(folder)
    if name not in workspace.sequences or name not in workspace.tests:
        click.echo(as_text(workspace.problems))
        return EXIT_PROBLEMS
    click.echo(f"Next: change the words in {folder / 'mails'}, then run `rapport test {folder} --filter {name}`.")
    return EXIT_OK
