"""The demo ATS is one ATS behind the doors of three vendors, and the same one after a restart."""

from pathlib import Path

import httpx
import pytest

from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.greenhouse.vendor import Greenhouse
from rapport.errors import ConfigurationError
from tests.unit.ats.demo_stand import VENDORS, standing


async def test_it_is_one_ats_behind_every_door() -> None:
    """What is written through one vendor's API is there in all others."""
    async with standing(DemoAts()) as here:
        name = here.ats.new_person(emails=["ana@people.test"], first_name="Ana", last_name="Lima")
        for vendor, adapter in here.adapters.items():
            [person] = await adapter.find("ana@people.test")
            await adapter.write("add_tag", f"by-{vendor}", person=person.id, key="k", text="")
            await adapter.write("add_note", "note", person=person.id, key=vendor, text=f"By {vendor}.")
        seen = {vendor: (await adapter.find("ana@people.test"))[0] for vendor, adapter in here.adapters.items()}

        tags = tuple(f"by-{vendor}" for vendor in VENDORS)
        assert dict.fromkeys(VENDORS, ("Ana", tags)) == {
            vendor: (person.first_name, person.tags) for vendor, person in seen.items()
        }
        assert len(VENDORS) == len(here.ats.people[name].notes)


async def test_our_own_login_never_reaches_a_stand_in() -> None:
    """Greenhouse's own adapter speaks with it, by the demo's login, whatever ours is."""
    async with standing(DemoAts(), OURS="a line that would be no login at all") as here:
        assert await here.adapters["greenhouse"].find("nobody@people.test") == []

        assert isinstance(here.adapters["greenhouse"], Greenhouse)
        assert [("POST", "/greenhouse/token"), ("GET", "/greenhouse/v3/candidates")] == here.ats.log


async def test_the_form_lets_somebody_apply() -> None:
    """The same address is the same person; without one there is nobody."""
    ats = DemoAts()
    form = {
        "email": "Ana@people.test",
        "first_name": "<b>Ana",
        "last_name": "Lima",
        "job": "Backend",
        "stage": "onsite",
    }
    async with served(ats.app()) as address, httpx.AsyncClient(base_url=address) as browser:
        for job in ("Backend", "Data"):
            await browser.post("/apply", data=form | {"job": job})
        odd = await browser.post("/apply", data={"job": "Backend"})
        page = (await browser.get("/")).text

        assert ["Data", "Backend"] == [row["job"] for *_, row in ats.applications()]
        assert (1, 422) == (len(ats.people), odd.status_code)
        assert "&lt;b&gt;Ana Lima" in page
        assert "<b>" not in page


async def test_a_restart_changes_nobody(tmp_path: Path) -> None:
    """Ids mean the same people afterwards, and those of the deleted are not given again."""
    file = tmp_path / "world.json"
    async with standing(DemoAts(file=file)) as here:
        ids = []
        for email in ("ana@people.test", "gone@people.test"):
            here.ats.new_person(emails=[email], first_name="Ana")
            ids += [person.id for person in await here.adapters["greenhouse"].find(email)]
        here.ats.remove("p-2")
        here.ats.keep()
    async with standing(DemoAts(file=file)) as again:
        found = [person.id for person in await again.adapters["greenhouse"].find("ana@people.test")]
        new = again.ats.number("person", again.ats.new_person(emails=["new@people.test"]))

    assert ids[:1] == found
    assert str(new) not in ids
    assert 0o600 == file.stat().st_mode & 0o777


def test_a_world_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """It is said what to do, and the file stays as it is."""
    file = tmp_path / "world.json"
    file.write_text('{"people": 5}')

    with pytest.raises(ConfigurationError, match="no world"):
        DemoAts(file=file).app()
    assert '{"people": 5}' == file.read_text()
