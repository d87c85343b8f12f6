"""One note in the ATS for each application: written when somebody applies, and kept true while the process lasts."""

import hashlib
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

HISTORY_NOTE = "history_note"
# A note that changes with every click would fill a recruiter's feed; one of yesterday is new enough for an interview.
_PACE = timedelta(days=1)
# Each costs a handful of queries; a poll every ten minutes looks at some thousands a day.
_MOST_LOOKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNotes:
    """Keeps the notes of all connections; what they tell is what the store knows at that moment."""

    store: Store
    vendors: AtsVendors = field(repr=False)
    clock: Clock

    async def write(self, connection: str, *, application: str, candidate: str) -> None:
        """Bring the note and our tags up to date; nothing is written when there is nothing to tell.

        Whoever is gone at the ATS needs none, and an ATS that takes none gets none.
        """
        async with self.store.read() as tx:
            seen = await ats.order_of(tx, application)
            told = await self._history(tx, candidate)
            there = seen.person if seen else await ats.person_of(tx, connection, candidate)
        if told.text and there is not None:
            await self._tell(connection, there, f"history:{application}", told)
        async with self.store.write() as tx:
            await ats_notes.keep(tx, application, mark=told.mark, at=self.clock.now())

    async def look(self, connection: str) -> int:
        """Ask for every note of an active application that is a day old and no longer says all; how many."""
        now = self.clock.now()
        async with self.store.read() as tx:
            due = await ats_notes.due(tx, connection, before=now - _PACE, limit=_MOST_LOOKS)
            looks = [(row, candidate, (await self._history(tx, candidate)).mark) for row, candidate in due]
        changed = [(row.id, candidate) for row, candidate, mark in looks if mark != row.noted]
        async with self.store.write() as tx:
            for row, _, mark in looks:
                if mark == row.noted:
                    await ats_notes.keep(tx, row.id, mark=mark, at=now)
            for application, candidate in changed:
                await ask_for_note(tx, connection, application=application, candidate=candidate, at=now)
        return len(changed)

    async def _history(self, tx: Tx, candidate: str) -> History:
        ours = await identities.kept(tx, candidate)
        return await history_of(tx, ours, at=self.clock.walk_time(ours))

    async def _tell(self, connection: str, there: str, key: str, told: History) -> None:
        vendor = await self.vendors.of(connection)
        found = await vendor.person(there)
        there = found.merged_into or there if found else there
        try:
            await vendor.write("keep_note", "rapport-history", person=there, key=key, text=told.text)
            for tag in told.tags:
                await vendor.write("add_tag", OWN_TAG + tag, person=there, key=f"{key}:{tag}")
        except (NotFound, Refused):
            return


async def ask_for_note(tx: Tx, connection: str, *, application: str, candidate: str, at: datetime) -> None:
    """Have the note of an application brought up to date; asking twice on a day, or while it is asked for, is once."""
    if await ats_errands.is_open(tx, connection, HISTORY_NOTE, application):
        return
    key = hashlib.sha256(f"{HISTORY_NOTE}\n{application}\n{at.date()}".encode()).hexdigest()
    errand = AtsErrandRow(
        connection=connection, key=key, kind=HISTORY_NOTE, subject=application, person=candidate, created_at=at
    )
    await ats_errands.put(tx, errand)
