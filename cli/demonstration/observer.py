"""The conductor's view of the store: read only, to know when to go on and what to compare."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from rapport.engine.situation import Situation
from rapport.ids import address_key
from rapport.mail.tokens import Signer
from rapport.store.database import Store
from rapport.store.tables.intake import OPEN, DeliveryRow
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EffectRow, EnrollmentRow
from rapport.usecases.snapshot import situation


@dataclass(frozen=True, slots=True)
class Seen:
    """One mail or effect: when, at which step, and for mails which mail."""

    at: datetime
    step: str
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Looks into the store."""

    store: Store
    signer: Signer
    pepper: bytes

    async def candidate(self, email: str) -> str:
        """The id of a person of the cast."""
        async with self.store.read() as tx:
            query = select(CandidateRow.id).where(CandidateRow.email_key == address_key(email, self.pepper))
            return (await tx.scalars(query)).one()

    async def situation(self, enrollment: str, at: datetime) -> Situation:
        """What is known about an enrollment."""
        async with self.store.read() as tx:
            known, _, _ = await situation(tx, enrollment, at)
            return known

    async def undelivered(self, candidate: str) -> int:
        """How many messages for this person's walks are still on their way."""
        async with self.store.read() as tx:
            mine = select(EnrollmentRow.id).where(EnrollmentRow.candidate == candidate)
            query = select(func.count()).select_from(DeliveryRow)
            waiting = query.where(DeliveryRow.enrollment.in_(mine), DeliveryRow.state.in_(OPEN))
            return await tx.scalar(waiting) or 0

    async def enrollments(self, candidate: str) -> Sequence[EnrollmentRow]:
        """The person's enrollments, in the order in which they began."""
        async with self.store.read() as tx:
            query = select(EnrollmentRow).where(EnrollmentRow.candidate == candidate)
            return (await tx.scalars(query.order_by(EnrollmentRow.enrolled_at, EnrollmentRow.id))).all()

    async def message_id(self, enrollment: str, step: str | None) -> str:
        """The Message-ID of a step's mail, or of the latest mail."""
        async with self.store.read() as tx:
            query = select(SendRow.message_id).where(SendRow.enrollment == enrollment, SendRow.state == "accepted")
            narrowed = query.where(SendRow.step == step) if step else query
            found = (await tx.scalars(narrowed.order_by(SendRow.at.desc()).limit(1))).one()
            return found or ""

    async def link(self, enrollment: str, step: str | None, name: str | None, urls: Sequence[str]) -> str:
        """Which of a mail's tracked links goes by this name; the first one when any will do."""
        async with self.store.read() as tx:
            query = select(SendLinkRow).join(SendRow, SendRow.id == SendLinkRow.send)
            rows = await tx.scalars(query.where(SendRow.enrollment == enrollment, SendRow.step == step))
            wanted = {row.number for row in rows if name is None or row.name == name}
        for url in urls:
            token = self.signer.read(url.rpartition("/")[2])
            if token is not None and token.kind == "click" and token.number in wanted:
                return url
        message = f"the mail of {step} has no link {name!r}"
        raise LookupError(message)

    async def mails(self, enrollment: str) -> list[Seen]:
        """The mails that a server accepted, in order."""
        async with self.store.read() as tx:
            query = select(SendRow).where(SendRow.enrollment == enrollment, SendRow.state == "accepted")
            return [
                Seen(row.at, row.step, row.mail)
                for row in await tx.scalars(query.order_by(SendRow.at, SendRow.recorded_at))
            ]

    async def effects(self, enrollment: str, steps: Collection[str]) -> list[Seen]:
        """The effects among these steps, in order; an enrollment that the target refused counts as tried."""
        async with self.store.read() as tx:
            query = select(EffectRow).where(EffectRow.enrollment == enrollment, EffectRow.step.in_(steps))
            made = query.where((EffectRow.state == "done") | (EffectRow.kind == "enroll"))
            return [
                Seen(row.at, row.step) for row in await tx.scalars(made.order_by(EffectRow.at, EffectRow.recorded_at))
            ]
