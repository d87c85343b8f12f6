"""Writing to Greenhouse: a tag is a record of its own, and so is that somebody has it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rapport.ats.greenhouse.lists import by_ids, every
from rapport.ats.greenhouse.words import person_of
from rapport.ats.line import Line
from rapport.ats.told import name, rows, text, values
from rapport.ats.writing import Author, Note
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded
from rapport.errors import BadInput, NotFound, Refused, TemporaryFailure

Candidate: TypeAlias = Mapping[str, Any]

# Whoever may see the candidate sees the note: it tells them what they would ask about.
_VISIBILITY = "public"
_NO_NAME = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenhouseHand:
    """A person's record is the candidate."""

    line: Line
    author: Author
    takes_back_notes = False

    async def record(self, person: str) -> Candidate | None:
        """The candidate; None when there is none (any more)."""
        found = await by_ids(self.line, "candidates", [person])
        return next((row for row in found if name(row) == person), None)

    async def found(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address."""
        return [person_of(row) async for row in every(self.line, "candidates", email=email)]

    async def create(self, person: AtsPerson) -> None:
        """A prospect without a job: nobody has applied."""
        await self.line.write("POST", "/candidates", _new(person))

    async def fill_in(self, known: str, person: AtsPerson) -> None:
        """Names that are missing, and addresses."""
        record = await self.record(known)
        if record is None:
            return
        there = [email.lower() for email in values(record.get("email_addresses"))]
        missing: dict[str, Any] = {
            field: value
            for field, value in (("first_name", person.first_name), ("last_name", person.last_name))
            if value and text(record, field) in (None, _NO_NAME)
        }
        new = [email for email in person.emails if email.lower() not in there]
        if new:
            # The list replaces the one that is there.
            missing["email_addresses"] = [*rows(record.get("email_addresses")), *_addresses(new)]
        if missing:
            await self.line.write("PATCH", f"/candidates/{known}", missing)

    async def add_tag(self, record: Candidate, tag: str) -> None:
        """The tag is made first, if nobody has it yet."""
        number = await self._tag(tag) or await self._make_tag(tag)
        if not [row for row in await self._applied(record) if name(row, "candidate_tag_id") == number]:
            body = {"candidate_id": _number(record), "candidate_tag_id": int(number)}
            await self.line.write("POST", "/applied_candidate_tags", body)

    async def remove_tag(self, record: Candidate, tag: str) -> None:
        """However it is spelled."""
        number = await self._tag(tag)
        for row in await self._applied(record) if number else ():
            if name(row, "candidate_tag_id") == number:
                await self.line.write("DELETE", f"/applied_candidate_tags/{name(row)}")

    async def move_to_pool(self, record: Candidate, pool: str) -> None:
        """As a prospect of the pool with this very name."""
        number = await self._pool(pool)
        applications = await by_ids(self.line, "applications", [name(record)], filtered="candidate_ids")
        prospects = [
            name(row) for row in applications if row.get("prospect") is True and row.get("status") != "rejected"
        ]
        details = await by_ids(self.line, "prospect_details", prospects, filtered="application_ids")
        if any(name(detail, "pool_id") == number for detail in details):
            return
        body = {"candidate_id": _number(record), "prospect": True, "prospect_pool_id": int(number), "job_ids": []}
        await self.line.write("POST", "/applications", body)

    async def notes(self, record: Candidate) -> AsyncIterator[Note]:
        """All notes of the candidate."""
        for note in await by_ids(self.line, "notes", [name(record)], filtered="candidate_ids"):
            yield Note(id=name(note) or "", text=text(note, "body") or "")

    async def add_note(self, record: Candidate, words: str) -> None:
        """In the name of the user of the credentials."""
        user = int(self.author.acting("write a note"))
        note = {"candidate_id": _number(record), "user_id": user, "body": words}
        await self.line.write("POST", "/notes", {**note, "visibility": _VISIBILITY, "note_type": "NOTE"})

    async def take_back(self, note: Note) -> None:
        """Refused: there is no call for it."""
        raise Refused(
            reason="notes_stay", message=f"Greenhouse keeps note {note.id} as it is.", hint="Delete it in Greenhouse."
        )

    async def _tag(self, tag: str) -> str | None:
        """The id of a tag, whatever its capitals: two that differ by them only would be one to a reader."""
        found = {text(row, "name"): name(row) async for row in every(self.line, "candidate_tags")}
        alike = {folded(spelled): number for spelled, number in reversed(list(found.items())) if spelled}
        return found.get(tag) or alike.get(folded(tag))

    async def _make_tag(self, tag: str) -> str:
        try:
            await self.line.write("POST", "/candidate_tags", {"name": tag})
        except BadInput:
            # "Name has already been taken": somebody else was faster, and the next look shows it.
            made = await self._tag(tag)
            if made is None:
                raise
            return made
        made = await self._tag(tag)
        if made is None:
            raise TemporaryFailure("Greenhouse does not show the new tag yet.", hint="It is looked for again.")
        return made

    async def _applied(self, record: Candidate) -> Sequence[Mapping[str, Any]]:
        return await by_ids(self.line, "applied_candidate_tags", [name(record)], filtered="candidate_ids")

    async def _pool(self, pool: str) -> str:
        async for row in every(self.line, "prospect_pools"):
            number = name(row)
            if folded(text(row, "name") or "") == folded(pool) and row.get("active") is not False and number:
                return number
        raise NotFound(kind="prospect pool in Greenhouse", name=pool, hint="Make it there, with this very name.")


def _number(record: Candidate) -> int:
    return int(name(record) or 0)


def _new(person: AtsPerson) -> Mapping[str, Any]:
    """A prospect without a job: nobody has applied."""
    return {
        "first_name": person.first_name or _NO_NAME,
        "last_name": person.last_name or _NO_NAME,
        "email_addresses": _addresses(person.emails),
        "tags": list(person.tags),
        "application": {"prospect": True, "job_ids": []},
    }


def _addresses(emails: Sequence[str]) -> list[Mapping[str, str]]:
    return [{"value": email, "type": "personal"} for email in emails]
