"""What a worker tells Prometheus."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from rapport.errors import ConfigurationError
from tests.durable.sequences import scenario
from tests.unit.store.worlds import a_database
from worker.dev_server import free_port
from worker.metrics import measured
from worker.run import serve
from workflows.connection import connect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_worker_tells_what_the_sdk_counts(temporal: Client) -> None:
    """Operators watch it as they watch any other worker of Temporal."""
    place, stop, told = f"127.0.0.1:{free_port()}", asyncio.Event(), []
    client = await connect(address=temporal.service_client.config.target_host, runtime=measured(place))

    async def look() -> None:
        await client.count_workflows()
        async with httpx.AsyncClient() as prometheus:
            told.append(await prometheus.get(f"http://{place}/metrics"))
        stop.set()

    await serve(scenario().world(), client=client, stop=stop, queue="measured-walks", background=look)

    assert 'temporal_request{namespace="default",operation="CountWorkflowExecutions"' in told[0].text


async def test_a_worker_without_an_address_tells_nobody() -> None:
    """Nothing listens that nobody has asked for."""
    assert measured("") is None


async def test_an_address_that_is_none_is_said(tmp_path: Path) -> None:
    """The command ends at once with the name of the setting."""
    database = a_database(tmp_path)
    environment = {**os.environ, "RAPPORT_DATABASE_URL": database, "RAPPORT_METRICS_ADDRESS": "localhost"}
    worker = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("rapport"), "worker"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await worker.communicate()

    assert b"RAPPORT_METRICS_ADDRESS is 'localhost'" in said
    assert worker.returncode


async def test_a_taken_address_is_said() -> None:
    """A second worker of a machine needs a port of its own, and its operator is told."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        host, port = taken.getsockname()
        with pytest.raises(ConfigurationError, match="each worker of a machine needs its own"):
            measured(f"{host}:{port}")
