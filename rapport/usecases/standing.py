"""Where an enrollment stands: its rows, its plan, and everything that the rules may look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, or_, select

from rapport.dsl.plan import Node, Plan
from rapport.dsl.project import Project
from rapport.engine.situation import MailFacts, Situation
from rapport.store import candidates, enrollments
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ledger import MAY_HAVE_LEFT
from rapport.usecases.snapshot import look


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One enrollment at one instant of its walk; `owner` is the sequence's, a key of `people`.

    `ledger` (of consent) and `sends` are in the order of time; `stopped` are the purposes that the address is closed
    for.
    """

    at: datetime
    row: EnrollmentRow
    person: CandidateRow
    owner: str
    plan: Plan
    project: Project
    situation: Situation
    ledger: Sequence[ConsentRow]
    stopped: Collection[str]
    sends: Sequence[SendRow]

    def node(self, step: str) -> Node:
        """The node of a step."""
        return self.plan.node(step)


async def standing(tx: Tx, enrollment: str, at: datetime) -> Standing:
    """Everything about one enrollment at `at` (walk time); NotFound when there is none."""
    row = await enrollments.get(tx, enrollment)
    return await _standing(tx, row, await candidates.get(tx, row.candidate), at)


async def standing_alone(tx: Tx, enrollment: str, at: datetime) -> Standing:
    """The same, and nobody else writes to this person or changes them until the transaction ends."""
    row = await enrollments.get(tx, enrollment)
    person = await candidates.lock(tx, row.candidate)
    return await _standing(tx, row, person or await candidates.get(tx, row.candidate), at)


async def _standing(tx: Tx, row: EnrollmentRow, person: CandidateRow, at: datetime) -> Standing:
    seen = await look(tx, row, person, at)
    return Standing(
        at=at,
        row=row,
        person=person,
        owner=seen.owner,
        plan=seen.plan,
        project=seen.project,
        situation=seen.situation,
        ledger=seen.ledger,
        stopped=seen.stopped,
        sends=seen.sends,
    )


async def with_all_mails(tx: Tx, here: Standing) -> Situation:
    """The situation as the contact policy sees it: a person counts mails, not sequences.

    Mails of other walks go by `<enrollment>/<step>`, which no condition can name.
    """
    if here.person.email_key is None or not here.project.contact_policy.at_most:
        return here.situation
    since = here.at - max(cap.per.roughly() for cap in here.project.contact_policy.at_most)
    further = select(AddressRow.key).where(AddressRow.candidate == here.person.id)
    query = select(SendRow).where(
        or_(SendRow.recipient_key == here.person.email_key, SendRow.recipient_key.in_(further)),
        SendRow.state.in_(MAY_HAVE_LEFT),
        func.coalesce(SendRow.accepted_at, SendRow.at) > since,
        func.coalesce(SendRow.accepted_at, SendRow.at) <= here.at,
    )
    others = {
        f"{send.enrollment}/{send.step}": MailFacts(sent=send.accepted_at or send.at)
        for send in await tx.scalars(query)
        if send.enrollment != here.row.id or send.step not in here.situation.mails
    }
    return replace(here.situation, mails={**here.situation.mails, **others})
