"""Against real mail servers and a real Temporal: a reply is on its recruiter's screen within a minute."""

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

from rapport.wiring.mailboxes import reply_forwarder
from tests.mta.servers import MailServers
from tests.mta.town import a_town
from tests.unit.store.worlds import StandingClock
from worker.dev_server import DevServerOptions, dev_server
from worker.run import serve
from workflows.converter import walk_data_converter
from workflows.mailbox_client import read_mailboxes

pytestmark = pytest.mark.timeout(120)
_QUEUE = "mta-walks"


async def test_a_worker_sends_a_reply_on_within_a_minute(
    servers: MailServers, clock: StandingClock, database: str, tmp_path: Path
) -> None:
    """From the candidate's mail program to the recruiter's, with nobody's hand in between."""
    options = DevServerOptions(log_file=tmp_path / "temporal.log", time_skipping=True)
    async with dev_server(options) as temporal, a_town(servers, clock, database, "worker") as town:
        client = await Client.connect(temporal.address, data_converter=walk_data_converter)
        walk, _ = await town.write_to("ada@dev.test")
        row = await town.send_of(walk)
        [mail] = await town.arrived("ada", containing=str(row.message_id))
        stop = asyncio.Event()
        forwarding = partial(reply_forwarder(town.house).run, stop)
        serving = asyncio.create_task(
            serve(
                town.house.desk,
                client=client,
                stop=stop,
                queue=_QUEUE,
                background=forwarding,
                mailboxes=town.desk,
            )
        )
        await read_mailboxes(client, ["inbox"], queue=_QUEUE)
        began = time.monotonic()
        await asyncio.to_thread(town.answer, mail, "Gladly, by worker.", sender="ada@dev.test")
        for _ in range(6):
            try:
                [forward] = await town.arrived("anna.koch", containing="Gladly, by worker.")
                break
            except AssertionError:
                continue
        seconds = time.monotonic() - began
        stop.set()
        await serving

    assert "ada@dev.test" in str(forward["Reply-To"])
    assert seconds < 60
