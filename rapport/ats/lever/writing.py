"""Writing to Lever: what a person is told about goes to one of their opportunities, unless any has it already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from rapport.ats.lever.lists import every
from rapport.ats.lever.reading import Reading
from rapport.ats.lever.words import POOL, contact_of, person_of
from rapport.ats.line import Line
from rapport.ats.marks import holds, marked
from rapport.ats.told import moment, name, part, rows, text, texts
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused, TemporaryFailure

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SOURCE = "Rapport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes in the name of `user`."""

    reading: Reading
    user: str | None

    @property
    def _line(self) -> Line:
        return self.reading.line

    async def write(self, how: str, what: str, *, person: str, key: str, text: str) -> None:
        """One write; NotFound when the contact has no opportunity (any more)."""
        found = await self.reading.opportunities(person)
        if not found:
            raise NotFound(kind="contact in Lever", name=person, hint="They were deleted or merged there.")
        match how:
            case "add_tag":
                await self._add_tag(what, found)
            case "remove_tag":
                await self._remove_tag(what, found)
            case "add_note":
                await self._add_note(found, key, text)
            case "move_to_pool":
                await self._add_tag(f"{POOL}{what}", found)
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All contacts with this address, the most recently changed first."""
        found = [row async for row in every(self._line, "/opportunities", email=email)]
        contacts = dict.fromkeys(contact for row in found if (contact := contact_of(row)))
        people = [person_of(contact, await self.reading.opportunities(contact)) for contact in contacts]
        theirs = [person for person in people if email.lower() in [each.lower() for each in person.emails]]
        return sorted(theirs, key=lambda each: each.updated_at or _LONG_AGO, reverse=True)

    async def upsert(self, person: AtsPerson) -> str:
        """The contact with this id or address, as they are; somebody new is sourced, and has applied for nothing."""
        known = await self._known(person)
        if known is not None:
            return known
        if not person.emails:
            raise Refused(
                reason="no_address",
                message="Lever would not be found to know them a second time.",
                hint="Give the person an address first.",
            )
        await self._line.write("POST", "/opportunities", _new(person), perform_as=self._acting("create somebody"))
        found = await self.find(person.emails[0])
        if not found:
            raise TemporaryFailure("Lever does not show the person yet.", hint="They are looked for again.")
        return found[0].id

    async def _known(self, person: AtsPerson) -> str | None:
        if person.id:
            return person.id if await self.reading.person(person.id) else None
        for email in person.emails:
            for someone in await self.find(email):
                return someone.id
        return None

    async def _add_tag(self, tag: str, found: Sequence[Mapping[str, Any]]) -> None:
        if not any(_spelled(row, tag) for row in found):
            await self._line.write("POST", f"{_at(_chosen(found))}/addTags", {"tags": [tag]})

    async def _remove_tag(self, tag: str, found: Sequence[Mapping[str, Any]]) -> None:
        for row in found:
            spelled = _spelled(row, tag)
            if spelled:
                await self._line.write("POST", f"{_at(row)}/removeTags", {"tags": spelled})

    async def _add_note(self, found: Sequence[Mapping[str, Any]], key: str, words: str) -> None:
        acting = self._acting("write a note")
        for row in found:
            async for note in every(self._line, f"{_at(row)}/notes"):
                values = [text(each, "value") for each in rows(note.get("fields"))]
                if any(holds(value, key) for value in [*values, text(note, "value")]):
                    return
        body = {"value": marked(words, key), "secret": False, "notifyFollowers": False}
        await self._line.write("POST", f"{_at(_chosen(found))}/notes", body, perform_as=acting)

    def _acting(self, to: str) -> str:
        if self.user is None:
            raise ConfigurationError(
                f"Lever wants to know in whose name to {to}.",
                hint="Add @ and the id of a Lever user to the credentials: api_key@user_id.",
            )
        return self.user


def _chosen(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The opportunity that people look at: the newest active one, else the newest."""
    return max(found, key=lambda row: (not part(row, "archived"), moment(row, "createdAt") or _LONG_AGO))


def _spelled(row: Mapping[str, Any], tag: str) -> list[str]:
    """A tag as the opportunity has it, whatever its capitals."""
    return [each for each in texts(row.get("tags")) if folded(each) == folded(tag)]


def _at(row: Mapping[str, Any]) -> str:
    return f"/opportunities/{quote(name(row) or '', safe='')}"


def _new(person: AtsPerson) -> Mapping[str, Any]:
    whole = " ".join(part for part in (person.first_name, person.last_name) if part)
    given = {"name": whole or person.emails[0].partition("@")[0], "emails": list(person.emails)}
    return {**given, "tags": list(person.tags), "sources": [_SOURCE], "origin": "sourced"}
