"""Who each row of a list is: new, known, in conflict, or refused; decided alike for a dry run and for real."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapport.ids import address_key, name_key, new_candidate_id
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.importing.known import Traces, joined
from rapport.usecases.importing.seen import Seen
from rapport.usecases.people_csv import ImportedPerson, PeopleReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A row that holds, with its addresses by their keys, and the keys of its names in their order."""

    person: ImportedPerson
    addresses: Mapping[str, str] = field(repr=False)
    name_keys: tuple[str, ...] = field(repr=False)

    def said(self) -> dict[str, str]:
        """What two rows about one person must not say differently; a person may come from two places."""
        found = {name: repr(value) for name, value in self.person.fields.items()}
        found.pop("source", None)
        if found.pop("custom", None):  # the project's own fields are looked at one by one
            found |= {f"custom.{name}": repr(value) for name, value in self.person.fields["custom"].items()}
        return found

    def adds(self) -> Iterator[str]:
        """What several rows about one person may each add to."""
        person = self.person
        yield from (f"tag {tag}" for tag in person.tags)
        yield from (f"pool {pool}" for pool in person.pools)
        if person.fields.get("source"):
            yield "source"
        if person.proves_consent():
            yield from (f"consent {purpose}" for purpose in person.consent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A row and whose it is.

    `unsaid` are those of its items that no earlier row of this person had; `addresses` and `names`, by their keys, are
    those that neither the store nor an earlier row knows.
    """

    row: Read
    owner: str
    is_new: bool
    unsaid: frozenset[str]
    addresses: Mapping[str, str] = field(repr=False)
    names: Mapping[str, tuple[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(RowProblem):
    """A row that is readable, but may be about several people or contradicts another one."""


def read_rows(rows: Sequence[CsvRow | RowProblem], reader: PeopleReader, pepper: bytes) -> Iterator[Read | RowProblem]:
    """The people of a page, and everything that is wrong with the other rows."""
    for row in rows:
        person = row if isinstance(row, RowProblem) else reader.read(row)
        match person:
            case RowProblem():
                yield person
            case tuple():
                yield from person
            case _:
                yield Read(
                    person=person,
                    addresses=_by_key(person.emails, pepper),
                    name_keys=tuple(name_key(system, value, pepper) for system, value in person.names),
                )


def decide(read: Read, traces: Traces, seen: Seen) -> Decision | RowProblem:
    """Whose row this is; what it says is remembered for the rows behind it."""
    person, marks = read.person, (*read.addresses, *read.name_keys)
    known = joined(traces, read.addresses, person.names)
    if not traces.forgotten.isdisjoint(marks):
        return RowProblem(line=person.line, column="email", reason="belongs to someone who asked to be forgotten")
    owners = known | seen.owners(marks)
    if len(owners) > 1:
        several = ", ".join(sorted(_named(owner, seen) for owner in owners))
        reason = f"fits several people ({several}); if they are one, merge them: `rapport merge`"
        return Conflict(line=person.line, column=None, reason=reason)
    is_new, owner = not owners, next(iter(owners), None) or new_candidate_id()
    said = read.said()
    other = seen.said_otherwise(owner, said)
    if other is not None:
        reason = f"is another one than on line {other[1]}, which is about the same person"
        return Conflict(line=person.line, column=other[0], reason=reason)
    items = {**said, **dict.fromkeys(read.adds(), "")}
    decision = Decision(
        row=read,
        owner=owner,
        is_new=is_new,
        unsaid=seen.unsaid(owner, items),
        addresses=_new_addresses(read, traces, seen),
        names=_new_names(read, traces, seen),
    )
    seen.note(owner, marks, items, line=person.line)
    return decision


def _by_key(emails: Sequence[str], pepper: bytes) -> Mapping[str, str]:
    """Two spellings of one address have one key, and the first one stays."""
    found: dict[str, str] = {}
    for email in emails:
        found.setdefault(address_key(email, pepper), email)
    return found


def _new_addresses(read: Read, traces: Traces, seen: Seen) -> Mapping[str, str]:
    found = read.addresses.items()
    return {key: email for key, email in found if key not in traces.addresses and not seen.knows(key)}


def _new_names(read: Read, traces: Traces, seen: Seen) -> Mapping[str, tuple[str, str]]:
    found = zip(read.name_keys, read.person.names, strict=True)
    return {key: name for key, name in found if name not in traces.names and not seen.knows(key)}


def _named(owner: str, seen: Seen) -> str:
    line = seen.first_line(owner)
    return owner if line is None else f"line {line}"
