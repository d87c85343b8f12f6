"""What effects do in our own store: each once, and what they cause is heard by every walk of the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import func, select, update

from rapport.clock import Clock
from rapport.dsl import model
from rapport.dsl.build import read_start
from rapport.dsl.plan import Node
from rapport.engine.happening import Happening
from rapport.errors import Refused
from rapport.store import candidates, published
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.walks import EffectRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Taken
from rapport.usecases.scores import score_of
from rapport.usecases.standing import Standing
from rapport.usecases.tasks import add_task
from rapport.usecases.told import knows_already


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """What came of an effect: the kind and words of what it caused, and what is kept beside it."""

    taken: Taken | None = None
    caused: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    state: Literal["done", "failed"] = "done"


async def do_effect(tx: Tx, clock: Clock, here: Standing, step: str) -> tuple[Happening, ...]:
    """Do one effect unless it was done; what it caused, for the walk itself, is the same each time."""
    node = here.node(step)
    row = EffectRow(
        enrollment=here.row.id, step=step, kind=node.verb, state="claimed", at=here.at, recorded_at=clock.now()
    )
    if not await insert_once(tx, row):
        return heard_from((await tx.get_one(EffectRow, (here.row.id, step))).result)
    came = _Came(result={"left_out": "erased"}) if here.person.erased_at else await _do(tx, clock, here, node)
    heard = await _heard(tx, clock, here, step, came)
    result = {**came.result, "heard": [happening.to_json() for happening in heard]}
    this = (EffectRow.enrollment == here.row.id) & (EffectRow.step == step)
    await tx.execute(update(EffectRow).where(this).values(state=came.state, result=result))
    return heard


async def were_done(tx: Tx, enrollment: str, steps: Sequence[str]) -> bool:
    """Whether every one of these effects was done before."""
    query = select(func.count()).where(EffectRow.enrollment == enrollment, EffectRow.step.in_(steps))
    return await tx.scalar(query) == len(steps)


def heard_from(result: Mapping[str, Any]) -> tuple[Happening, ...]:
    """What an effect that was done before had caused."""
    return tuple(Happening.from_json(item) for item in result.get("heard", ()))


async def _do(tx: Tx, clock: Clock, here: Standing, node: Node) -> _Came:
    match node.action:
        case model.Score() as score:
            return await _score(tx, clock, here, node, score)
        case model.Tag(how=how, name=name):
            taken = await change_tag(tx, clock, here.person.id, how=how, tag=name, cause=_cause(here, node))
            return _Came(taken=taken, kind="tagged", caused={"tag": name})
        case model.Pool(how=how, name=name):
            taken = await change_pool(tx, clock, here.person.id, how=how, pool=name, cause=_cause(here, node))
            kind = "added_to_pool" if how == "add" else "removed_from_pool"
            return _Came(taken=taken, kind=kind, caused={"pool": name})
        case model.Enroll(sequence=sequence):
            return await _enroll(tx, clock, here, node, sequence)
        case model.Task() as task:
            await add_task(tx, clock, here, node.id, task)
            return _Came()
        case _:
            raise ValueError(f"the step {node.id} ({node.verb}) is no effect in our own store; call it instead")


async def _score(tx: Tx, clock: Clock, here: Standing, node: Node, score: model.Score) -> _Came:
    person = here.person.id
    taken = await change_score(tx, clock, person, how=score.how, points=score.points, cause=_cause(here, node))
    after = await score_of(tx, await candidates.get(tx, person), here.at)
    return _Came(taken=taken, kind="score_reached", caused={"score": str(after)})


async def _enroll(tx: Tx, clock: Clock, here: Standing, node: Node, sequence: str) -> _Came:
    """Begin another walk in this walk's time; a refusal is recorded, and this walk goes on."""
    try:
        enrolled = await enroll(
            tx,
            clock,
            sequence=sequence,
            candidate=here.person.id,
            at=here.at,
            cause=f"step {node.id} of {here.row.id}",
            event=here.row.event if await _is_about_events(tx, sequence) else None,
            application=here.row.application,
            shift=here.row.shift_seconds,
        )
    except Refused as refused:
        return _Came(state="failed", result={"refused": refused.reason})
    return _Came(result={"enrolled": enrolled.id})


async def _is_about_events(tx: Tx, sequence: str) -> bool:
    """Whether a walk through it belongs to one event: else that event's cancellation would end a nurture."""
    version = await published.live_version(tx, sequence)
    return version is not None and (read_start(version.start).once_per or "").startswith("event.")


async def _heard(tx: Tx, clock: Clock, here: Standing, step: str, came: _Came) -> tuple[Happening, ...]:
    """What the walk itself hears of its effect, and of the segments that the person joined or left by it."""
    if came.taken is None:
        return ()
    caused = [(came.taken.id, f"{here.row.id}/{step}/{came.kind}", came.kind, came.caused)] if came.taken.id else []
    caused += [
        (each.id, f"{here.row.id}/{step}/{each.kind}/{each.detail['pool']}", each.kind, each.detail)
        for each in came.taken.moved
    ]
    for taken, *_ in caused:
        await knows_already(tx, here.row.id, taken, now=clock.now())
    return tuple(Happening(id=name, kind=kind, at=here.at, detail=detail) for _, name, kind, detail in caused)


def _cause(here: Standing, node: Node) -> Cause:
    return Cause(text=f"{here.row.id}/{node.id}", at=here.at, shift=here.row.shift_seconds)
