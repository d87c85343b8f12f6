"""A bulk enrollment outlives its worker and Temporal: everybody has one turn, and the figures add up."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from temporalio.client import Client

from rapport.store import bulks
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from tests.kill.house import LOOK_EVERY, House, a_house
from tests.kill.receiver import Receiver
from tests.kill.waiting import PATIENCE_SECONDS, nothing_waits, until
from workflows.bulk_client import workflow_id

PEOPLE = [f"p{number}@people.test" for number in range(200)]
# Nobody has these ids; they are refused when their turn comes.
STRANGERS = ["c_nobody1", "c_nobody2", "c_nobody3"]
BULK = "/v1/bulk-enrollments"
# 120 people in a turn, which are two pages: the kill comes as soon as the first of them is stored.
_PER_MINUTE = 720
_FIRST_PAGE = 100
_LOOK_CLOSELY = 0.005


@dataclass(frozen=True, kw_only=True)
class Count:
    """What the store and Temporal say afterwards: walks by person, starts by walk, runs by walk."""

    walks: Mapping[str, int]
    starts: Mapping[str, int]
    runs: Mapping[str, int]


async def test_killed_worker_and_temporal_enroll_everybody_once(tmp_path: Path) -> None:
    """Both die in the middle of a list of two hundred: it goes on, and each person enters once."""
    async with a_house(tmp_path, PEOPLE, Receiver(), workers=1) as house:
        names = await _ids(house.store)
        await _post(house, "/v1/enrollments", {"sequence": "crowd", "candidate": names[-1]})
        await until(house.store, nothing_waits)
        everybody = [*STRANGERS, *names]
        asked = {"sequence": "crowd", "candidates": everybody, "per_minute": _PER_MINUTE}
        bulk = (await _post(house, BULK, asked))["id"]
        await until(house.store, _first_have_entered, look_every=_LOOK_CLOSELY)
        await house.workers[0].kill()
        at_the_kill = await _cursor(house.store, bulk)
        await house.temporal.kill()
        report = await _over(house, bulk)
        counted = await _count(house, names)
        result = await _result(house, bulk)

    assert (1, 1) == (house.workers[0].kills, house.temporal.kills)
    assert _FIRST_PAGE <= at_the_kill < len(everybody)
    assert ("ended", "done", 203, 203) == tuple(report[name] for name in ("state", "end", "total", "had_turn"))
    assert {"unknown_candidate": 3, "already_enrolled": 1} == report["reasons"]
    assert (199, 4) == (report["entered"], report["refused"]) == (result["entered"], result["refused"])
    assert dict.fromkeys(names, 1) == counted.walks
    once = dict.fromkeys((f"crowd/{name}/1" for name in names), 1)
    assert once == counted.starts
    assert once == counted.runs


async def _ids(store: Store) -> Sequence[str]:
    async with store.read() as tx:
        return (await tx.scalars(select(CandidateRow.id).order_by(CandidateRow.id))).all()


async def _post(house: House, path: str, body: Mapping[str, Any]) -> Any:
    answered = await house.doors[0].post(path, json=body, headers={"Idempotency-Key": path})
    assert answered.is_success, answered.text
    return answered.json()


async def _cursor(store: Store, bulk: str) -> int:
    async with store.read() as tx:
        return (await bulks.get(tx, bulk)).cursor


async def _first_have_entered(tx: Tx) -> bool:
    """Whether anybody has a walk beside the one who had it before; whether it is noted is another question."""
    return (await tx.scalar(select(func.count()).select_from(EnrollmentRow)) or 0) > 1


async def _over(house: House, bulk: str) -> Mapping[str, Any]:
    """Wait until every walk has begun; what the API says then."""

    async def over(tx: Tx) -> bool:
        return (await bulks.get(tx, bulk)).state == bulks.ENDED and await nothing_waits(tx)

    await until(house.store, over)
    report: Mapping[str, Any] = (await house.doors[0].get(f"{BULK}/{bulk}")).json()
    return report


async def _count(house: House, names: Sequence[str]) -> Count:
    async with house.store.read() as tx:
        person, walk = EnrollmentRow.candidate, DeliveryRow.enrollment
        walks = await tx.execute(select(person, func.count()).group_by(person))
        starts = await tx.execute(select(walk, func.count()).where(DeliveryRow.kind == "start").group_by(walk))
        by_person = {name: number for name, number in walks}  # noqa: C416  # dict() loses the type
        by_walk = {name: number for name, number in starts}  # noqa: C416  # dict() loses the type
    return Count(walks=by_person, starts=by_walk, runs=await _runs(house, at_least=len(names)))


async def _runs(house: House, *, at_least: int) -> Mapping[str, int]:
    """How many runs Temporal knows of each walk; its lists are a moment behind."""
    client = await Client.connect(house.settings.temporal_address)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            listed = client.list_workflows("WorkflowType = 'Sequence'")
            runs = Counter([walk.id async for walk in listed])
            if runs.total() >= at_least:
                return dict(runs)
            await asyncio.sleep(LOOK_EVERY)


async def _result(house: House, bulk: str) -> Mapping[str, Any]:
    """What its workflow says at the end."""
    client = await Client.connect(house.settings.temporal_address)
    found: Mapping[str, Any] = await client.get_workflow_handle(workflow_id(bulk)).result()
    return found
