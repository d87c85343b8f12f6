"""Keeping the store current with an ATS: what a hint names is read again, and the answer is taken in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rapport.clock import Clock
from rapport.crm.hiring import MOST_MERGES, AtsApplication, AtsHint, AtsJob, AtsPerson
from rapport.errors import NotFound
from rapport.ports import AtsVendor, AtsVendors
from rapport.store import ats, candidates, identities
from rapport.store.database import Store, Tx
from rapport.usecases import segments
from rapport.usecases.ats_applications import take_in_applications
from rapport.usecases.ats_endings import ask_about, erase_person, leave_id, merge_into
from rapport.usecases.ats_jobs import take_in_job
from rapport.usecases.ats_people import take_in_person
from rapport.usecases.ats_reading import Reading
from rapport.usecases.shelf import live_project


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsSync:
    """Reads from the ATS outside of any transaction, and writes what it says in short ones.

    Everything may be done twice, late and in any order: what is kept in the end is what the ATS said last.
    """

    store: Store
    clock: Clock
    vendors: AtsVendors
    pepper: bytes = field(repr=False)

    async def follow(self, connection: str, hint: AtsHint) -> None:
        """Read what a hint names, and take in how it stands now; the hint itself is believed nothing."""
        match hint.kind:
            case "person":
                await self.read_person(connection, hint.id)
            case "application" | "gone":
                await self.read_application(connection, hint.id, hint.person, deleted=hint.kind == "gone")
            case "job":
                await self.read_job(connection, hint.id)
            case "merged":
                await self._follow_merge(connection, hint)
            case "deleted" | "anonymized" | "missing":
                await self._follow_end(connection, hint.person or hint.id, told=hint.kind != "missing")
            case "nothing":
                pass

    async def read_person(self, connection: str, person: str) -> None:
        """Read a person with all applications; one that the ATS does not have (any more) changes nothing."""
        vendor = await self.vendors.of(connection)
        for _ in range(MOST_MERGES):
            reading = await self.reading(connection, whole=True)
            found = await vendor.person(person)
            if found is None:
                return
            if found.merged_into is None or found.merged_into == person:
                await self._take_in_whole(reading, found, await vendor.applications(found.id))
                return
            await self._merge(connection, person, found.merged_into)
            person = found.merged_into

    async def read_application(
        self, connection: str, application: str, person: str | None = None, *, deleted: bool = False
    ) -> None:
        """Read the person whose application it is, and all others of theirs with it; `deleted`: the ATS says so."""
        if person is None:
            vendor = await self.vendors.of(connection)
            found = await vendor.application(application)
            if found is None:
                owner = await self._known_owner(connection, application)
                if owner is not None:
                    await self._follow_end(connection, owner, told=deleted)
                return
            person = found.person
        await self.read_person(connection, person)

    async def read_job(self, connection: str, job: str) -> None:
        """Read a job."""
        vendor = await self.vendors.of(connection)
        reading = await self.reading(connection, whole=True)
        found = await vendor.job(job)
        async with self.store.write() as tx:
            await take_in_job(tx, reading, found or AtsJob(id=job, title="", is_open=False))

    async def reading(self, connection: str, *, whole: bool) -> Reading:
        """The circumstances of a question that is asked now; NotFound for a connection that project.yaml has not."""
        async with self.store.read() as tx:
            project = await live_project(tx)
            asked_at = self.clock.now()
            row = await ats.known_connection(tx, connection)
        if row is None:
            async with self.store.write() as tx:
                row = await ats.connection(tx, connection, now=asked_at)
        if connection not in project.ats:
            raise NotFound(kind="ATS connection", name=connection, hint="Add it below ats: in project.yaml.")
        return Reading(
            clock=self.clock,
            pepper=self.pepper,
            project=project,
            connection=project.ats[connection],
            asked_at=asked_at,
            since=row.since,
            whole=whole,
        )

    async def _take_in_whole(self, reading: Reading, person: AtsPerson, applications: Sequence[AtsApplication]) -> None:
        async with self.store.write() as tx:
            if person.is_anonymized:
                await erase_person(tx, reading, person.id)
            else:
                await take_in_all(tx, reading, person, applications)

    async def _follow_merge(self, connection: str, hint: AtsHint) -> None:
        """Two people became one there; the ATS itself must say so, or have nobody left under the old id."""
        vendor = await self.vendors.of(connection)
        found = await vendor.person(hint.id)
        new = hint.new_id if found is None else found.merged_into
        if new is not None and new != hint.id and await vendor.person(new) is not None:
            await self._merge(connection, hint.id, new)
            await self.read_person(connection, new)
        else:
            await self.read_person(connection, hint.id)

    async def _merge(self, connection: str, gone: str, kept: str) -> None:
        reading = await self.reading(connection, whole=True)
        async with self.store.write() as tx:
            await merge_into(tx, reading, gone=gone, kept=kept)

    async def _follow_end(self, connection: str, person: str, *, told: bool) -> None:
        """Deleted or anonymized there: erased here, once the ATS has nothing of them any more, under no other id.

        Whose deletion nobody has told may be hidden from our login only: a colleague is asked.
        """
        vendor = await self.vendors.of(connection)
        reading = await self.reading(connection, whole=True)
        found = await vendor.person(person)
        if found is not None and not found.is_anonymized:
            await self.read_person(connection, person)
            return
        other = await self._elsewhere(vendor, connection, person) if found is None else None
        if other is None:
            async with self.store.write() as tx:
                await (erase_person if told or found is not None else ask_about)(tx, reading, person)
            return
        await self._merge(connection, person, other)
        await self.read_person(connection, other)
        async with self.store.write() as tx:
            await leave_id(tx, reading, person)

    async def _elsewhere(self, vendor: AtsVendor, connection: str, person: str) -> str | None:
        """Another id under which the ATS has the same person: one of several records, or what a merge has left."""
        async with self.store.read() as tx:
            known = await ats.candidate_of(tx, connection, person)
            if known is None:
                return None
            someone = await candidates.get(tx, known)
            emails = [email for email in (someone.email, *await identities.addresses_of(tx, known)) if email]
            ids = [each for each in await ats.ids_of(tx, connection, known) if each != person]
        for each in ids:
            found = await vendor.person(each)
            if found is not None and not found.is_anonymized and found.merged_into is None:
                return each
        for email in emails:
            for found in await vendor.find(email):
                if found.id != person and not found.is_anonymized:
                    return found.id
        return None

    async def _known_owner(self, connection: str, application: str) -> str | None:
        async with self.store.read() as tx:
            seen = await ats.order_of(tx, f"{connection}/{application}")
        return seen.person if seen else None


async def take_in_all(tx: Tx, reading: Reading, person: AtsPerson, applications: Sequence[AtsApplication]) -> bool:
    """Take in a person and their applications; False when all of them has to be read first."""
    async with segments.together(tx, reading.clock):
        someone = await take_in_person(tx, reading, person)
        return someone is None or await take_in_applications(tx, reading, someone, person.id, applications)
