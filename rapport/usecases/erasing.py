"""Erasing a person: at once in our rows, and followed until nothing is left to do."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from rapport.clock import Clock, shift_of
from rapport.errors import Refused
from rapport.ids import address_key
from rapport.mail.caught import addresses_by_mail, drop
from rapport.store import candidates, enrollments, erasure, identities, privacy
from rapport.store.database import Store, Tx
from rapport.store.scrubbing import scrub
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.forgotten import forgotten_among
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in


async def erase(tx: Tx, clock: Clock, candidate: str, *, by: str, why: str = "") -> PrivacyRequestRow:
    """Erase a person now and stop all their walks, in one transaction; the record of it, which a workflow finishes.

    `by` is the key of a colleague or the name of an API key. NotFound for an unknown id; Refused (`erased`) when it
    was done before.
    """
    person = await candidates.get_alone(tx, await identities.kept(tx, candidate))
    _refuse_erased(person)
    incoming = Incoming(
        dedupe_key=f"erased:{person.id}",
        kind="erased",
        candidate=person.id,
        at=clock.walk_time(person.id),
        evidence={"by": by, "why": why},
        shift=shift_of(clock, person.id),
    )
    await take_in(tx, clock, incoming)
    return [row for row in await privacy.of_person(tx, person.id) if row.kind == privacy.ERASURE][-1]


async def foresee(tx: Tx, candidate: str) -> tuple[str, int]:
    """Whom an erasure would forget, by id, and how many walks it would end; it refuses whom `erase` refuses."""
    person = await candidates.get(tx, await identities.kept(tx, candidate))
    _refuse_erased(person)
    return person.id, await open_walks(tx, person.id)


def _refuse_erased(person: CandidateRow) -> None:
    if person.erased_at is not None:
        hint = "Nothing is left to erase; the records say when and by whom it was asked."
        raise Refused(reason="erased", message=f"{person.id} was erased on {person.erased_at:%Y-%m-%d}.", hint=hint)


async def open_walks(tx: Tx, candidate: str) -> int:
    """How many walks of a person have still to hear that they end."""
    people = await erasure.everybody(tx, candidate)
    walking = EnrollmentRow.candidate.in_(people) & (EnrollmentRow.state != enrollments.ENDED)
    return await tx.scalar(select(func.count()).where(walking)) or 0


@dataclass(kw_only=True)
class Finishing:
    """What finishes an erasure outside of its transaction; `pepper` is the key of the hashes that stay.

    `inbox` is the folder of the mails that `rapport dev` catches; elsewhere there is none.
    """

    store: Store
    clock: Clock
    pepper: bytes = field(repr=False)
    inbox: Path | None = None

    def __post_init__(self) -> None:
        """Nothing was cleared yet."""
        self._one_at_a_time = asyncio.Lock()
        self._cleared_at: datetime | None = None

    async def settle(self, request: str) -> int:
        """Do what can be done now; how many walks have still to end. NotFound for an unknown request."""
        async with self.store.read() as tx:
            row = await privacy.get(tx, request)
            walks, done = await open_walks(tx, row.candidate), row.state == privacy.DONE
        if walks or done:
            return walks
        await self._clear(self.clock.now())
        async with self.store.write() as tx:
            row = await privacy.get(tx, request)
            row.state, row.done_at = privacy.DONE, row.done_at or self.clock.now()
        return 0

    async def _clear(self, asked_at: datetime) -> None:
        """Clear the files once for all who have asked before it began."""
        async with self._one_at_a_time:
            if self._cleared_at is not None and self._cleared_at > asked_at:
                return
            begun = self.clock.now()
            if self.inbox is not None:
                await self._empty(self.inbox)
            await scrub(self.store)
            self._cleared_at = begun

    async def _empty(self, inbox: Path) -> None:
        """Drop the caught mails to and from everybody who was erased."""
        mails = await asyncio.to_thread(addresses_by_mail, inbox)
        keys = {mail: {address_key(each, self.pepper) for each in addresses} for mail, addresses in mails.items()}
        async with self.store.read() as tx:
            gone = await forgotten_among(tx, {key for each in keys.values() for key in each})
        await asyncio.to_thread(drop, inbox, [mail for mail, each in keys.items() if each & gone])
