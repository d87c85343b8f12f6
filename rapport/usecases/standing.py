"""Where an enrollment stands: its rows, its plan, and everything that the rules may look at."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from rapport.dsl.plan import Node, Plan
from rapport.dsl.project import Project
from rapport.engine.situation import MailFacts, Situation
from rapport.store import candidates, enrollments, published
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.published import VersionRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ledger import MAY_HAVE_LEFT
from rapport.usecases.snapshot import situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One enrollment at one instant of its walk."""

    at: datetime
    row: EnrollmentRow
    person: CandidateRow
    version: VersionRow
    plan: Plan
    project: Project
    situation: Situation

    def node(self, step: str) -> Node:
        """The node of a step."""
        return self.plan.node(step)


async def standing(tx: Tx, enrollment: str, at: datetime) -> Standing:
    """Everything about one enrollment at `at` (walk time); NotFound when there is none."""
    known, plan, project = await situation(tx, enrollment, at)
    row = await enrollments.get(tx, enrollment)
    return Standing(
        at=at,
        row=row,
        person=await candidates.get(tx, row.candidate),
        version=await published.version(tx, row.sequence, row.version),
        plan=plan,
        project=project,
        situation=known,
    )


async def with_all_mails(tx: Tx, here: Standing) -> Situation:
    """The situation as the contact policy sees it: a person counts mails, not sequences.

    Mails of other walks go by `<enrollment>/<step>`, which no condition can name.
    """
    if here.person.email_key is None or not here.project.contact_policy.at_most:
        return here.situation
    since = here.at - max(cap.per.roughly() for cap in here.project.contact_policy.at_most)
    query = select(SendRow).where(
        SendRow.recipient_key == here.person.email_key,
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
