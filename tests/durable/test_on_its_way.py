"""The gap between the store and the walk: an end that is still in the outbox when a wait is over has come before it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from rapport.engine.scenario import Scenario
from rapport.engine.script import Start
from rapport.ports import Delivery
from rapport.store import candidates, deliveries, enrollments
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.publish import publish
from tests.builders import MONDAY as STARTS
from tests.builders import a_plan, a_project, yaml
from tests.durable.stage import on_stage
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, a_person, a_publication, url_of
from tests.unit.usecases.desks import MAIL, Answering, NoAts, a_desk
from workflows.messages import WalkResult

pytestmark = pytest.mark.asyncio(loop_scope="session")

HELLO = "- {id: hello, send: welcome}\n- {id: rest, wait: 7 days}\n"
AFTER = {
    "tag-then-webhook": "- {id: mark, tag: {add: silent}}\n- {id: tell, webhook: {to: desk}}\n",
    "webhook-then-tag": "- {id: tell, webhook: {to: desk}}\n- {id: mark, tag: {add: silent}}\n",
    "stop": "- {id: enough, stop: cold}\n",
    "nothing": "",
}
WEEK = MONDAY + 7 * DAY


def the_scenario(candidate: str, after: str) -> Scenario:
    """A mail, a week, and then something: she answers at the very instant at which the week is over."""
    plan = a_plan(HELLO + after, name="flow", exit=[{"replied": "any"}])
    tree = {"candidate": {"id": candidate}, "when": [{"day 7": {"replied": "hello"}}]}
    return Scenario(plan=plan, project=a_project(), start=Start.parse(STARTS), tree=tree)


@asynccontextmanager
async def a_store(folder: Path, scenario: Scenario, candidate: str, after: str) -> AsyncIterator[Store]:
    """A store that knows the sequence and the person, who is enrolled."""
    url = url_of(folder / "rapport.db")
    await migrate(url)
    store, text = Store.open(url), f"{{purpose: nurture, exit: [{{replied: any}}], steps: {yaml(HELLO + after)}}}"
    publication = a_publication({"flow": text}, mails={("welcome", ""): MAIL})
    try:
        await publish(store, publication, commit="c0ffee", at=MONDAY - DAY)
        async with store.write() as tx:
            await a_person(tx, candidate)
        async with store.write() as tx:
            row = await enroll(tx, StandingClock(), sequence="flow", candidate=candidate, at=MONDAY, cause="test")
        assert scenario.enrollment == row.id
        yield store
    finally:
        await store.close()


async def walked(temporal: Client, store: Store, scenario: Scenario, outside: NoAts) -> WalkResult:
    """The walk on Temporal; the reply is stored a second before the week is over, and nobody tells the walk."""
    clock = StandingClock()
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock, outside)
    async with on_stage(temporal, scenario, lambda _: desk) as stage:
        await stage.start()
        await stage.waits("Wait 7 days")
        await stage.go_to(WEEK - timedelta(seconds=1))
        reply = Incoming(
            dedupe_key="r",
            kind="replied",
            candidate=stage.world.candidate["id"],
            at=WEEK,
            enrollment=scenario.enrollment,
            step="hello",
        )
        async with store.write() as tx:
            await take_in(tx, clock, reply)
        return await stage.go_to_end()


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER.keys())
async def test_reply_in_the_outbox_comes_before_what_follows_a_wait(
    temporal: Client, candidate: str, tmp_path: Path, after: str
) -> None:
    """Neither tag, webhook nor another end: she has answered, as the simulator says, though nobody told the walk."""
    scenario, outside = the_scenario(candidate, after), NoAts()
    simulated = scenario.run()
    async with a_store(tmp_path, scenario, candidate, after) as store:
        result = await walked(temporal, store, scenario, outside)
        async with store.read() as tx:
            row = await enrollments.get(tx, scenario.enrollment)
            tags = await candidates.tags_of(tx, candidate)
            waiting = await deliveries.undispatched(tx, enrollment=scenario.enrollment)

    assert simulated.ends == "replied"
    assert [] == simulated.actions
    assert ([], []) == (list(tags), outside.calls)
    assert ("replied", WEEK) == (result.end, result.at)
    assert ("replied", WEEK) == (row.end_name, row.ended_at)
    assert ["start", "happening"] == [one.kind for one in waiting]
