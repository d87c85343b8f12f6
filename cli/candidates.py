"""`rapport candidates`: looking for people, and changing what is known of them."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select

from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.person import candidate_of
from rapport.dsl.stages import STAGES
from rapport.errors import BadInput
from rapport.store import candidates as people
from rapport.store import identities
from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.usecases import addresses
from rapport.usecases.cause import Cause
from rapport.usecases.new_person import Granted, NewPerson, add_person
from rapport.usecases.people_list import Sought, found
from rapport.usecases.person_timeline import person_timeline
from rapport.usecases.profile import change_profile
from rapport.usecases.profile_fields import PROFILE
from rapport.usecases.scores import score_of
from rapport.usecases.segment_view import watch_of
from rapport.usecases.snapshot import valid_consents

_BY = "command line"
_PAGE = 500


@click.group(short_help="Look for people, and change what is known of them.")
def candidates() -> None:
    """Look for people, and change what is known of them. PERSON is an id or an address."""


@candidates.command(name="list")
@click.option("--pool", default=None, help="Only people in this pool or segment.")
@click.option("--tag", default=None, help="Only people with this tag.")
@click.option("--stage", type=click.Choice(STAGES), default=None, help="Only people in this stage.")
@click.option("--owner", default=None, help="Only those of this recruiter, a key of `people`.")
@click.option("--name", default=None, help="Only those whose first or last name begins so.")
def list_people(pool: str | None, tag: str | None, stage: str | None, owner: str | None, name: str | None) -> int:
    """List people in the order of their ids; who was erased is not among them."""
    sought = Sought(pool=pool, tag=tag, stage=stage, owner=owner, name=name)

    async def work(here: Installation) -> None:
        after, empty = "", True
        while True:
            async with here.store.read() as tx:
                rows = await found(tx, here.clock, sought, after=after, limit=_PAGE)
                lines = [_line(row, await score_of(tx, row, here.clock.walk_time(row.id))) for row in rows]
            for line in lines:
                empty = False
                click.echo(line)
            if len(rows) < _PAGE:
                break
            after = rows[-1].id
        if empty:
            click.echo("Nobody fits.")

    run(work)
    return EXIT_OK


@candidates.command()
@click.argument("person")
def show(person: str) -> int:
    """Show the profile of PERSON, and where their score comes from."""

    async def work(here: Installation) -> list[str]:
        async with here.store.read() as tx:
            row = await people.get(tx, await candidate_of(tx, person, here.settings.pepper))
            return await _profile(tx, row, here)

    click.echo("\n".join(run(work)))
    return EXIT_OK


@candidates.command()
@click.argument("email")
@click.argument("fields", nargs=-1)
@click.option("--consent", multiple=True, metavar="PURPOSE", help="What they agreed to; without one they get no mail.")
@click.option("--basis", help="One of the `bases` of the purpose; `consent` unless written.")
@click.option("--text", help="The exact words that they agreed to.")
@click.option("--source", help="Where they said so; else the field `source`.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; implied consent needs one.")
def add(email: str, fields: tuple[str, ...], consent: tuple[str, ...], **how: Any) -> int:
    """Store a person with the address EMAIL; FIELDS like `city=Berlin skills="python; go" custom.notice=30`.

    Exit code: 0 stored, 1 a field or the consent does not fit, or the address is known, 2 wrong use.
    """
    granted = _granted(consent, **how)
    new = NewPerson(email=email, fields=_read(fields), granted=granted)

    async def work(here: Installation) -> str:
        async with here.store.write() as tx:
            return (await add_person(tx, here.clock, new, pepper=here.settings.pepper, cause=_BY)).id

    click.echo(run(work))
    return EXIT_OK


@candidates.command(name="set")
@click.argument("person")
@click.argument("fields", nargs=-1, required=True)
def set_fields(person: str, fields: tuple[str, ...]) -> int:
    """Set FIELDS of PERSON, like `city=Berlin stage=alumni custom.notice=30`; `city=` empties one.

    Exit code: 0 done, 1 a field does not fit; then nothing was changed.
    """
    values = _read(fields)

    async def work(here: Installation) -> bool:
        async with here.store.write() as tx:
            name = await candidate_of(tx, person, here.settings.pepper)
            return await change_profile(tx, here.clock, name, values, cause=_cause(here, name))

    click.echo("Changed." if run(work) else "Nothing changed.")
    return EXIT_OK


@candidates.command(name="add-address")
@click.argument("person")
@click.argument("email")
def add_address(person: str, email: str) -> int:
    """Recognize PERSON by EMAIL as well; mails go to their first address."""
    return _address(person, email, addresses.add_address)


@candidates.command(name="make-primary")
@click.argument("person")
@click.argument("email")
def make_primary(person: str, email: str) -> int:
    """Let mails to PERSON go to EMAIL; the address of before stays a further one."""
    return _address(person, email, addresses.make_primary)


@candidates.command(name="remove-address")
@click.argument("person")
@click.argument("email")
def remove_address(person: str, email: str) -> int:
    """Recognize PERSON by EMAIL no more; the address that mails go to stays."""
    return _address(person, email, addresses.remove_address)


@candidates.command()
@click.argument("person")
def timeline(person: str) -> int:
    """Show everything that happened with PERSON, oldest first."""

    async def work(here: Installation) -> None:
        after = ""
        while True:
            async with here.store.read() as tx:
                name = await candidate_of(tx, person, here.settings.pepper)
                lines = await person_timeline(tx, name, after=after, limit=_PAGE)
            for line in lines:
                click.echo(f"{line.at:%Y-%m-%d %H:%M} UTC  {line.kind:12}  {line.text}")
            if len(lines) < _PAGE:
                return
            after = lines[-1].mark

    run(work)
    return EXIT_OK


def _address(person: str, email: str, change: Callable[..., Awaitable[Any]]) -> int:
    async def work(here: Installation) -> addresses.Addresses:
        async with here.store.write() as tx:
            pepper = here.settings.pepper
            name = await candidate_of(tx, person, pepper)
            await change(tx, here.clock, name, email, pepper=pepper, cause=_cause(here, name))
            return await addresses.addresses(tx, name)

    known = run(work)
    click.echo("\n".join([f"{known.primary}  (mails go here)", *known.further]))
    return EXIT_OK


def _granted(
    purposes: tuple[str, ...], *, basis: str | None, text: str | None, source: str | None, until: datetime | None
) -> Granted | None:
    """What they agreed to; words about a consent that is not named would be lost."""
    if not purposes:
        if basis or text or source or until:
            message = "--basis, --text, --source and --until are about a --consent PURPOSE"
            raise click.UsageError(message)
        return None
    ends = until.replace(tzinfo=UTC) if until else None
    return Granted(purposes=purposes, basis=basis or "consent", text=text or "", source=source or "", until=ends)


def _read(pairs: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for pair in pairs:
        name, given, value = pair.partition("=")
        if not given:
            raise BadInput(place=pair, message="there is no `=` in it.", hint="Write fields like city=Berlin.")
        head, dot, own = name.partition(".")
        if head == "custom" and dot:
            fields.setdefault("custom", {})[own] = value or None
        else:
            fields[name] = value or None
    return fields


def _cause(here: Installation, candidate: str) -> Cause:
    return Cause(text=_BY, at=here.clock.walk_time(candidate))


def _line(row: CandidateRow, score: int) -> str:
    name = " ".join(filter(None, [row.first_name, row.last_name])) or "(no name)"
    return f"{row.id}  {row.stage or '-'}  score {score}  {name}  {row.city or '-'}"


async def _profile(tx: Tx, row: CandidateRow, here: Installation) -> list[str]:
    known: dict[str, Any] = {name: getattr(row, name) for name in PROFILE}
    known["skills"] = "; ".join(row.skills)
    known |= {f"custom.{name}": json.dumps(value, ensure_ascii=False) for name, value in row.custom.items()}
    known |= {
        "email": row.email,
        "further addresses": "; ".join(await identities.addresses_of(tx, row.id)),
        "tags": "; ".join(await people.tags_of(tx, row.id)),
        "pools": "; ".join(await people.pools_of(tx, row.id, here.clock.walk_time(row.id))),
        "agrees to": await _agrees(tx, row, here),
        "score": await score_of(tx, row, here.clock.walk_time(row.id)),
    }
    entry = ScoreEntryRow
    entries = await tx.scalars(select(entry).where(entry.candidate == row.id).order_by(entry.at, entry.id))
    ledger = [
        f"  {one.at:%Y-%m-%d %H:%M} UTC  {one.before} → {one.after}{f'  {one.how} {one.points}' if one.how else ''}"
        f"  {one.cause}"
        for one in entries
    ]
    return [row.id, *(f"{name}: {value}" for name, value in known.items() if value not in (None, "")), *ledger]


async def _agrees(tx: Tx, row: CandidateRow, here: Installation) -> str:
    """For what purposes they may get mails now."""
    project = (await watch_of(tx)).project
    valid = await valid_consents(tx, row, project, here.clock.walk_time(row.id))
    return "; ".join(sorted(valid)) or "nothing, so they get no mails"
