"""The ATS of walks on top of an ATS's own API: our candidates by the ATS's ids, its answers in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapport.crm.ats_words import application_words, decisive, person_words
from rapport.crm.hiring import MOST_MERGES, AtsApplication, AtsPerson
from rapport.errors import ConfigurationError, NotFound
from rapport.ports import AtsVendor
from rapport.store import ats, candidates, identities
from rapport.store.tables.people import CandidateRow
from rapport.usecases.ats_applications import take_in_applications
from rapport.usecases.ats_reading import Reading
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.shelf import live_project

_PREFERRED = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A person at an ATS; `there` is empty while the ATS does not know them."""

    connection: str
    vendor: AtsVendor = field(repr=False)
    there: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedAts:
    """An Ats for walks: people are found by name, else by address; what is read is kept in the store as well."""

    sync: AtsSync

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """The person, or the application that matters: one that is active, else the latest; empty when unknown."""
        place = await self._find(candidate)
        if not place.there:
            return {}
        if what == "candidate":
            found = await place.vendor.person(place.there)
            return person_words(found) if found and not found.is_anonymized else {}
        reading = await self.sync.reading(place.connection, whole=True)
        applications = await place.vendor.applications(place.there)
        await self._keep(reading, place.there, candidate, applications)
        chosen = decisive(applications)
        return application_words(chosen, reading.own_id(chosen.id)) if chosen else {}

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Write to the person's record; whoever the ATS does not know is made known to it first."""
        place = await self._find(candidate)
        there = place.there or await self._introduce(place, candidate)
        try:
            await place.vendor.write(how, what, person=there, key=key, text=text)
        except NotFound:
            # Gone since we looked: merged into somebody, or deleted; then nothing of them may be created anew.
            moved = await self._moved(place, there)
            if moved == there:
                raise
            await place.vendor.write(how, what, person=moved, key=key, text=text)

    async def _find(self, candidate: str) -> _Place:
        connection, there, email = await self._known(candidate)
        vendor = await self.sync.vendors.of(connection)
        if there is not None:
            moved = await self._moved(_Place(connection=connection, vendor=vendor, there=there), there)
            return _Place(connection=connection, vendor=vendor, there=moved)
        found = [person for person in await vendor.find(email) if not person.is_anonymized] if email else []
        if not found:
            return _Place(connection=connection, vendor=vendor, there="")
        await self._name(candidate, connection, found[0].id)
        return _Place(connection=connection, vendor=vendor, there=found[0].id)

    async def _known(self, candidate: str) -> tuple[str, str | None, str | None]:
        """The connection that knows the person, `main` before all others; their id there; their address."""
        async with self.sync.store.read() as tx:
            project = await live_project(tx)
            someone = await candidates.get(tx, await identities.kept(tx, candidate))
            names = sorted(project.ats, key=lambda name: name != _PREFERRED)
            for name in names:
                there = await ats.person_of(tx, name, someone.id)
                if there is not None:
                    return name, there, someone.email
        if not names:
            raise ConfigurationError("No ATS is connected.", hint="Add one below ats: in project.yaml.")
        return names[0], None, someone.email

    async def _moved(self, place: _Place, there: str) -> str:
        """Whom an id leads to now; itself when nobody was merged."""
        for _ in range(MOST_MERGES):
            found = await place.vendor.person(there)
            if found is None or found.merged_into in (None, there):
                return there
            there = str(found.merged_into)
        return there

    async def _introduce(self, place: _Place, candidate: str) -> str:
        async with self.sync.store.read() as tx:
            someone = await candidates.get(tx, await identities.kept(tx, candidate))
            if someone.erased_at is not None:
                raise NotFound(kind="candidate", name=candidate, hint="They were erased; nothing needs to be done.")
            further = await identities.addresses_of(tx, someone.id)
        there = await place.vendor.upsert(_as_told(someone, further))
        await self._name(candidate, place.connection, there)
        return there

    async def _name(self, candidate: str, connection: str, there: str) -> None:
        async with self.sync.store.write() as tx:
            someone = await candidates.get(tx, await identities.kept(tx, candidate))
            if someone.erased_at is None:
                pepper, now = self.sync.pepper, self.sync.clock.now()
                await identities.name(tx, someone.id, connection, there, pepper=pepper, recorded_at=now)

    async def _keep(self, reading: Reading, there: str, candidate: str, applications: Sequence[AtsApplication]) -> None:
        """What a walk has read is news for everybody: a hire that nobody told us of ends all walks."""
        async with self.sync.store.write() as tx:
            someone = await candidates.get_alone(tx, await identities.kept(tx, candidate))
            if someone.erased_at is None:
                await take_in_applications(tx, reading, someone, there, applications)


def _as_told(someone: CandidateRow, further: Sequence[str]) -> AtsPerson:
    emails = [email for email in (someone.email, *further) if email]
    return AtsPerson(
        id="",
        first_name=someone.first_name,
        last_name=someone.last_name,
        emails=tuple(emails),
        timezone=someone.timezone,
        country=someone.country,
        city=someone.city,
        source=someone.source,
    )
