"""Record histories of made-up people, as today's code writes them: `.venv/bin/python -m tests.histories.record`.

They go into a folder of this release, and what is there of this release is replaced; with names of scenes, only
these are. Folders of earlier releases are never touched: walks that began under them still run, and must replay under
every later one.
"""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from temporalio.client import Client

from rapport.engine.happening import Happening
from rapport.engine.scenario import Scenario
from rapport.errors import TemporaryFailure
from tests.durable.desks import Failing
from tests.durable.lists import ListInMemory, handle, rests, working
from tests.durable.mailboxes import MailboxInMemory, until_empty
from tests.durable.mailboxes import working as reading
from tests.durable.polls import PagesInMemory
from tests.durable.polls import working as polling
from tests.durable.rights import RightsInMemory
from tests.durable.rights import working as erasing
from tests.durable.sequences import HELD_BY_WEBHOOK, MANY_STEPS, scenario
from tests.durable.stage import Stage, on_stage
from worker.dev_server import DevServerOptions, dev_server
from workflows.ats_messages import PollInput
from workflows.bulk_client import Bulks, workflow_id
from workflows.bulk_messages import BulkInput
from workflows.converter import walk_data_converter
from workflows.mailbox_messages import MailboxInput
from workflows.privacy_messages import ErasureInput, SweepInput
from workflows.queues import WALKS

Play: TypeAlias = Callable[[Stage], Awaitable[object]]
PlayBulk: TypeAlias = Callable[[Client, ListInMemory], Awaitable[object]]

HERE = Path(__file__).parent
_WAIT = "Wait 7 days for a click on welcome"
# The forty steps are 240 events: some fresh histories on the way.
_SHORT = 70
# A look is six events; in life, a history of a mailbox has as many as that of a walk.
_SHORT_LOOKS = 20
_COLD: Mapping[str, Any] = {"candidate": {"score": 0}, "variants": {"subject-test": "short"}}
# They name this machine and its folders, and nothing replays them.
_PROCESS = re.compile(r"\d+@.+")
_OF_THIS_MACHINE = ("identity", "stackTrace")


async def _act_out(stage: Stage) -> None:
    await stage.start()
    await stage.act_out()


async def _many_steps(stage: Stage) -> None:
    await stage.start(history_limit=_SHORT)
    for number in range(0, 60, 10):
        at = stage.scenario.start.instant + timedelta(seconds=1)
        said = [_said(n, at) for n in range(number, number + 12)]
        await stage.walks.tell(stage.enrollment, said)
    await stage.waits("Wait 7 days for the event last-word")
    await stage.go_to_end()


def _said(number: int, at: datetime) -> Happening:
    return Happening(id=f"said/{number}", kind="custom", at=at, detail={"name": "hello"})


async def _held(stage: Stage) -> None:
    await stage.start()
    await stage.waits("Held at tell-desk")
    await stage.walks.command(stage.enrollment, "retry", "command/1")
    await stage.waits("Held at tell-desk")
    await stage.walks.command(stage.enrollment, "skip", "command/2")
    await stage.go_to_end()


async def _paused(stage: Stage) -> None:
    begins = stage.scenario.start.instant
    await stage.start()
    await stage.waits(_WAIT)
    await stage.walks.command(stage.enrollment, "pause", "command/1")
    await stage.walks.command(stage.enrollment, "resume", "command/2", at=begins + timedelta(hours=1))
    await stage.waits(_WAIT)
    await stage.walks.command(stage.enrollment, "pause", "command/3")
    await stage.go_to(begins + timedelta(days=9))
    await stage.walks.command(stage.enrollment, "resume", "command/4", at=begins + timedelta(days=9))
    await stage.go_to_end()


async def _cancelled(stage: Stage) -> None:
    await stage.start()
    await stage.waits(_WAIT)
    await stage.walks.command(stage.enrollment, "cancel", "command/1", reason="duplicate-person")
    await stage.go_to_end()


