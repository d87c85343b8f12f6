"""One Temporal development server for all durable tests, whose walks have clocks of their own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.client import Client

from worker.dev_server import DevServerOptions, dev_server
from workflows.converter import walk_data_converter


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of the server."""
    log_file = tmp_path_factory.mktemp("temporal") / "server.log"
    async with dev_server(DevServerOptions(log_file=log_file, time_skipping=True)) as server:
        yield await Client.connect(server.address, data_converter=walk_data_converter)


@pytest.fixture
def candidate(request: pytest.FixtureRequest) -> str:
    """A person of this test's own, so that the ids of walks never meet."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"c_{name}"
