"""Who each row of a list is: new, known, in conflict, or refused; decided alike for a dry run and for real."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapport.dsl.project import Project
from rapport.ids import address_key, name_key, new_candidate_id
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.importing.known import Traces, joined
from rapport.usecases.importing.seen import Seen
from rapport.usecases.people_csv import ImportedPerson, read_person

# The project's own fields are looked at one by one; a person may come from two places.
_OFTEN = ("custom", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A row that holds, with the keys of its addresses and names."""

    person: ImportedPerson
    keys: tuple[str, ...] = field(repr=False)
    name_keys: tuple[str, ...] = field(repr=False)

    def traces(self) -> Sequence[str]:
        """Everything that it is recognized by, as texts."""
        return [*self.keys, *(f"{system}\n{value}" for system, value in self.person.names)]

    def said(self) -> dict[str, str]:
        """What two rows about one person must not say differently."""
        single = {name: repr(value) for name, value in self.person.fields.items() if name not in _OFTEN}
        own = {f"custom.{name}": repr(value) for name, value in self.person.fields.get("custom", {}).items()}
        return {**single, **own}

    def adds(self) -> dict[str, str]:
        """What several rows about one person may each add to."""
        person = self.person
        words = [*(f"tag {tag}" for tag in person.tags), *(f"pool {pool}" for pool in person.pools)]
        purposes = [f"consent {purpose}" for purpose in person.consent] if person.proves_consent() else []
        return dict.fromkeys([*words, *purposes, *(f"is {trace}" for trace in self.traces())], "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A row and whose it is; `adds` says whether it tells more than the rows before it did."""

    row: Read
    owner: str
    is_new: bool
    adds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(RowProblem):
    """A row that is readable, but may be about several people or contradicts another one."""


def read_rows(rows: Sequence[CsvRow | RowProblem], project: Project, pepper: bytes) -> Iterator[Read | RowProblem]:
    """The people of a batch, and everything that is wrong with the other rows."""
    for row in rows:
        person = row if isinstance(row, RowProblem) else read_person(row, project)
        match person:
            case RowProblem():
                yield person
            case tuple():
                yield from person
            case _:
                yield Read(
                    person=person,
                    keys=tuple(dict.fromkeys(address_key(email, pepper) for email in person.emails)),
                    name_keys=tuple(name_key(system, value, pepper) for system, value in person.names),
                )


def decide(read: Read, traces: Traces, seen: Seen) -> Decision | RowProblem:
    """Whose row this is; what it says is remembered for the rows behind it."""
    person = read.person
    known = joined(traces, read.keys, person.names)
    if traces.forgotten & {*read.keys, *read.name_keys, *known}:
        return RowProblem(line=person.line, column="email", reason="belongs to someone who asked to be forgotten")
    owners = known | seen.owners(read.traces())
    if len(owners) > 1:
        several = ", ".join(sorted(_named(owner, seen) for owner in owners))
        reason = f"fits several people ({several}); if they are one, merge them: rapport merge"
        return Conflict(line=person.line, column=None, reason=reason)
    is_new, owner = not owners, next(iter(owners), None) or new_candidate_id()
    said, adds = read.said(), read.adds()
    other = seen.said_otherwise(owner, said)
    if other is not None:
        reason = f"is another one than on line {other[1]}, which is about the same person"
        return Conflict(line=person.line, column=other[0], reason=reason)
    more = seen.adds(owner, {**said, **adds})
    seen.note(owner, read.traces(), {**said, **adds}, line=person.line)
    return Decision(row=read, owner=owner, is_new=is_new, adds=more)


def _named(owner: str, seen: Seen) -> str:
    line = seen.first_line(owner)
    return owner if line is None else f"line {line}"
