"""`rapport preview`: mails as their readers get them, as text, as a page, or as a test mail to oneself."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, installed, run
from cli.person import candidate_of
from cli.preview_server import serve_page
from cli.scenario_files import CandidateFile, read_scenario
from rapport.clock import SystemClock
from rapport.dsl.problem import as_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.errors import NotFound, RapportError
from rapport.mail.draft import Composed
from rapport.mail.headers import one_line
from rapport.mail.smtp import SmtpMailer
from rapport.reports.occasions import Occasion, occasions
from rapport.reports.page import page
from rapport.reports.preview import Proofs, inert_letterhead
from rapport.reports.preview_page import preview_page, preview_text
from rapport.reports.reader import Reader, made_up_reader, sample_reader, stored_reader
from rapport.reports.stored_people import StoredPerson, stored_person
from rapport.reports.trial import check_is_ours, send_trial, trial_of
from rapport.settings import Settings
from rapport.wiring.house import dkim_of, relay_of

_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is to be shown; everything is read again for every page, so that an edit is seen on reload."""

    name: str
    step: str | None
    folder: Path
    file: Path | None
    sets: Sequence[str]
    stored: StoredPerson | None
    settings: Settings

    def look(self) -> tuple[Proofs, list[Occasion]] | str:
        """The mails, or the mistakes that stand in the way, as text."""
        workspace = load_workspace(self.folder)
        if workspace.project is None:
            return as_text(workspace.problems)
        try:
            found = occasions(workspace, workspace.project, self.name, self.step)
        except NotFound:
            if workspace.has_errors:  # which may be why it is not there
                return as_text(workspace.problems)
            raise
        at = SystemClock().now()
        proofs = Proofs(
            workspace=workspace,
            project=workspace.project,
            reader=self._reader(workspace, workspace.project, found[0]),
            letterhead=inert_letterhead(self.settings),
            at=at,
        )
        return proofs, found

    def _reader(self, workspace: Workspace, project: Project, occasion: Occasion) -> Reader:
        at = SystemClock().now()
        tree: Mapping[str, Any] = {}
        checked = workspace.sequences.get(occasion.plan.sequence) or next(iter(workspace.sequences.values()), None)
        if checked is not None:
            tree = read_scenario(workspace, checked, file=self.file, events=None, sets=self.sets)
        if self.stored is not None:
            return stored_reader(self.stored, tree)
        if self.file is not None:
            return made_up_reader(tree, at)
        return sample_reader(project, at, tree)

    def show(self) -> str:
        """The page."""
        try:
            found = self.look()
        except RapportError as wrong:
            found = str(wrong)
        if isinstance(found, str):
            return page("mistakes", title=self.name, text=found)
        proofs, asked = found
        return preview_page(self.name, _who(proofs.reader), [proofs.of(occasion) for occasion in asked])


