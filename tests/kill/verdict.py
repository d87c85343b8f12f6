"""What became of everybody against what the simulator says, and what is left over."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start
from rapport.store import candidates, deliveries, enrollments, sends
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import ScoreEntryRow
from rapport.store.tables.walks import EffectRow, EnrollmentRow
from tests.kill.house import House
from tests.kill.people import Person

_START = Start.parse("2026-03-02 10:00 Europe/Berlin")
# What a walk's own end adds to what the person did.
_OWN_KINDS = ("sequence_ended", "score_reached", "tagged")


@dataclass(frozen=True, kw_only=True)
class Life:
    """One walk, by what must be the same with and without kills: the times are later where somebody died."""

    end: str | None
    path: list[tuple[str, str]]
    mails: list[str]
    effects: list[str]
    score: int
    tags: list[str]
    score_entries: int
    happened: list[str]


async def lived(store: Store, person: Person) -> Life:
    """What the store says of a person."""
    async with store.read() as tx:
        row = await enrollments.get(tx, person.enrollment)
        effects = select(EffectRow).where(EffectRow.enrollment == row.id, EffectRow.state == "done")
        return Life(
            end=row.end_name,
            path=[(step, outcome) for step, _, outcome in row.path or ()],
            mails=[send.step for send in await sends.of_enrollment(tx, row.id)],
            effects=[effect.step for effect in await tx.scalars(effects.order_by(EffectRow.at, EffectRow.recorded_at))],
            score=(await candidates.get(tx, row.candidate)).score,
            tags=list(await candidates.tags_of(tx, row.candidate)),
            score_entries=await _count(tx, ScoreEntryRow, row.candidate),
            happened=await _happened(tx, row.candidate),
        )


def simulated(house: House, person: Person) -> Life:
    """What the simulator says of somebody who did the same."""
    checked = house.workspace.sequences["storm"]
    assert house.workspace.project is not None
    when = [{f"day 0 10:{minute:02d}": deed} for minute, deed in enumerate(person.deeds)]
    tree = {"candidate": {"country": "DE"}, "when": when}
    calendar = Scenario(plan=checked.plan, project=house.workspace.project, start=_START, tree=tree).run()
    assert not calendar.wrong, calendar.wrong
    return _simulated(calendar, person)


def _simulated(calendar: Calendar, person: Person) -> Life:
    known = calendar.time.world.candidate
    path = calendar.time.world.enrollments[calendar.scenario.enrollment].path
    plan, effects = calendar.scenario.plan, [done.step for done in calendar.actions]
    return Life(
        end=calendar.ends,
        path=[(passed.step, passed.outcome) for passed in path],
        mails=[mail.step for mail in calendar.mails],
        effects=effects,
        score=known.get("score", 0),
        tags=sorted(known.get("tags", ())),
        score_entries=sum(plan.node(step).verb == "score" for step in effects),
        happened=sorted({_kind(deed) for deed in person.deeds}),
    )


async def parked(house: House, people: Collection[Person]) -> list[str]:
    """The Message-IDs of mails in doubt; every other mail has arrived exactly once, and nothing else has arrived."""
    rows: list[SendRow] = []
    async with house.store.read() as tx:
        for person in people:
            rows += await sends.of_enrollment(tx, person.enrollment)
    in_doubt = [str(row.message_id) for row in rows if row.state == "unknown"]
    sure = [str(row.message_id) for row in rows if row.state != "unknown"]
    arrived = house.receiver.arrived
    assert {"accepted", "unknown"} >= {row.state for row in rows}
    assert Counter(sure) == Counter({name: arrived[name] for name in sure})
    assert [] == [name for name in in_doubt if arrived[name] > 1]
    assert set(arrived) <= {*sure, *in_doubt}
    return in_doubt


async def under_way(store: Store) -> tuple[int, int]:
    """How many walks have not ended, and how many messages are on their way."""
    async with store.read() as tx:
        open_walks = select(func.count()).select_from(EnrollmentRow).where(EnrollmentRow.state != enrollments.ENDED)
        return await tx.scalar(open_walks) or 0, await deliveries.depth(tx)


async def _count(tx: Tx, table: type[ScoreEntryRow], candidate: str) -> int:
    return await tx.scalar(select(func.count()).select_from(table).where(table.candidate == candidate)) or 0


async def _happened(tx: Tx, candidate: str) -> list[str]:
    """The kinds of what this person did; a kind twice is a happening that was taken in twice."""
    query = select(HappeningRow).where(HappeningRow.candidate == candidate, HappeningRow.kind.not_in(_OWN_KINDS))
    rows: Sequence[HappeningRow] = (await tx.scalars(query)).all()
    # A click that is tried again in the next minute is a second click, which nothing in a walk asks for.
    clicks = {row.kind for row in rows if row.kind == "clicked"}
    return sorted([*clicks, *(row.kind for row in rows if row.kind != "clicked")])


def _kind(deed: Any) -> str:
    return deed if isinstance(deed, str) else str(next(iter(deed)))
