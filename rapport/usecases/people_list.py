"""Looking for people: by pool, tag, stage, owner, name and address, page by page in the order of their ids."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union_all
from sqlalchemy.orm import aliased

from rapport.clock import Clock
from rapport.dsl.stages import STAGES
from rapport.errors import BadInput
from rapport.store.database import Tx
from rapport.store.tables.identities import AddressRow, MergeRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow
from rapport.usecases.pools import named_pool
from rapport.usecases.todo import known_colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Whom a list holds; what is None does not count.

    `name` is the beginning of a first or last name, `address` the key of any address of theirs.
    """

    pool: str | None = None
    tag: str | None = None
    stage: str | None = None
    owner: str | None = None
    name: str | None = field(default=None, repr=False)
    address: str | None = None


async def found(tx: Tx, clock: Clock, sought: Sought, *, after: str = "", limit: int = 50) -> Sequence[CandidateRow]:
    """The people who fit, from the first id behind `after`; erased ones and those merged into others are left out.

    NotFound for a pool that project.yaml does not name, BadInput for a stage or an owner that there is not.
    """
    if sought.pool is not None:
        await named_pool(tx, sought.pool)
    if sought.stage is not None and sought.stage not in STAGES:
        hint = f"There are: {', '.join(STAGES)}."
        raise BadInput(place="stage", message=f"there is no stage {sought.stage!r}.", hint=hint)
    if sought.owner is not None:
        await _refuse_stranger(tx, sought.owner)
    place = _place(sought)
    # Said of both: PostgreSQL would read everybody in front of a late page to join them.
    query = _fitting(clock, sought).where(place > after, CandidateRow.id > after)
    return (await tx.scalars(query.order_by(place).limit(limit))).all()


def _place(sought: Sought) -> ColumnElement[str]:
    """The id as the index has it that the list is read along: a page costs its own people, not everybody's."""
    if sought.pool is not None:
        return PoolMemberRow.candidate.expression
    return TagRow.candidate.expression if sought.tag is not None else CandidateRow.id.expression


async def _refuse_stranger(tx: Tx, owner: str) -> None:
    """Who has left the company is an owner as long as somebody is theirs: those people are to be found."""
    theirs = select(CandidateRow.id).where(CandidateRow.owner_recruiter == owner).limit(1)
    if await tx.scalar(theirs) is None:
        await known_colleague(tx, owner, place="owner")


def _fitting(clock: Clock, sought: Sought) -> Select[CandidateRow]:
    person, member, tag = CandidateRow, PoolMemberRow, TagRow
    gone = select(MergeRow.gone).where(MergeRow.gone == person.id).exists()
    query = select(person).where(person.erased_at.is_(None), ~gone)
    if sought.pool is not None:
        lasting = or_(member.expires_at.is_(None), member.expires_at > clock.now())
        query = query.join(member, member.candidate == person.id).where(member.pool == sought.pool, lasting)
    if sought.tag is not None:
        query = query.join(tag, tag.candidate == person.id).where(tag.tag == sought.tag)
    if sought.stage is not None:
        query = query.where(person.stage == sought.stage)
    if sought.owner is not None:
        query = query.where(person.owner_recruiter == sought.owner)
    if sought.name is not None:
        begin = sought.name.lower()
        # Beginnings only: what stands inside of a name would have every name read.
        columns = (person.first_name, person.last_name)
        names = [func.lower(column).startswith(begin, autoescape=True) for column in columns]
        query = query.where(or_(*names))
    if sought.address is not None:
        query = query.where(person.id.in_(_having(sought.address)))
    return query


def _having(key: str) -> CompoundSelect[str]:
    """Who has the address: two indexes, each looked into once, where PostgreSQL reads everybody for an OR."""
    first, further = aliased(CandidateRow), AddressRow
    return union_all(
        select(first.id).where(first.email_key == key), select(further.candidate).where(further.key == key)
    )
