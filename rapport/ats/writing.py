"""Writing to an ATS: look first, then write what is missing. What one vendor's API does is its Hand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from rapport.ats.marks import holds, marked, says
from rapport.ats.told import LONG_AGO
from rapport.crm.hiring import AtsPerson
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused, TemporaryFailure

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note of a person's record; `place` is where it lies, for a vendor that has several. What it says is personal.

    Of two, the one with the smaller `order` was there first.
    """

    id: str
    text: str = field(repr=False)
    place: str = ""
    order: tuple[int, str] = (0, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """In whose name a vendor's records are written; `login` is the form of credentials that names them."""

    who: str
    user: str | None
    login: str

    def acting(self, to: str) -> str:
        """The id of the user; ConfigurationError when none is named."""
        if self.user is None:
            raise ConfigurationError(
                f"{self.who} wants to know in whose name to {to}.",
                hint=f"Add @ and the id of a {self.who} user to the credentials: {self.login}.",
            )
        return self.user


class Hand(Protocol[Record]):
    """What one vendor's API does to a person's record that was read just now; whether it should, is asked before."""

    @property
    def author(self) -> Author:
        """In whose name it writes."""
        ...

    @property
    def takes_back_notes(self) -> bool:
        """Whether a note that is there can be removed; where it cannot, it stays as it was written."""
        ...

    async def record(self, person: str) -> Record | None:
        """The person's record; None when there is none (any more)."""
        ...

    async def found(self, email: str) -> Sequence[AtsPerson]:
        """Everybody with this address, in any order."""
        ...

    async def create(self, person: AtsPerson) -> None:
        """Somebody new, with the address that they are found by."""
        ...

    async def fill_in(self, known: str, person: AtsPerson) -> None:
        """Add what the ATS does not know of somebody; nothing that it knows is overwritten."""
        ...

    async def add_tag(self, record: Record, tag: str) -> None:
        """Put a tag on, unless it is there."""
        ...

    async def remove_tag(self, record: Record, tag: str) -> None:
        """Take a tag off, if it is there."""
        ...

    async def move_to_pool(self, record: Record, pool: str) -> None:
        """Put them into a pool, unless they are in it."""
        ...

    def notes(self, record: Record) -> AsyncIterator[Note]:
        """The notes that are there."""
        ...

    async def add_note(self, record: Record, text: str) -> None:
        """Write a note, where people look first."""
        ...

    async def take_back(self, note: Note) -> None:
        """Remove a note; NotFound when it is gone already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Generic[Record]):
    """Writes by one vendor's hand."""

    hand: Hand[Record]

    async def write(self, how: str, what: str, *, person: str, key: str, text: str) -> None:
        """One write; NotFound when the person is gone, for some vendors would take it for anybody."""
        found = await self.hand.record(person)
        if found is None:
            raise NotFound(
                kind=f"person in {self.hand.author.who}", name=person, hint="They were deleted or merged there."
            )
        match how:
            case "add_tag":
                await self.hand.add_tag(found, what)
            case "remove_tag":
                await self.hand.remove_tag(found, what)
            case "add_note" | "keep_note":
                self.hand.author.acting("write a note")
                await (self._add_note if how == "add_note" else self._keep_note)(found, key, text)
            case "move_to_pool":
                await self.hand.move_to_pool(found, what)
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All people with this address, the most recently changed first."""
        found = await self.hand.found(email)
        theirs = [person for person in found if email.lower() in [each.lower() for each in person.emails]]
        return sorted(theirs, key=lambda each: each.updated_at or LONG_AGO, reverse=True)

    async def upsert(self, person: AtsPerson) -> str:
        """Fill in what is not known of the person with this id or address, or create them."""
        known = await self._known(person)
        if known is not None:
            await self.hand.fill_in(known, person)
            return known
        who = self.hand.author.who
        if not person.emails:
            raise Refused(
                reason="no_address",
                message=f"{who} would not be found to know them a second time.",
                hint="Give the person an address first.",
            )
        await self.hand.create(person)
        found = await self.find(person.emails[0])
        if not found:
            raise TemporaryFailure(f"{who} does not show the person yet.", hint="They are looked for again.")
        return found[0].id

    async def _known(self, person: AtsPerson) -> str | None:
        if person.id:
            return person.id if await self.hand.record(person.id) is not None else None
        for email in person.emails:
            for someone in await self.find(email):
                return someone.id
        return None

    async def _add_note(self, record: Record, key: str, words: str) -> None:
        async for note in self.hand.notes(record):
            if holds(note.text, key):
                return
        await self.hand.add_note(record, marked(words, key))

    async def _keep_note(self, record: Record, key: str, words: str) -> None:
        """One note of this key, with these words where the vendor lets us take the older one back.

        The new one is there before the old one goes, so that whoever dies in between leaves one too many, and the
        next call ends with one.
        """
        there = await self._ours(record, key)
        if there and not self.hand.takes_back_notes:
            return
        if not _saying(there, key, words):
            # A vendor that will not let the old ones go is asked before there is one more.
            await self._leave_one(there)
            await self.hand.add_note(record, marked(words, key))
            there = await self._ours(record, key)
        kept = _saying(there, key, words)
        if not kept:
            raise TemporaryFailure(
                f"{self.hand.author.who} does not show the note yet.", hint="It is looked for again."
            )
        await self._leave_one([*(note for note in there if note != kept[0]), kept[0]])

    async def _ours(self, record: Record, key: str) -> list[Note]:
        # One note may be listed in several places of a record.
        found = {note.id: note async for note in self.hand.notes(record) if holds(note.text, key)}
        return sorted(found.values(), key=lambda note: note.order)

    async def _leave_one(self, notes: Sequence[Note]) -> None:
        """Take back all but the last, if that can be done."""
        for note in notes[:-1] if self.hand.takes_back_notes else ():
            try:
                await self.hand.take_back(note)
            except NotFound:
                continue  # somebody else was faster


def _saying(notes: Sequence[Note], key: str, words: str) -> list[Note]:
    return [note for note in notes if says(note.text, key, words)]