SCENES: Mapping[str, tuple[Scenario, Play]] = {
    "cold": (scenario(**_COLD), _act_out),
    "hot": (scenario(when=[{"day 3": {"clicked": "welcome"}}]), _act_out),
    "reply": (scenario(when=[{"day 3": {"clicked": "welcome"}}, {"day 9": {"replied": "welcome"}}]), _act_out),
    "goal": (scenario(when=[{"day 2": "applied"}]), _act_out),
    "away": (scenario(**_COLD, when=[{"day 1": {"out_of_office": {"until": "day 21"}}}]), _act_out),
    "unavailable": (scenario(candidate={"score": 60}), _act_out),
    "many-steps": (scenario(MANY_STEPS), _many_steps),
    "held": (scenario(HELD_BY_WEBHOOK, mocks={"tell-desk": {"fails": True}}), _held),
    "paused": (scenario(**_COLD), _paused),
    "cancelled": (scenario(), _cancelled),
}


async def _paced(client: Client, _: ListInMemory) -> None:
    """Ten people, a wait until its end, ten more, a wait that somebody ends, and the last ones."""
    await Bulks(client).start("b_paced", sequence="welcome-engineering", per_minute=60)
    await rests(client, "b_paced", times=2)
    await Bulks(client).stir("b_paced")


async def _called_off(client: Client, people: ListInMemory) -> None:
    await Bulks(client).start("b_cancelled", sequence="welcome-engineering", per_minute=60)
    await rests(client, "b_cancelled")
    people.cancelled = True
    await Bulks(client).stir("b_cancelled")


async def _long(client: Client, _: ListInMemory) -> None:
    """More than two turns of a thousand, each in a history of its own."""
    await client.start_workflow(
        "BulkEnrollment",
        BulkInput(bulk="b_long", sequence="welcome-engineering", per_minute=60_000, history_limit=1),
        id=workflow_id("b_long"),
        task_queue=WALKS,
    )


# How many people are on the list, and what happens.
BULK_SCENES: Mapping[str, tuple[int, PlayBulk]] = {
    "bulk-paced": (25, _paced),
    "bulk-cancelled": (25, _called_off),
    "bulk-long": (2_010, _long),
}


# How many mails are there in the beginning, and how often the server does not answer.
MAILBOX_SCENES: Mapping[str, tuple[int, int]] = {"mailbox": (20, 2)}

# By name: how many pages, and how many times the ATS does not answer.
POLL_SCENES: Mapping[str, tuple[int, int]] = {"ats-poll": (35, 1)}
# Two turns.
_SHORT_POLLS = 12

# By name: how many walks have still to end, or how many people are judged; the store is away once.
RIGHTS_SCENES: Mapping[str, RightsInMemory] = {
    "erasure": RightsInMemory(walks=3, failures=1),
    "retention-sweep": RightsInMemory(people=45, failures=1),
}
# Two looks, or two pages.
_SHORT_RIGHTS = 12


def release_folder() -> Path:
    """Where the histories of this release are."""
    return HERE / version("rapport-crm")


async def record(name: str, client: Client) -> list[str]:
    """Play one scene; its histories, one for each run."""
    ways = {**dict.fromkeys(BULK_SCENES, _record_bulk), **dict.fromkeys(MAILBOX_SCENES, _record_mailbox)}
    ways |= {**dict.fromkeys(POLL_SCENES, _record_poll), **dict.fromkeys(RIGHTS_SCENES, _record_rights)}
    return await ways.get(name, _record_walk)(name, client)


async def _record_walk(name: str, client: Client) -> list[str]:
    planned, play = SCENES[name]
    person = {**planned.tree["candidate"], "id": f"c_{name.replace('-', '')}"}
    played = Scenario(
        plan=planned.plan, project=planned.project, start=planned.start, tree={**planned.tree, "candidate": person}
    )
    async with on_stage(client, played, _desk(name)) as stage:
        await play(stage)
        return await _runs(client, stage.enrollment)


