"""The demo ATS of `rapport dev` stands in for the project's ATS, and for nobody's who wants their own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from cli.dev_ats import DevAts
from rapport.dsl.workspace import load_workspace
from rapport.settings import Settings
from worker.dev_server import free_port

ROOT = Path(__file__).parents[2]


def dev_ats(environ: Mapping[str, str], *, port: int = 8045) -> DevAts:
    """The demo ATS beside this repository's sequences, whose ATS is Greenhouse."""
    return DevAts.of(load_workspace(ROOT / "sequences"), port=port, environ=environ)


def test_every_part_is_led_to_it() -> None:
    """Each process gets its address, and a secret for the webhooks of the connection."""
    told = dev_ats({}).environment

    assert {"RAPPORT_DEMO_ATS_URL", "GREENHOUSE_WEBHOOK_SECRET"} == set(told)
    assert "http://127.0.0.1:8045" == Settings.from_environ(told).demo_ats_url


@pytest.mark.parametrize("said", ["", "http://127.0.0.1:9000"])
def test_whoever_names_another_ats_keeps_it(said: str) -> None:
    """Another demo's address, or none at all: nothing is started, and nothing is set."""
    ats = dev_ats({"RAPPORT_DEMO_ATS_URL": said})

    assert (False, {}) == (ats.is_used, ats.environment)


async def test_it_serves_its_page_and_remembers(tmp_path: Path) -> None:
    """Somebody applies on the page, and is there after a restart."""
    ats, settings = dev_ats({}, port=free_port()), Settings(state_folder=tmp_path)
    form = {"email": "ana@people.test", "first_name": "Ana", "last_name": "Lima", "job": "Backend"}
    async with httpx.AsyncClient(base_url=ats.address, trust_env=False) as browser:
        for _ in range(2):
            up = asyncio.Event()
            running = asyncio.create_task(ats.life(settings, {})(up))
            await up.wait()
            page = (await browser.get("/")).text
            await browser.post("/apply", data=form)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    assert 1 == page.count("<h2>Ana Lima</h2>")
    assert (tmp_path / "demo-ats.json").exists()
