"""Writing to Lever: what a person is told about goes to one of their opportunities, unless any has it already."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from rapport.ats.lever.lists import every
from rapport.ats.lever.reading import Reading
from rapport.ats.lever.words import POOL, contact_of, person_of
from rapport.ats.line import Line
from rapport.ats.told import LONG_AGO, moment, name, part, rows, text, texts
from rapport.ats.writing import Author, Note
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded

Opportunities: TypeAlias = Sequence[Mapping[str, Any]]

_SOURCE = "Rapport"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverHand:
    """A contact's record is all of their opportunities."""

    reading: Reading
    author: Author
    takes_back_notes = True

    @property
    def _line(self) -> Line:
        return self.reading.line

    async def record(self, person: str) -> Opportunities | None:
        """All opportunities of a contact; None when they have none (any more)."""
        return await self.reading.opportunities(person) or None

    async def found(self, email: str) -> Sequence[AtsPerson]:
        """All contacts that have an opportunity with this address, each with all of theirs."""
        found = [row async for row in every(self._line, "/opportunities", email=email)]
        contacts = dict.fromkeys(contact for row in found if (contact := contact_of(row)))
        return [person_of(contact, await self.reading.opportunities(contact)) for contact in contacts]

    async def create(self, person: AtsPerson) -> None:
        """Somebody new is sourced, and has applied for nothing."""
        acting = self.author.acting("create somebody")
        await self._line.write("POST", "/opportunities", _new(person), perform_as=acting)

    async def fill_in(self, known: str, person: AtsPerson) -> None:
        """Nothing: nobody has seen whether a contact that is written in part keeps the rest."""

    async def add_tag(self, record: Opportunities, tag: str) -> None:
        """To one opportunity, unless any has it."""
        if not any(_spelled(row, tag) for row in record):
            await self._line.write("POST", f"{_at(_chosen(record))}/addTags", {"tags": [tag]})

    async def remove_tag(self, record: Opportunities, tag: str) -> None:
        """From each opportunity that has it."""
        for row in record:
            spelled = _spelled(row, tag)
            if spelled:
                await self._line.write("POST", f"{_at(row)}/removeTags", {"tags": spelled})

    async def move_to_pool(self, record: Opportunities, pool: str) -> None:
        """A tag: Lever has no pools."""
        await self.add_tag(record, f"{POOL}{pool}")

    async def notes(self, record: Opportunities) -> AsyncIterator[Note]:
        """The notes of every opportunity; one that was deleted may still be listed, and is none."""
        for row in record:
            async for note in every(self._line, f"{_at(row)}/notes"):
                values = [text(each, "value") for each in rows(note.get("fields"))]
                said = "\n".join(value for value in [*values, text(note, "value")] if value)
                number = name(note) or ""
                at = moment(note, "createdAt") or LONG_AGO
                if moment(note, "deletedAt") is None:
                    yield Note(id=number, text=said, place=_at(row), order=(int(at.timestamp() * 1000), number))

    async def add_note(self, record: Opportunities, words: str) -> None:
        """To the opportunity that people look at."""
        body = {"value": words, "secret": False, "notifyFollowers": False}
        acting = self.author.acting("write a note")
        await self._line.write("POST", f"{_at(_chosen(record))}/notes", body, perform_as=acting)

    async def take_back(self, note: Note) -> None:
        """Delete it."""
        acting = self.author.acting("write a note")
        await self._line.write("DELETE", f"{note.place}/notes/{quote(note.id, safe='')}", perform_as=acting)


def _chosen(found: Opportunities) -> Mapping[str, Any]:
    """The opportunity that people look at: the newest active one, else the newest."""
    return max(found, key=lambda row: (not part(row, "archived"), moment(row, "createdAt") or LONG_AGO))


def _spelled(row: Mapping[str, Any], tag: str) -> list[str]:
    """A tag as the opportunity has it, whatever its capitals."""
    return [each for each in texts(row.get("tags")) if folded(each) == folded(tag)]


def _at(row: Mapping[str, Any]) -> str:
    return f"/opportunities/{quote(name(row) or '', safe='')}"


def _new(person: AtsPerson) -> Mapping[str, Any]:
    whole = " ".join(part for part in (person.first_name, person.last_name) if part)
    given = {"name": whole or person.emails[0].partition("@")[0], "emails": list(person.emails)}
    return {**given, "tags": list(person.tags), "sources": [_SOURCE], "origin": "sourced"}
