"""People as the store keeps them now, for simulations and previews: copied, and never written back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from rapport.crm.score import Score
from rapport.dsl.project import Project
from rapport.engine.admission import Before
from rapport.engine.person import Person
from rapport.errors import NotFound
from rapport.store import consents, crowds, enrollments
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.crowd import Everything, everything
from rapport.usecases.ledger import MAY_HAVE_LEFT
from rapport.usecases.roles import roles_for

# As many as a bulk enrollment looks at together.
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """A person with the rows that a mail to them is made of; `ledger` is in the order of time."""

    person: Person
    row: CandidateRow = field(repr=False)
    ledger: Sequence[ConsentRow] = field(repr=False)
    roles: Sequence[Mapping[str, Any]] = ()


async def stored_person(
    tx: Tx, candidate: str, project: Project, *, at: datetime, sequences: Iterable[str] = ()
) -> StoredPerson:
    """One person as they are at `at`; NotFound when there is none, or when they were erased."""
    found = await stored_people(tx, [candidate], project, at=at, sequences=sequences)
    if not found:
        hint = "Ids look like c_ab12…; rapport show ADDRESS finds one."
        raise NotFound(kind="candidate", name=candidate, hint=hint)
    return replace(found[0], roles=await roles_for(tx, found[0].person.candidate))


async def stored_people(
    tx: Tx, names: Sequence[str], project: Project, *, at: datetime, sequences: Iterable[str] = ()
) -> list[StoredPerson]:
    """These people as they are at `at`, with their walks through these sequences; who was erased is left out."""
    found: list[StoredPerson] = []
    rest, wanted = iter(names), tuple(sequences) or ("",)
    while page := list(islice(rest, _PAGE)):
        known = await everything(tx, page, sequence=wanted[0])
        walks = {name: await crowds.walks(tx, page, name) for name in wanted}
        mailed = await _mailed(tx, known, project, at)
        for name in page:
            row = known.people.get(name)
            if row is not None and row.erased_at is None:
                found.append(_copied(known, row, project, at, walks, mailed.get(row.email_key or "", ())))
    return found


def _copied(
    known: Everything,
    row: CandidateRow,
    project: Project,
    at: datetime,
    walks: Mapping[str, Mapping[str, Sequence[EnrollmentRow]]],
    mailed: Sequence[datetime],
) -> StoredPerson:
    situation = known.situation(row.id, project, purpose="", at=at)
    person = Person(
        candidate=situation.candidate,
        consents=situation.consents,
        application=situation.application,
        closed=frozenset(known.closed_for(row.id)),
        paused_until=consents.paused_until(known.ledgers.get(row.id, ()), at),
        mailed=mailed,
        score_rest=Score.of(row).worth(at, project.half_life) - situation.candidate["score"],
        walks={name: [_before(walk) for walk in rows.get(row.id, ())] for name, rows in walks.items()},
        numbers={name: 1 + max((walk.n for walk in rows.get(row.id, ())), default=0) for name, rows in walks.items()},
    )
    return StoredPerson(person=person, row=row, ledger=known.ledgers.get(row.id, ()))


def _before(walk: EnrollmentRow) -> Before:
    return Before(began=walk.enrolled_at, running=walk.state != enrollments.ENDED)


async def _mailed(tx: Tx, known: Everything, project: Project, at: datetime) -> Mapping[str, Sequence[datetime]]:
    """When each address got mails, as far back as the contact policy looks; by the key of the address."""
    longest = max((cap.per.roughly() for cap in project.contact_policy.at_most), default=timedelta())
    keys = [row.email_key for row in known.people.values() if row.email_key]
    sent_at = func.coalesce(SendRow.accepted_at, SendRow.at)
    query = select(SendRow.recipient_key, SendRow.accepted_at, SendRow.at).where(
        SendRow.recipient_key.in_(keys), SendRow.state.in_(MAY_HAVE_LEFT), sent_at > at - longest, sent_at <= at
    )
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for key, accepted, claimed in await tx.execute(query):
        found[key].append(accepted or claimed)
    return found
