"""What a marketer simulates is what a candidate gets."""

from typing import Any

import pytest
from temporalio.client import Client

from tests.durable.sequences import scenario
from tests.durable.stage import on_stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPTS = {
    "silent and cold": {"candidate": {"score": 0}, "variants": {"subject-test": "short"}},
    "clicks and is hot": {"when": [{"day 3": {"clicked": "welcome"}}]},
    "clicks, then replies": {"when": [{"day 3": {"clicked": "welcome"}}, {"day 9": {"replied": "welcome"}}]},
    "applies": {"when": [{"day 2": "applied"}]},
    "away until a Monday": {
        "candidate": {"score": 0},
        "variants": {"subject-test": "personal"},
        "when": [{"day 1": {"out_of_office": {"until": "day 21"}}}],
    },
    "unsubscribes while a mail is held back": {
        "candidate": {"score": 0},
        "variants": {"subject-test": "short"},
        "when": [{"day 1": {"out_of_office": {"until": "day 21"}}}, {"day 12 11:30": "unsubscribed"}],
    },
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
async def test_walk_on_temporal_is_the_simulated_one(temporal: Client, candidate: str, script: dict[str, Any]) -> None:
    """Weeks pass in a second, and every mail, every effect and the end come at the very instant of the simulation."""
    tree = {**script, "candidate": {**script.get("candidate", {}), "id": candidate}}
    simulated = scenario(**tree).run()

    async with on_stage(temporal, scenario(**tree)) as stage:
        await stage.start()
        result = await stage.act_out()

    expected = simulated.time.world
    assert expected.mails == stage.world.mails
    assert expected.actions == stage.world.actions
    end = expected.enrollments[stage.enrollment].end
    assert end is not None
    assert (end.name, end.at) == (result.end, result.at)
    path = simulated.time.state(stage.enrollment).path
    assert [(passed.step, passed.at, passed.outcome) for passed in path] == list(result.path)
