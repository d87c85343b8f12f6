"""docker-compose.yml: what it promises by itself, and its processes for real on this machine."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rapport.settings import SETTINGS
from tests.acceptance.compose import COMPOSE, EXAMPLE, SERVICES, VARIABLE
from tests.acceptance.processes import ROOT, until
from tests.acceptance.town import built
from workflows.search_attributes import registration

_ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"].startswith("on-failure")}
_OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("rapport")}


def every_text(node: Any) -> Iterator[str]:
    """Every text of the file."""
    if isinstance(node, str):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every_text(item)


def test_every_service_is_watched_or_ends() -> None:
    """Ops see what is not well, and a process that dies is started again."""
    watched = {name for name, service in SERVICES.items() if service.get("healthcheck")}

    assert set(SERVICES) == watched | _ONE_SHOT
    assert set() == watched & _ONE_SHOT
    assert {"unless-stopped"} == {SERVICES[name]["restart"] for name in watched}


def test_nothing_runs_as_root() -> None:
    """A broken process has no more rights than it needs."""
    users = {name: str(service.get("user", "root")) for name, service in SERVICES.items()}

    assert [] == [name for name, user in users.items() if user.split(":")[0] in ("root", "0")]
    assert [] == [name for name, service in SERVICES.items() if service.get("cap_drop") != ["ALL"]]
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_images_are_pinned() -> None:
    """The same file starts the same thing next year."""
    assert [] == [name for name, each in SERVICES.items() if not re.fullmatch(r"[\w./-]+:\d[\w.-]+", each["image"])]


def test_who_waits_for_whom() -> None:
    """A service waits until the other one works, or has done its work."""
    for service in SERVICES.values():
        for name, needed in service.get("depends_on", {}).items():
            done_or_well = "service_completed_successfully" if name in _ONE_SHOT else "service_healthy"
            assert done_or_well == needed["condition"], name


def test_no_secret_is_in_the_file() -> None:
    """Passwords, keys and tokens come from .env, which names all of them and holds none."""
    secret = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|KEY")
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    literal = [
        name
        for each in environments
        for name, value in each.items()
        if secret.search(name) and not VARIABLE.fullmatch(value)
    ]
    named = {match["name"] for text in every_text(COMPOSE) for match in VARIABLE.finditer(text)}

    assert [] == literal
    assert set(EXAMPLE) == named
    assert [] == [name for name, value in EXAMPLE.items() if secret.search(name) and value]
    assert {".env", ".env.project"} <= set((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_our_processes_use_documented_settings_only() -> None:
    """Every variable of ours is in the README's table."""
    used = {name for service in _OURS.values() for name in service["environment"]}

    assert set() == used - {setting.name for setting in SETTINGS}


def test_every_search_attribute_is_registered() -> None:
    """Walks would stick at their first step without them."""
    [script] = SERVICES["temporal-namespace"]["command"]

    assert set(registration()) == set(re.findall(r"--name (Rapport\w+)", script))
    assert {"Keyword"} == set(registration().values())


async def test_story_over_two_apis_and_three_workers(tmp_path: Path) -> None:
    """Enrolled twice by one key, Ada walks once: a mail, a click, a second mail, a reply, the end."""
    async with built(tmp_path) as town:
        one, other = town.apis
        enrolled = await asyncio.gather(town.enroll(one), town.enroll(other))
        hello = await town.mail(1)
        await town.click(other, hello)
        thanks = await town.mail(2)
        await town.reply(one, thanks)

        async def over() -> dict[str, Any]:
            shown: dict[str, Any] = (await other.get(f"/v1/enrollments/{enrolled[0]}")).raise_for_status().json()
            return shown if shown["state"] == "ended" else {}

        ended = await until(over, seconds=25)

    assert enrolled[0] == enrolled[1]
    assert ["Hello Ada", "Thank you for reading"] == [str(mail["Subject"]) for mail in (hello, thanks)]
    assert 2 == len(town.arrived)
    assert "replied" == ended["end"]
    # Asked to stop, each has stopped by itself.
    assert [0] * 5 == [process.returncode for process in town.processes]
