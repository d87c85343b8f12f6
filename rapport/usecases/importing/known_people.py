"""Rows about people whom we know already: what they add is taken over, what they leave out stays."""

from collections.abc import Sequence
from typing import Any

from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow, IdentityRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.importing.decide import Decision
from rapport.usecases.importing.known import State, Traces
from rapport.usecases.importing.newcomers import Batch, grants, join, put_all
from rapport.usecases.merged_consent import close_alike
from rapport.usecases.profile import fill_in, note_change


async def change_one(tx: Tx, batch: Batch, each: Decision, state: State, traces: Traces) -> tuple[bool, int]:
    """Take over what a row adds; whether that changed anything, and how many walks begin by it."""
    person, row = each.row.person, state.people[each.owner]
    changed = fill_in(row, _fields(each, row))
    keys, names = _new_keys(each, traces), [name for name in person.names if name not in traces.names]
    if keys:
        await _add_addresses(tx, batch, row, keys)
        traces.addresses.update(dict.fromkeys(keys, row.id))
    await put_all(tx, IdentityRow, [_name(each, name, batch) for name in names])
    traces.names.update(dict.fromkeys(names, row.id))
    granted = grants(batch, each, known=state.consents.setdefault(row.id, set()))
    await put_all(tx, ConsentRow, granted)
    state.consents[row.id].update(entry["purpose"] for entry in granted)
    await tx.flush()
    if changed:
        await note_change(tx, batch.clock, row.id, changed, cause=batch.cause)
    if keys and (row.email_key in traces.closed or traces.closed & {*keys}):
        await close_alike(tx, row.id, now=batch.now)
    words = list(_new_words(each, state))
    started = sum([await join(tx, batch, row.id, kind, word) for kind, word in words])
    return bool(changed or keys or names or granted or words), started


def would_change(each: Decision, state: State, traces: Traces) -> bool:
    """The same question without an act; the rows of `state` must belong to no transaction."""
    row = state.people.get(each.owner)
    if row is None:  # somebody new in this list, of an earlier row
        return each.adds
    changed = fill_in(row, _fields(each, row))
    names = [name for name in each.row.person.names if name not in traces.names]
    purposes = set(each.row.person.consent) if each.row.person.proves_consent() else set()
    missing = purposes - state.consents.setdefault(row.id, set())
    state.consents[row.id] |= purposes
    keys = _new_keys(each, traces)
    traces.addresses.update(dict.fromkeys(keys, row.id))
    traces.names.update(dict.fromkeys(names, row.id))
    return bool(changed or names or missing or keys or list(_new_words(each, state)))


def _fields(each: Decision, row: CandidateRow) -> dict[str, Any]:
    """Where we know somebody from is where we knew them from first."""
    return {name: value for name, value in each.row.person.fields.items() if name != "source" or row.source is None}


def _new_keys(each: Decision, traces: Traces) -> dict[str, str]:
    emails = dict(zip(each.row.keys, each.row.person.emails, strict=False))
    return {key: email for key, email in emails.items() if key not in traces.addresses}


async def _add_addresses(tx: Tx, batch: Batch, row: CandidateRow, keys: dict[str, str]) -> None:
    """Who had no address gets mails to the first one; what is closed stays closed."""
    further = dict(keys)
    if row.email_key is None:
        row.email_key, row.email = next(iter(further.items()))
        del further[row.email_key]
    await put_all(
        tx,
        AddressRow,
        [{"key": key, "candidate": row.id, "email": email, "recorded_at": batch.now} for key, email in further.items()],
    )


def _name(each: Decision, name: tuple[str, str], batch: Batch) -> dict[str, object]:
    return {"system": name[0], "value": name[1], "candidate": each.owner, "recorded_at": batch.now}


def _new_words(each: Decision, state: State) -> Sequence[tuple[str, str]]:
    """Tags, then pools: what starts by a pool may ask for the tags."""
    found = []
    for kind, words, has in (
        ("tagged", each.row.person.tags, state.tags),
        ("added_to_pool", each.row.person.pools, state.pools),
    ):
        mine = has.setdefault(each.owner, set())
        found += [(kind, word) for word in words if word not in mine]
        mine.update(words)
    return found
