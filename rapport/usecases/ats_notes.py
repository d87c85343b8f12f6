"""One note in the ATS for each person: written when they apply, and kept true while any application is active."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.clock import Clock
from rapport.crm.ats_words import OWN_TAG
from rapport.errors import NotFound, Refused
from rapport.ports import AtsVendors
from rapport.store import ats, ats_errands, ats_notes, identities
from rapport.store.database import Store, Tx
from rapport.store.tables.ats import AtsErrandRow
from rapport.usecases.ats_history import History, history_of
from rapport.usecases.shelf import live_project
from rapport.usecases.steady import Trouble, keep_at

log = logging.getLogger(__name__)

HISTORY_NOTE = "history_note"
# The same one for everybody: whoever is merged, here or there, has their note found by it.
_KEY = "history"
# A note that changes with every click would fill a recruiter's feed; one of yesterday is new enough for an interview.
_PACE = timedelta(days=1)
# Each costs a handful of queries; a look every ten minutes is some thousands of people a day.
_MOST_LOOKS = 50
_BETWEEN_LOOKS = timedelta(minutes=10)
_NOT_LOOKED_AT = Trouble(said="Notes not looked at", action="notes_not_looked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNotes:
    """Keeps the notes of all connections; what they tell is what the store knows at that moment."""

    store: Store
    vendors: AtsVendors = field(repr=False)
    clock: Clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look after all notes until `stop`, also of an ATS that is not polled; several may do so beside each other."""
        await keep_at(self.turn, stop, log=log, trouble=_NOT_LOOKED_AT, every=_BETWEEN_LOOKS)

    async def turn(self) -> int:
        """Look at each connection that wants notes; 0, for what was asked for is done by an errand."""
        for connection in await self._connections():
            await self.look(connection)
        return 0

    async def write(self, connection: str, *, person: str) -> None:
        """Bring the note and our tags up to date; nothing is written when there is nothing to tell.

        Whoever is gone at the ATS needs none, and an ATS that takes none gets none.
        """
        async with self.store.read() as tx:
            candidate = await ats.candidate_of(tx, connection, person)
            told = await self._history(tx, candidate) if candidate else History()
        if told.text:
            await self._tell(connection, person, told)
        async with self.store.write() as tx:
            await ats_notes.keep(tx, connection, person, mark=told.mark, at=self.clock.now())

    async def look(self, connection: str) -> int:
        """Ask for every note of a person in a process that is a day old and no longer says all; how many."""
        now = self.clock.now()
        async with self.store.read() as tx:
            due = await ats_notes.due(tx, connection, before=now - _PACE, limit=_MOST_LOOKS)
            looks = [(row, (await self._history(tx, row.candidate)).mark) for row in due]
        changed = [row.id for row, mark in looks if mark != row.noted]
        async with self.store.write() as tx:
            for row, mark in looks:
                if mark == row.noted:
                    await ats_notes.keep(tx, connection, row.id, mark=mark, at=now)
            for person in changed:
                await ask_for_note(tx, connection, person=person, why=f"{now.date()}", at=now)
        return len(changed)

    async def _connections(self) -> list[str]:
        async with self.store.read() as tx:
            try:
                declared = (await live_project(tx)).ats
            except NotFound:  # nothing is published yet
                return []
        return [name for name, connection in declared.items() if connection.history_note]

    async def _history(self, tx: Tx, candidate: str) -> History:
        ours = await identities.kept(tx, candidate)
        return await history_of(tx, ours, at=self.clock.walk_time(ours))

    async def _tell(self, connection: str, there: str, told: History) -> None:
        vendor = await self.vendors.of(connection)
        found = await vendor.person(there)
        there = found.merged_into or there if found else there
        try:
            await vendor.write("keep_note", "rapport-history", person=there, key=_KEY, text=told.text)
            for tag in told.tags:
                await vendor.write("add_tag", OWN_TAG + tag, person=there, key=f"{_KEY}:{tag}")
        except (NotFound, Refused):
            return


async def ask_for_note(tx: Tx, connection: str, *, person: str, why: str, at: datetime) -> None:
    """Have a person's note brought up to date; asking twice for one reason, or while it is asked for, is once."""
    if await ats_errands.is_open(tx, connection, HISTORY_NOTE, person):
        return
    key = hashlib.sha256(f"{HISTORY_NOTE}\n{person}\n{why}".encode()).hexdigest()
    errand = AtsErrandRow(connection=connection, key=key, kind=HISTORY_NOTE, subject=person, created_at=at)
    await ats_errands.put(tx, errand)
