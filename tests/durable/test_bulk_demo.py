"""The demo's own worker works off bulk enrollments too, in the time of its people."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cli.demonstration.stage import BEGINNING, Stage, staged
from rapport.dsl.workspace import load_workspace
from rapport.store import deliveries
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow

ROOT = Path(__file__).parents[2]
BULK = "/v1/bulk-enrollments"


async def test_the_demo_lets_a_list_of_people_in(tmp_path: Path) -> None:
    """Whoever tries a bulk enrollment in a demo that was left running sees people enter, in the demo's January."""
    workspace = load_workspace(ROOT / "sequences")
    assert workspace.project is not None

    async with staged(tmp_path, workspace, workspace.project) as stage:
        asked = {"sequence": "talent-nurture", "candidates": await _everybody(stage)}
        foreseen = await _post(stage, {**asked, "dry_run": True})
        bulk = (await _post(stage, asked))["id"]
        told = await asyncio.wait_for(_over(stage, bulk), 30)
        began = await _began(stage)
        temporal = [await _start_of(stage, walk) for walk in began]

    assert 0 < foreseen["would_enter"] == told["entered"] == len(began)
    assert {BEGINNING} == set(began.values())
    assert ["Sequence"] * len(began) == temporal


async def _everybody(stage: Stage) -> Sequence[str]:
    async with stage.conductor.observer.store.read() as tx:
        return (await tx.scalars(select(CandidateRow.id))).all()


async def _post(stage: Stage, body: dict[str, Any]) -> Any:
    answered = await stage.conductor.doors.api.post(BULK, json=body, headers={"Idempotency-Key": str(len(body))})
    assert answered.is_success, answered.text
    return answered.json()


async def _over(stage: Stage, bulk: str) -> Any:
    """What the API says when it is over and every walk has been handed to Temporal."""
    while True:
        told = (await stage.conductor.doors.api.get(f"{BULK}/{bulk}")).json()
        async with stage.conductor.observer.store.read() as tx:
            if told["state"] == "ended" and not await deliveries.depth(tx):
                return told
        await asyncio.sleep(0.1)


async def _began(stage: Stage) -> dict[str, Any]:
    async with stage.conductor.observer.store.read() as tx:
        rows = await tx.execute(select(EnrollmentRow.id, EnrollmentRow.enrolled_at))
        return {walk: at for walk, at in rows}  # noqa: C416  # dict() loses the type


async def _start_of(stage: Stage, walk: str) -> str:
    """The type of its workflow."""
    return (await stage.judge.walks.handle(walk).describe()).workflow_type
