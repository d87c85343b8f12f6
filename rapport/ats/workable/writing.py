"""Writing to Workable: look first, and hand back the whole list of tags, for it is replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from rapport.ats.line import Line
from rapport.ats.marks import holds, marked
from rapport.ats.told import name, text, texts
from rapport.ats.workable.lists import every
from rapport.ats.workable.reading import Reading
from rapport.ats.workable.words import POOL, person_of
from rapport.crm.hiring import AtsPerson
from rapport.crm.outcomes import folded
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused, TemporaryFailure

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes in the name of `member`."""

    reading: Reading
    member: str | None

    @property
    def _line(self) -> Line:
        return self.reading.line

    async def write(self, how: str, what: str, *, person: str, key: str, text: str) -> None:
        """One write; NotFound when the candidate is gone."""
        found = await self.reading.candidate(person)
        if found is None:
            raise NotFound(kind="candidate in Workable", name=person, hint="They were deleted there.")
        match how:
            case "add_tag":
                await self._tag(found, add=what)
            case "remove_tag":
                await self._tag(found, remove=what)
            case "add_note":
                await self._add_note(person, key, text)
            case "move_to_pool":
                await self._tag(found, add=f"{POOL}{what}")
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address, the most recently changed first."""
        found = [person_of(row) for row in await self.reading.with_address(email)]
        return sorted(found, key=lambda each: each.updated_at or _LONG_AGO, reverse=True)

    async def upsert(self, person: AtsPerson) -> str:
        """The candidate with this id or address, as they are; somebody new goes to the talent pool."""
        known = await self._known(person)
        if known is not None:
            return known
        if not person.emails:
            raise Refused(
                reason="no_address",
                message="Workable would not be found to know them a second time.",
                hint="Give the person an address first.",
            )
        body = {"sourced": True, "candidate": _new(person)}
        await self._line.write("POST", "/talent_pool/candidates", body)
        found = await self.find(person.emails[0])
        if not found:
            raise TemporaryFailure("Workable does not show the person yet.", hint="They are looked for again.")
        return found[0].id

    async def _known(self, person: AtsPerson) -> str | None:
        if person.id:
            return person.id if await self.reading.candidate(person.id) else None
        for email in person.emails:
            for someone in await self.find(email):
                return someone.id
        return None

    async def _tag(self, found: Mapping[str, Any], *, add: str | None = None, remove: str | None = None) -> None:
        there = texts(found.get("tags"))
        kept = [tag for tag in there if remove is None or folded(tag) != folded(remove)]
        if add is not None and folded(add) not in map(folded, kept):
            kept.append(add)
        if kept != list(there):
            await self._line.write("PUT", f"/candidates/{quote(name(found) or '', safe='')}/tags", {"tags": kept})

    async def _add_note(self, person: str, key: str, words: str) -> None:
        if self.member is None:
            raise ConfigurationError(
                "Workable wants to know in whose name to write a note.",
                hint="Add @ and the id of a member to the credentials: subdomain:token@member_id.",
            )
        at = f"/candidates/{quote(person, safe='')}"
        async for done in every(self._line, f"{at}/activities", of="activities"):
            if holds(text(done, "body"), key):
                return
        body = {"member_id": self.member, "comment": {"body": marked(words, key)}}
        await self._line.write("POST", f"{at}/comments", body)


def _new(person: AtsPerson) -> Mapping[str, Any]:
    email = person.emails[0]
    return {
        "firstname": person.first_name or email.partition("@")[0],
        "lastname": person.last_name or "",
        "email": email,
        "tags": list(person.tags),
    }