async def _record_bulk(name: str, client: Client) -> list[str]:
    number, play = BULK_SCENES[name]
    people, bulk = ListInMemory(total=number), name.replace("bulk-", "b_")
    async with working(client, people, WALKS):
        await play(client, people)
        await handle(client, bulk).result()
        return await _runs(client, workflow_id(bulk))


async def _record_mailbox(name: str, client: Client) -> list[str]:
    """Mails in batches, a line that breaks, and as much time as fills three histories."""
    mails, failures = MAILBOX_SCENES[name]
    desk = MailboxInMemory(waiting=[str(number) for number in range(mails)], failures=failures)
    box = MailboxInput(mailbox=name, history_limit=_SHORT_LOOKS)
    async with reading(client, desk, WALKS):
        started = await client.start_workflow("Mailbox", box, id=f"mailbox/{name}", task_queue=WALKS)
        await until_empty(desk)
        await started.terminate("recorded")
    return await _runs(client, f"mailbox/{name}")


async def _record_poll(name: str, client: Client) -> list[str]:
    """Pages in turns, an ATS that is away once, and more turns than one history has."""
    pages, failures = POLL_SCENES[name]
    async with polling(client, PagesInMemory(pages=pages, failures=failures), WALKS):
        poll = PollInput(connection="main", history_limit=_SHORT_POLLS)
        await (await client.start_workflow("AtsPoll", poll, id=name, task_queue=WALKS)).result()
    return await _runs(client, name)


async def _record_rights(name: str, client: Client) -> list[str]:
    """Looks with longer and longer pauses, or page after page, across several histories."""
    erasure = ErasureInput(request="pr_recorded", history_limit=_SHORT_RIGHTS)
    sweep = SweepInput(history_limit=_SHORT_RIGHTS)
    workflow, begins = ("Erasure", erasure) if name == "erasure" else ("RetentionSweep", sweep)
    async with erasing(client, replace(RIGHTS_SCENES[name], behind=[]), WALKS):
        await (await client.start_workflow(workflow, begins, id=name, task_queue=WALKS)).result()
    return await _runs(client, name)


def _desk(name: str) -> Callable[[Any], Any]:
    """Everything fails once in one scene."""
    if name != "unavailable":
        return lambda world: world
    return lambda world: Failing(world, lambda: TemporaryFailure("Down.", hint="Wait.")).as_desk()


async def _runs(client: Client, workflow: str) -> list[str]:
    described = await client.get_workflow_handle(workflow).describe()
    run: str | None = described.raw_description.workflow_execution_info.first_run_id
    histories = []
    while run:
        recorded = await client.get_workflow_handle(workflow, run_id=run).fetch_history()
        history = json.loads(recorded.to_json())
        histories.append(json.dumps(_nameless(history), separators=(",", ":"), ensure_ascii=False) + "\n")
        last = history["events"][-1]
        run = last.get("workflowExecutionContinuedAsNewEventAttributes", {}).get("newExecutionRunId")
    return histories


def _nameless(node: Any) -> Any:
    """The same without what is of this machine."""
    if isinstance(node, dict):
        return {key: "-" if key in _OF_THIS_MACHINE else _nameless(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_nameless(item) for item in node]
    return "-" if isinstance(node, str) and _PROCESS.fullmatch(node) else node


async def main(names: Sequence[str]) -> None:
    """Record every scene, or those of these names."""
    folder = release_folder()
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.json"):
        if not names or old.name.partition(".")[0] in names:
            old.unlink()
    with TemporaryDirectory() as scratch:
        async with dev_server(DevServerOptions(log_file=Path(scratch) / "log", time_skipping=True)) as server:
            client = await Client.connect(server.address, data_converter=walk_data_converter)
            for name in names or [*SCENES, *BULK_SCENES, *MAILBOX_SCENES, *POLL_SCENES, *RIGHTS_SCENES]:
                for number, history in enumerate(await record(name, client), start=1):
                    (folder / f"{name}.{number}.json").write_text(history, encoding="utf-8")
                    print(f"{name}.{number}: {len(history)} bytes")  # noqa: T201  # a script that reports


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
