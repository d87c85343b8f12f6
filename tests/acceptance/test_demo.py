"""The whole of it, as `rapport demo` plays it: real server, real mail, public doors."""

import asyncio
import csv
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from cli.demo import perform
from cli.demonstration.cast import PEOPLE, read_cast
from cli.demonstration.stage import Stage, staged
from cli.exits import EXIT_OK
from rapport.dsl.workspace import load_workspace
from tests.durable.test_privacy import text_of

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 30
# They read their mails and answer one.
CLEO = "cleo.costa@people.test"


# Half a minute alone on two cores; other tests may have most of both.
@pytest.mark.timeout(240)
async def test_the_real_engine_does_what_the_simulator_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody's half a year, over HTTP and SMTP, to the second; and nobody's name or address is in Temporal."""
    workspace, cast = load_workspace(ROOT / "sequences"), read_cast()
    assert workspace.project is not None

    async with staged(tmp_path, workspace, workspace.project) as stage:
        code = await perform(stage, cast)
        histories = await _histories(stage.conductor.timekeeper.client)

    said = capsys.readouterr().out
    assert code == EXIT_OK, said
    assert f"{len(histories)} walks" in said
    assert len(histories) > len(cast)
    assert [] == sorted(_personal_data(histories))


async def test_an_erasure_that_somebody_asks_for_in_the_demo_is_finished(tmp_path: Path) -> None:
    """Whoever looks around and erases a person sees it done, and their mails are gone from the inbox."""
    workspace, email = load_workspace(ROOT / "sequences"), CLEO
    [part] = [part for part in read_cast() if part.email == email]
    assert workspace.project is not None

    async with staged(tmp_path, workspace, workspace.project) as stage:
        api, person = stage.conductor.doors.api, await stage.conductor.observer.candidate(email)
        stage.prepare(person, part)
        await stage.conductor.play(part)
        caught = len(await _mails(stage, email))
        headers = {"Idempotency-Key": "forget"}
        asked = await api.post(f"/v1/candidates/{person}/erase", json={}, headers=headers)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await _state(api, person) != "done":  # noqa: ASYNC110  # the API tells nobody
                await asyncio.sleep(0.1)
        left = await _mails(stage, email)

    assert (True, True, []) == (asked.is_success, caught > 0, left)


async def _mails(stage: Stage, email: str) -> list[Any]:
    async with httpx.AsyncClient(base_url=stage.addresses["Inbox"], trust_env=False) as http:
        mails: list[Any] = (await http.get("/mails.json", params={"to": email})).raise_for_status().json()
    return mails


async def _state(api: httpx.AsyncClient, person: str) -> str:
    [request] = (await api.get(f"/v1/candidates/{person}/privacy-requests")).raise_for_status().json()
    return str(request["state"])


async def _histories(client: Client) -> list[str]:
    found = [execution async for execution in client.list_workflows()]
    handles = [client.get_workflow_handle(execution.id, run_id=execution.run_id) for execution in found]
    return [text_of((await handle.fetch_history()).to_json()) for handle in handles]


def _personal_data(histories: list[str]) -> set[str]:
    """Every name and address of the cast that stands in a history as a word of its own."""
    with PEOPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    secrets = {row[column] for row in rows for column in ("first_name", "last_name", "email")}
    whole = "\n".join(histories)
    return {secret for secret in secrets if re.search(rf"\b{re.escape(secret)}\b", whole)}
