"""Servers, workers and commands start, end and fail as processes should."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.durable.sequences import scenario
from worker.dev_server import DevServerFailed, DevServerOptions, dev_server, free_port
from worker.run import serve
from workflows.connection import TemporalUnavailable, connect
from workflows.search_attributes import SearchAttributesMissing, missing_search_attributes

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
# Without `end_process`, 8 and 10 of 20 such commands ended with a signal here.
TIMES = 20
TINY_COMMAND = """
import asyncio, sys
from temporalio.client import Client
from worker.exit import end_process

async def main() -> None:
    client = await Client.connect(sys.argv[1])
    await client.service_client.check_health()
    print("done")

asyncio.run(main())
end_process(int(sys.argv[2]))
"""


async def tiny_command(address: str, code: int) -> tuple[int | None, bytes]:
    """Run a command that uses Temporal; its exit code and what it printed into a pipe."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}  # what was printed must not depend on it
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", TINY_COMMAND, address, str(code)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return process.returncode, out


async def test_commands_end_with_their_own_exit_code(temporal: Client) -> None:
    """A command that used Temporal ends with the code that it means, every time, and all it said is heard."""
    address = temporal.service_client.config.target_host
    codes = [number % 2 for number in range(TIMES)]
    ends = []
    for pair in range(0, TIMES, 2):  # two cores
        ends += await asyncio.gather(*(tiny_command(address, code) for code in codes[pair : pair + 2]))

    assert [(code, b"done\n") for code in codes] == ends


async def test_server_without_our_search_attributes_is_named_so(tmp_path: Path) -> None:
    """Doctor and worker say which search attributes are missing and how to add them, instead of sticking."""
    options = DevServerOptions(log_file=tmp_path / "server.log", search_attributes=False)
    async with dev_server(options) as server:
        client = await connect(address=server.address)
        missing = await missing_search_attributes(client)
        with pytest.raises(SearchAttributesMissing, match=r"search-attribute create .*--name RapportStep") as refusal:
            await serve(scenario().world(), client=client, stop=asyncio.Event())

    assert refusal.value.names == missing
    assert {"RapportSequence", "RapportVersion", "RapportStep", "RapportState"} < set(missing)


async def test_server_with_our_search_attributes_lacks_none(temporal: Client) -> None:
    """A server that we started needs no further steps."""
    assert () == await missing_search_attributes(temporal)


async def test_server_keeps_walks_over_a_restart(tmp_path: Path) -> None:
    """What ran yesterday is there today, with its search attributes, when the server has a file."""
    options = DevServerOptions(log_file=tmp_path / "server.log", db_file=tmp_path / "temporal.db", port=free_port())
    for _ in range(2):
        async with dev_server(options) as server:
            client = await connect(address=server.address)
            missing = await missing_search_attributes(client)

        assert () == missing
        assert server.process.returncode is not None


async def test_server_that_cannot_start_points_to_its_log(temporal: Client, tmp_path: Path) -> None:
    """A taken port is reported with the place of the log, and nothing keeps running."""
    del temporal  # any server will do
    options = DevServerOptions(log_file=tmp_path / "server.log", db_file=tmp_path / "nowhere" / "temporal.db")

    with pytest.raises(DevServerFailed, match=r"server\.log"):
        async with dev_server(options):
            pass


async def test_silent_server_is_a_temporary_failure() -> None:
    """Nobody at the address: the message names it and says what to do."""
    port = free_port()

    with pytest.raises(TemporalUnavailable, match=f"127.0.0.1:{port}"):
        await connect(address=f"127.0.0.1:{port}")


async def test_failing_background_ends_the_worker(temporal: Client) -> None:
    """A worker whose dispatcher has died must not pretend to be well."""

    async def background() -> None:
        raise RuntimeError("the outbox is gone")

    with pytest.raises(RuntimeError, match="the outbox is gone"):
        await serve(
            scenario().world(), client=temporal, stop=asyncio.Event(), queue="failing-walks", background=background
        )


async def test_stopped_worker_lets_its_background_finish(temporal: Client) -> None:
    """Asked to stop, a worker hands over the mail that it is forwarding; broken off, it would go out twice."""
    stop, finished = asyncio.Event(), asyncio.Event()

    async def background() -> None:
        stop.set()
        for _ in range(100):  # longer than it takes to notice the stop
            await asyncio.sleep(0)
        finished.set()

    await serve(scenario().world(), client=temporal, stop=stop, queue="stopped-walks", background=background)

    assert finished.is_set()


async def test_stopped_worker_waits_for_nobody_for_ever(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not come to its end in time is broken off."""
    monkeypatch.setattr("worker.run._GRACE", timedelta(0))
    stop, ended = asyncio.Event(), asyncio.Event()

    async def background() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await serve(scenario().world(), client=temporal, stop=stop, queue="stopped-walks", background=background)

    assert ended.is_set()
