"""Nothing in Temporal's memory names a candidate, whatever goes wrong."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from temporalio.client import Client

from rapport.engine.world import World
from rapport.errors import NotFound, TemporaryFailure
from rapport.ports import WalkDesk
from tests.durable.desks import Failing
from tests.durable.sequences import scenario
from tests.durable.stage import on_stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PERSONAL = ("quixley", "zoltan", "analytical.example", "+49 171")
REFUSAL = "550 5.1.1 <zoltan.quixley@analytical.example> Zoltan Quixley (+49 171 5550100) is unknown here"


def everything_in(node: Any) -> Iterator[str]:
    """Every text of a history, payloads opened."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            packed = key == "data" and isinstance(value, str)
            yield from [base64.b64decode(value).decode()] if packed else everything_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from everything_in(item)
    elif isinstance(node, str):
        yield node


def text_of(history: str) -> str:
    """A history as one text."""
    return "\n".join(everything_in(json.loads(history)))


def failing_with(error: Callable[[], Exception], desks: list[Failing]) -> Callable[[World], WalkDesk]:
    """A desk whose calls all fail once; it is put into `desks`."""

    def desk(world: World) -> WalkDesk:
        desks.append(Failing(world, error))
        return desks[0].as_desk()

    return desk


@pytest.mark.parametrize(
    "error",
    [
        lambda: OSError(REFUSAL),
        lambda: TemporaryFailure(REFUSAL, hint="Wait."),
        lambda: NotFound(kind="enrollment", name=REFUSAL, hint="Look for it."),
    ],
    ids=["foreign error", "error of ours", "wrong database"],
)
async def test_failures_leave_no_personal_data(
    temporal: Client, candidate: str, error: Callable[[], Exception]
) -> None:
    """A mail server's refusal echoes address, name and phone; the history knows that something failed, and where."""
    desks: list[Failing] = []
    hot = scenario(candidate={"id": candidate, "score": 60})
    async with on_stage(temporal, hot, failing_with(error, desks)) as stage:
        await stage.start()
        result = await stage.act_out()
        text = text_of(await stage.history())

    assert "end" == result.end
    assert {"due", "gate", "send", "missed", "decide", "act", "finish"} == set(desks[0].failed)
    assert type(error()).__name__ in text
    assert [] == [word for word in PERSONAL if word in text.lower()]