@click.command(short_help="Show a mail as its reader gets it.")
@click.argument("name", metavar="MAIL|SEQUENCE")
@click.option("--step", metavar="ID", help="Only the mail of this step.")
@click.option("--in", "folder", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option("--person", metavar="ID", help="A stored candidate, by id or address.")
@click.option(
    "--candidate",
    "file",
    type=CandidateFile(),
    help="A YAML file with the candidate's fields, or with the keys of a test case; what it leaves out is missing.",
)
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="One field, like candidate.locale=de.")
@click.option("-o", "--output", type=_FILE, help="Write a page.")
@click.option("--serve", is_flag=True, help="Serve the page on this machine; reload to see an edit.")
@click.option("--port", type=click.IntRange(0, 65535), default=8035, show_default=True, help="The port for --serve.")
@click.option("--send-to", metavar="ADDRESS", help="Send it to yourself, marked [Test]; nothing is recorded.")
@click.option("--language", help="The language to send; default: the one that this reader gets.")
def preview(
    name: str,
    output: Path | None,
    port: int,
    send_to: str | None,
    language: str | None,
    *,
    serve: bool,
    **options: Any,
) -> int:
    """Show MAIL, or the mails of SEQUENCE, in every language, filled in for a sample person or a chosen one.

    The very code that composes real mails composes these. Their links, unsubscribe addresses and pixels belong to no
    mail: whoever clicks them moves nothing.
    """
    if sum([output is not None, serve, send_to is not None]) > 1:
        message = "choose one of -o, --serve and --send-to"
        raise click.UsageError(message)
    if options["person"] and options["file"]:
        message = "--person is stored and --candidate made up; choose one"
        raise click.UsageError(message)
    if options["person"] and any(text.startswith("candidate.") for text in options["sets"]):
        message = "--set changes the fields of made-up people; --person is as stored"
        raise click.UsageError(message)
    asked = _asked(name, options)
    if serve:
        return serve_page(asked.show, port)
    found = asked.look()
    if isinstance(found, str):
        click.echo(found)
        return EXIT_PROBLEMS
    proofs, mails = found
    if send_to is not None:
        return _send(asked, proofs, mails, send_to, language)
    previews = [proofs.of(occasion) for occasion in mails]
    if output is not None:
        output.write_text(preview_page(name, _who(proofs.reader), previews), encoding="utf-8")
        click.echo(f"Written: {output}")
    else:
        click.echo("\n\n".join("\n".join(preview_text(one)) for languages in previews for one in languages))
    sound = all(one.composed is not None and not one.missing for languages in previews for one in languages)
    return EXIT_OK if sound else EXIT_PROBLEMS


def _asked(name: str, options: dict[str, Any]) -> _Asked:
    asked = _Asked(
        name=name,
        step=options["step"],
        folder=options["folder"],
        file=options["file"],
        sets=options["sets"],
        stored=None,
        settings=Settings.from_environ(os.environ),
    )
    project = load_workspace(options["folder"]).project if options["person"] else None
    return asked if project is None else replace(asked, stored=_stored(options["person"], project))


def _stored(name: str, project: Project) -> StoredPerson:
    async def work(here: Installation) -> StoredPerson:
        async with here.store.read() as tx:
            candidate = await candidate_of(tx, name, here.settings.pepper)
            return await stored_person(tx, candidate, project, at=here.clock.now())

    return run(work)


def _who(reader: Reader) -> str:
    return one_line(" ".join(filter(None, [reader.row.first_name, reader.row.last_name]))) or "somebody made up"


def _send(asked: _Asked, proofs: Proofs, mails: Sequence[Occasion], address: str, language: str | None) -> int:
    if len(mails) > 1:
        steps = ", ".join(occasion.step for occasion in mails)
        message = f"choose the mail to send with --step: {steps}"
        raise click.UsageError(message)
    # Another number for every test: microseconds, so that nobody sends two with one.
    letterhead = inert_letterhead(asked.settings, dkim_of(asked.settings))
    numbered = replace(proofs, letterhead=letterhead, number=int(proofs.at.timestamp() * 1_000_000))
    chosen = trial_of(numbered, mails[0], address, language)
    assert chosen.composed is not None  # noqa: S101  # trial_of refuses a mail that could not be composed
    asyncio.run(_hand_over(asked.settings, address, chosen.composed))
    click.echo(f"Sent: {chosen.composed.subject} ({chosen.file}) to {address}")
    for path in chosen.missing:
        click.echo(f"  {path} is missing and marked: a real mail would not be sent.")
    return EXIT_OK


async def _hand_over(settings: Settings, address: str, composed: Composed) -> None:
    if _has_store(settings):
        async with installed(settings) as here, here.store.read() as tx:
            await check_is_ours(tx, address, settings.pepper)
    mailer = SmtpMailer(relay_of(settings))
    try:
        await send_trial(mailer, composed, is_configured="RAPPORT_SMTP_HOST" in os.environ)
    finally:
        await mailer.close()


def _has_store(settings: Settings) -> bool:
    """Whether there is anybody who could be a candidate; looking must not make an installation where there is none."""
    return bool(settings.database_url) or (settings.state_folder / "rapport.db").exists()
