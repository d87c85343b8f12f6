"""Writing to Workable: the whole list of tags is handed back, for it is replaced."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from rapport.ats.line import Line
from rapport.ats.told import name, text, texts
from rapport.ats.workable.lists import every
from rapport.ats.workable.reading import Reading
from rapport.ats.workable.words import POOL, person_of
from rapport.ats.writing import Author, Note
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded
from rapport.errors import Refused

Candidate: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkableHand:
    """A person's record is the candidate."""

    reading: Reading
    author: Author
    takes_back_notes = False

    @property
    def _line(self) -> Line:
        return self.reading.line

    async def record(self, person: str) -> Candidate | None:
        """The candidate with everything; None when there is none (any more)."""
        return await self.reading.candidate(person)

    async def found(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address."""
        return [person_of(row) for row in await self.reading.with_address(email)]

    async def create(self, person: AtsPerson) -> None:
        """Somebody new goes to the talent pool."""
        body = {"sourced": True, "candidate": _new(person)}
        await self._line.write("POST", "/talent_pool/candidates", body)

    async def fill_in(self, known: str, person: AtsPerson) -> None:
        """Nothing: a candidate has one address, and never lacks a name."""

    async def add_tag(self, record: Candidate, tag: str) -> None:
        """Unless it is there, whatever its capitals."""
        there = texts(record.get("tags"))
        if folded(tag) not in map(folded, there):
            await self._put_tags(record, [*there, tag])

    async def remove_tag(self, record: Candidate, tag: str) -> None:
        """However it is spelled."""
        there = texts(record.get("tags"))
        kept = [each for each in there if folded(each) != folded(tag)]
        if kept != list(there):
            await self._put_tags(record, kept)

    async def move_to_pool(self, record: Candidate, pool: str) -> None:
        """A tag: the API has no call for pools."""
        await self.add_tag(record, f"{POOL}{pool}")

    async def notes(self, record: Candidate) -> AsyncIterator[Note]:
        """Comments, as the candidate's activities have them."""
        async for done in every(self._line, f"{_at(record)}/activities", of="activities"):
            yield Note(id=name(done) or "", text=text(done, "body") or "")

    async def add_note(self, record: Candidate, words: str) -> None:
        """A comment."""
        body = {"member_id": self.author.acting("write a note"), "comment": {"body": words}}
        await self._line.write("POST", f"{_at(record)}/comments", body)

    async def take_back(self, note: Note) -> None:
        """Refused: there is no call for it."""
        raise Refused(
            reason="notes_stay", message=f"Workable keeps note {note.id} as it is.", hint="Delete it in Workable."
        )

    async def _put_tags(self, record: Candidate, tags: Sequence[str]) -> None:
        await self._line.write("PUT", f"{_at(record)}/tags", {"tags": list(tags)})


def _at(record: Candidate) -> str:
    return f"/candidates/{quote(name(record) or '', safe='')}"


def _new(person: AtsPerson) -> Mapping[str, Any]:
    email = person.emails[0]
    return {
        "firstname": person.first_name or email.partition("@")[0],
        "lastname": person.last_name or "",
        "email": email,
        "tags": list(person.tags),
    }
