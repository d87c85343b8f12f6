"""Polling: what changed at an ATS since the last time, page by page, with the place kept beside what it led to."""

import hashlib
import logging
from collections import defaultdict
from dataclasses import dataclass, field

from rapport.crm.hiring import AtsApplication, AtsChanges, AtsPerson
from rapport.errors import RapportError, TemporaryFailure
from rapport.ports import AtsStanding, AtsVendor
from rapport.store import ats, ats_errands, candidates
from rapport.store.database import Tx
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.ats_applications import take_in_applications
from rapport.usecases.ats_endings import erase_person, merge_into
from rapport.usecases.ats_jobs import take_in_job
from rapport.usecases.ats_people import is_forgotten
from rapport.usecases.ats_reading import Reading
from rapport.usecases.ats_roll import call_roll
from rapport.usecases.ats_sync import AtsSync, take_in_all

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Bundle:
    """What one page says of one person."""

    person: AtsPerson | None = None
    applications: list[AtsApplication] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAtsDesk:
    """Reads what changed; the place moves on with the last of what a page led to, so that nothing is passed over."""

    sync: AtsSync

    async def poll_page(self, connection: str) -> AtsStanding:
        """Take in one page; another one that reads beside us changes nothing twice.

        Behind the last page it looks whether some people are still there.
        """
        vendor = await self.sync.vendors.of(connection)
        reading = await self.sync.reading(connection, whole=False)
        async with self.sync.store.read() as tx:
            row = await ats.known_connection(tx, connection)
        cursor = row.cursor if row else ""
        try:
            page = await vendor.changes(cursor or None)
        except RapportError as error:
            await self._note_trouble(connection, type(error).__name__)
            raise
        bundles = _bundled(page)
        for person, bundle in bundles.items():
            await self._one(reading, person, bundle, page.cursor)
        moved = await self._move_on(reading, page, cursor)
        if moved and not page.more:
            await self._call_roll(vendor, connection)
        return AtsStanding(people=len(bundles), jobs=len(page.jobs), more=page.more or not moved)

    async def _call_roll(self, vendor: AtsVendor, connection: str) -> None:
        """The round of changes is over, and need not be read again when some people cannot be asked for."""
        try:
            await call_roll(self.sync, vendor, connection)
        except RapportError as error:
            extra = {"action": "ats_roll_failed", "connection": connection, "failure": type(error).__name__}
            log.warning("Some people were not asked for; the next poll does", extra=extra)

    async def _one(self, reading: Reading, person: str, bundle: _Bundle, place: str) -> None:
        """Each person for themselves: one that we cannot take in holds up nobody."""
        try:
            async with self.sync.store.write() as tx:
                is_done = await _take_in(tx, reading, person, bundle)
                if not is_done:
                    await _look_later(tx, reading, person, place)
        except TemporaryFailure:
            raise
        except Exception as error:  # noqa: BLE001  # it would be the same the next time, and the others must go on
            extra = {"action": "ats_person_failed", "connection": reading.name, "failure": type(error).__name__}
            log.error("Person not taken in", extra=extra)  # noqa: TRY400  # a trace may hold a name
            async with self.sync.store.write() as tx:
                await _look_later(tx, reading, person, place)

    async def _move_on(self, reading: Reading, page: AtsChanges, cursor: str) -> bool:
        """Take in the jobs and keep the place, in one transaction; False when somebody else has moved on."""
        async with self.sync.store.write() as tx:
            row = await ats.connection(tx, reading.name, now=reading.asked_at)
            if row.cursor != cursor:
                return False
            for job in page.jobs:
                await take_in_job(tx, reading, job)
            for application in page.gone:
                await _look_later(tx, reading, application, page.cursor, kind="gone")
            row.cursor, row.page_at, row.trouble = page.cursor, reading.asked_at, None
            if not page.more:
                row.read_at = reading.asked_at
            await tx.flush()
        return True

    async def _note_trouble(self, connection: str, trouble: str) -> None:
        async with self.sync.store.write() as tx:
            row = await ats.connection(tx, connection, now=self.sync.clock.now())
            row.trouble = trouble
            await tx.flush()


def _bundled(page: AtsChanges) -> dict[str, _Bundle]:
    found: dict[str, _Bundle] = defaultdict(_Bundle)
    for person in page.people:
        found[person.id].person = person
    for application in page.applications:
        found[application.person].applications.insert(0, application)
    return found


async def _take_in(tx: Tx, reading: Reading, person: str, bundle: _Bundle) -> bool:
    """Take in what the page says; False when it does not say enough."""
    told = bundle.person
    if told is None:
        known = await ats.candidate_of(tx, reading.name, person)
        if known is None:
            return await is_forgotten(tx, reading, person)
        return await _of_known(tx, reading, await candidates.get_alone(tx, known), person, bundle)
    if told.is_part and await ats.candidate_of(tx, reading.name, person) is not None:
        return False
    if told.is_anonymized:
        await erase_person(tx, reading, person)
        return True
    if told.merged_into is not None and told.merged_into != person:
        await merge_into(tx, reading, gone=person, kept=told.merged_into)
        return False
    return await take_in_all(tx, reading, told, bundle.applications)


async def _of_known(tx: Tx, reading: Reading, someone: CandidateRow, person: str, bundle: _Bundle) -> bool:
    if someone.erased_at is not None:
        return True
    return await take_in_applications(tx, reading, someone, person, bundle.applications)


async def _look_later(tx: Tx, reading: Reading, subject: str, place: str, *, kind: str = "person") -> None:
    """Read all of a person by an errand: once for each time that a page names them, or an application of theirs."""
    key = hashlib.sha256(f"poll\n{subject}\n{place}\n{reading.asked_at.isoformat()}".encode()).hexdigest()
    errand = AtsErrandRow(connection=reading.name, key=key, kind=kind, subject=subject, created_at=reading.clock.now())
    await ats_errands.put(tx, errand)
