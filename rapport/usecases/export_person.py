"""Everything about a person, for the person: a zip of JSON and of the mails as they went out."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.store import candidates, consents, erasure, identities, privacy
from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.erasure_rules import RULES
from rapport.store.tables.privacy import PrivacyRequestRow

# Keyed hashes and the outbox's own bookkeeping say nothing about a person.
_LEFT_OUT = {
    "candidates": ("email_key",),
    "addresses": ("key",),
    "identities": ("key",),
    "sends": ("recipient_key",),
    "ats_people": ("told",),
    "suppressions": ("key",),
}
_INTERNAL: Mapping[str, str] = {
    "deliveries": "the outbox's own messages to walks: ids, and words of the plan",
    "sender_harms": "counts complaints about our own addresses",
}
_MAILS: Mapping[str, str] = {"sends": "raw", "forwards": "original", "incoming_mails": "raw"}
_README = """Everything that we keep about you, as of the day in data.json.

data.json  each kind of record with its fields: your profile (candidates), addresses, consents with the words that you
           agreed to, addresses that get no mail (suppressions), mails (sends), what you clicked and answered
           (happenings), what colleagues noted (conversations, tasks), applications, tags, pools, scores.
mails/     every mail that we sent to you, and your answers that are still on their way to a colleague, as .eml files.
"""


async def export(tx: Tx, clock: Clock, candidate: str, *, by: str) -> bytes:
    """Write a person's data down as a zip, and that somebody asked for it.

    NotFound for an unknown id; Refused (`erased`) when nothing is left.
    """
    person = await candidates.get(tx, await identities.kept(tx, candidate))
    if person.erased_at is not None:
        hint = "Nothing is left that could be handed over."
        raise Refused(reason="erased", message=f"{person.id} was erased on {person.erased_at:%Y-%m-%d}.", hint=hint)
    now = clock.now()
    await privacy.begin(tx, candidate=person.id, kind=privacy.EXPORT, state=privacy.DONE, by=by, at=now, done_at=now)
    people = await erasure.everybody(tx, person.id)
    records = {name: rows async for name, rows in _records(tx, people)}
    records |= await _closed(tx, people)
    return _zipped(person.id, now, records)


async def _records(tx: Tx, people: Sequence[str]) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """All rows that lead to these people, by table: what erasure would empty is what there is."""
    for rule in RULES:
        name = str(rule.table.__tablename__)
        if name in _INTERNAL:
            continue
        query = select(rule.table).where(erasure.theirs(rule.table, rule.column, rule.of, people))
        rows = (await tx.scalars(query)).all()
        if rows:
            yield name, [_values(row) for row in rows]


async def _closed(tx: Tx, people: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """For what each of their addresses gets no mail, and why: it hangs on the address and not on a row of theirs."""
    addresses = await erasure.addresses_of(tx, people)
    rows = [
        {"email": addresses[row.key], **_values(row)}
        for row in await consents.closing(tx, addresses)
        if row.key in addresses
    ]
    return {"suppressions": rows} if rows else {}


def _values(row: Row) -> dict[str, Any]:
    left_out = _LEFT_OUT.get(str(row.__tablename__), ())
    return {name: getattr(row, name) for name in tuple(row.__table__.columns.keys()) if name not in left_out}


def _zipped(candidate: str, now: datetime, records: Mapping[str, list[dict[str, Any]]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        mails = list(_mails(records))
        tree = {"candidate": candidate, "exported_at": now, **records}
        archive.writestr("README.txt", _README)
        archive.writestr("data.json", json.dumps(tree, default=_plain, ensure_ascii=False, indent=2))
        for name, raw in mails:
            archive.writestr(name, raw)
    return packed.getvalue()


def _mails(records: Mapping[str, list[dict[str, Any]]]) -> Iterator[tuple[str, bytes]]:
    """Take the bytes out of the records, and leave the name of the file in their place."""
    for table, column in _MAILS.items():
        for number, row in enumerate(records.get(table, ()), start=1):
            raw = row.pop(column, None)
            if raw is not None:
                row["file"] = f"mails/{table}-{number:04}.eml"
                yield row["file"], raw


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    message = f"a {type(value).__name__} has no form in JSON"
    raise TypeError(message)


async def requests(tx: Tx, candidate: str) -> Sequence[PrivacyRequestRow]:
    """Every export and erasure of a person; NotFound for an unknown id."""
    person = await candidates.get(tx, await identities.kept(tx, candidate))
    return await privacy.of_person(tx, person.id)
