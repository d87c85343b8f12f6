"""`rapport consent`: the ledger of one person, and what somebody tells us about it."""

from datetime import UTC, datetime

import click

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.store import candidates, consents
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.usecases.consenting import Grant
from rapport.usecases.consenting import grant as grant_consent
from rapport.usecases.consenting import withdraw as withdraw_consent
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents

_BY = "command line"
_WORDS = 60  # of a text, so that an entry stays one line


@click.command(short_help="Show what a candidate agreed to, and write down a yes or a no.")
@click.argument("candidate")
@click.option("--grant", metavar="PURPOSE", help="They agreed to this purpose; needs --text and --source.")
@click.option("--withdraw", metavar="PURPOSE", help="They take it back; `all` for every purpose. Needs --source.")
@click.option("--text", default="", help="The exact words that they agreed to.")
@click.option("--source", default="", help="Where they said so: a form, a fair, a call; name nobody in it.")
@click.option("--basis", default="consent", show_default=True, help="One of the `bases` of the purpose.")
@click.option("--language", help="The language of the text, like `en`.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; implied consent needs one.")
def consent(
    candidate: str,
    grant: str | None,
    withdraw: str | None,
    text: str,
    source: str,
    basis: str,
    language: str | None,
    until: datetime | None,
) -> int:
    """Show the ledger of CANDIDATE (an id or an address): every yes and no, and what holds now.

    Entries are only added, never changed. Who unsubscribed can take that back only on their own page.
    """
    if grant and withdraw:
        message = "--grant and --withdraw are two calls"
        raise click.UsageError(message)
    if withdraw and not source:
        message = "--withdraw needs --source: where did they say so?"
        raise click.UsageError(message)

    async def work(here: Installation) -> list[str]:
        async with here.store.write() as tx:
            person = await candidate_of(tx, candidate, here.settings.pepper)
            key = f"cli:{person}:{len(await consents.ledger(tx, person))}"
            if grant:
                ends = until.replace(tzinfo=UTC) if until else None
                given = Grant(purpose=grant, text=text, source=source, basis=basis, language=language, until=ends)
                await grant_consent(tx, here.clock, person, given, by=_BY, key=key)
            if withdraw:
                await withdraw_consent(tx, here.clock, person, withdraw, source=source, by=_BY, key=key)
            return await _lines(tx, here, person)

    click.echo("\n".join(run(work)))
    return EXIT_OK


async def _lines(tx: Tx, here: Installation, candidate: str) -> list[str]:
    person = await candidates.get(tx, candidate)
    valid = await valid_consents(tx, person, await live_project(tx), here.clock.walk_time(candidate))
    holds = [f"{name}{f' until {until:%Y-%m-%d}' if until else ''}" for name, until in sorted(valid.items())]
    entries = [_line(entry) for entry in await consents.ledger(tx, candidate)]
    return [f"{candidate}  agrees to: {', '.join(holds) or 'nothing'}", *(entries or ["  The ledger is empty."])]


def _line(entry: ConsentRow) -> str:
    until = f" until {entry.expires_at:%Y-%m-%d}" if entry.expires_at else ""
    version = f" [{entry.text_hash[:8]}]" if entry.text_hash else ""
    said = f"  {entry.text[:_WORDS]}{'…' if len(entry.text) > _WORDS else ''}" if entry.text else ""
    head = f"  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.purpose:12} {entry.state:9} {entry.basis}, {entry.source}"
    return f"{head}{until}{version}{said}"
