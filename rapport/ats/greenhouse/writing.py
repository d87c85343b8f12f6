"""Writing to Greenhouse: look first, then write what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rapport.ats.greenhouse.lists import by_ids, every
from rapport.ats.greenhouse.words import person_of
from rapport.ats.line import Line
from rapport.ats.marks import holds, marked
from rapport.ats.told import name, rows, text, values
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused, TemporaryFailure

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Whoever may see the candidate sees the note: it tells them what they would ask about.
_VISIBILITY = "public"
_NO_NAME = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes in the name of `user`."""

    line: Line
    user: str | None

    async def write(self, how: str, what: str, *, person: str, key: str, text: str) -> None:
        """One write; NotFound when the candidate is gone, for a note would be taken for anybody."""
        if not await by_ids(self.line, "candidates", [person]):
            raise NotFound(kind="candidate in Greenhouse", name=person, hint="They were deleted or merged there.")
        match how:
            case "add_tag":
                await self._add_tag(what, person)
            case "remove_tag":
                await self._remove_tag(what, person)
            case "add_note":
                await self._add_note(person, key, text)
            case "move_to_pool":
                await self._move_to_pool(what, person)
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address, the most recently changed first."""
        found = [person_of(row) async for row in every(self.line, "candidates", email=email)]
        theirs = [person for person in found if email.lower() in [each.lower() for each in person.emails]]
        return sorted(theirs, key=lambda each: each.updated_at or _LONG_AGO, reverse=True)

    async def upsert(self, person: AtsPerson) -> str:
        """Fill in what is not known, or create; nothing that Greenhouse knows is overwritten."""
        known = await self._known(person)
        if known is not None:
            await self._fill_in(known, person)
            return name(known) or ""
        if not person.emails:
            raise Refused(
                reason="no_address",
                message="Greenhouse would not be found to know them a second time.",
                hint="Give the person an address first.",
            )
        await self.line.write("POST", "/candidates", _new(person))
        found = await self.find(person.emails[0])
        if not found:
            raise TemporaryFailure("Greenhouse does not show the candidate yet.", hint="It is looked for again.")
        return found[0].id

    async def _known(self, person: AtsPerson) -> Mapping[str, Any] | None:
        if person.id:
            return next(iter(await by_ids(self.line, "candidates", [person.id])), None)
        for email in person.emails:
            for someone in await self.find(email):
                return next(iter(await by_ids(self.line, "candidates", [someone.id])), None)
        return None

    async def _fill_in(self, known: Mapping[str, Any], person: AtsPerson) -> None:
        there = [email.lower() for email in values(known.get("email_addresses"))]
        missing: dict[str, Any] = {
            field: value
            for field, value in (("first_name", person.first_name), ("last_name", person.last_name))
            if value and text(known, field) in (None, _NO_NAME)
        }
        new = [email for email in person.emails if email.lower() not in there]
        if new:
            # The list replaces the one that is there.
            missing["email_addresses"] = [*rows(known.get("email_addresses")), *_addresses(new)]
        if missing:
            await self.line.write("PATCH", f"/candidates/{name(known)}", missing)

    async def _add_tag(self, tag: str, person: str) -> None:
        number = await self._tag(tag) or await self._make_tag(tag)
        if not [row for row in await self._applied(person) if name(row, "candidate_tag_id") == number]:
            body = {"candidate_id": int(person), "candidate_tag_id": int(number)}
            await self.line.write("POST", "/applied_candidate_tags", body)

    async def _remove_tag(self, tag: str, person: str) -> None:
        number = await self._tag(tag)
        for row in await self._applied(person) if number else ():
            if name(row, "candidate_tag_id") == number:
                await self.line.write("DELETE", f"/applied_candidate_tags/{name(row)}")

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

    async def _applied(self, person: str) -> Sequence[Mapping[str, Any]]:
        return await by_ids(self.line, "applied_candidate_tags", [person], filtered="candidate_ids")

    async def _add_note(self, person: str, key: str, words: str) -> None:
        if self.user is None:
            raise ConfigurationError(
                "Greenhouse wants to know in whose name to write a note.",
                hint="Add @ and the id of a Greenhouse user to the credentials: client_id:client_secret@user_id.",
            )
        notes = await by_ids(self.line, "notes", [person], filtered="candidate_ids")
        if any(holds(text(note, "body"), key) for note in notes):
            return
        note = {"candidate_id": int(person), "user_id": int(self.user), "body": marked(words, key)}
        await self.line.write("POST", "/notes", {**note, "visibility": _VISIBILITY, "note_type": "NOTE"})

    async def _move_to_pool(self, pool: str, person: str) -> None:
        number = await self._pool(pool)
        applications = await by_ids(self.line, "applications", [person], filtered="candidate_ids")
        prospects = [
            name(row) for row in applications if row.get("prospect") is True and row.get("status") != "rejected"
        ]
        details = await by_ids(self.line, "prospect_details", prospects, filtered="application_ids")
        if any(name(detail, "pool_id") == number for detail in details):
            return
        body = {"candidate_id": int(person), "prospect": True, "prospect_pool_id": int(number), "job_ids": []}
        await self.line.write("POST", "/applications", body)

    async def _pool(self, pool: str) -> str:
        async for row in every(self.line, "prospect_pools"):
            number = name(row)
            if folded(text(row, "name") or "") == folded(pool) and row.get("active") is not False and number:
                return number
        raise NotFound(kind="prospect pool in Greenhouse", name=pool, hint="Make it there, with this very name.")


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
