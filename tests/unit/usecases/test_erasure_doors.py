"""Whichever door an erasure comes by: with no worker running, no byte of the store names her."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import rapport
from rapport.ids import address_key
from rapport.store import candidates, identities
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from rapport.usecases.cause import Cause
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.merge import merge_people
from rapport.usecases.publish import publish
from rapport.usecases.retention_sweep import sweep_page
from tests.api.doors import visiting
from tests.ats_house import BACK, CONNECTED, House, house
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, StandingClock, a_person, a_publication
from tests.unit.usecases.test_erasure import everywhere

__all__ = ["house"]

POLICY = "retention: {default: {inactive: 730 days}}\n"
FIRST, LAST, OLD = "Zdenka", "Quixworth", "z.quix@former.example"
FURTHER, LINK, NUMBER = "zq77@privatus.example", "linkedin.com/in/zdenka-quixworth-77", "lever-5d1c7f"
JOB = "beekeeper at hivehouse"
TRACES = ("c_ana@people.example", FIRST, LAST, OLD, FURTHER, LINK, NUMBER, JOB)
APPLIED = "{purpose: nurture, start: {when: {applied: any}, once_per: application.job}, steps: [{id: a, wait: 9 days}]}"


async def by_command(house: House, folder: Path) -> None:
    """`rapport erase`."""
    env = {
        "RAPPORT_DATABASE_URL": house.store.engine.url.render_as_string(hide_password=False),
        "RAPPORT_STATE_FOLDER": str(folder),
    }
    words = ("erase", "c_ana", "--yes")
    done = await asyncio.to_thread(CliRunner(env=env).invoke, rapport, words, standalone_mode=False)
    assert "is erased" in done.output, done.exception


async def by_api(house: House, _: Path) -> None:
    """The API's own word for it."""
    async with visiting(house.store, house.clock) as visitor:
        assert 202 == (await visitor.post("/v1/candidates/c_ana/erase", {})).status_code


async def by_event(house: House, _: Path) -> None:
    """Another system says that it happened."""
    async with visiting(house.store, house.clock) as visitor:
        answer = await visitor.post("/v1/events", {"kind": "erased", "candidate": "c_ana"})
        assert 202 == answer.status_code, answer.text


async def by_sweep(house: House, _: Path) -> None:
    """Nothing was heard of her for three years."""
    await sweep_page(house.store, StandingClock(MONDAY + 1000 * DAY), "", sweep="s")


async def by_deletion(house: House, _: Path) -> None:
    """She is deleted in the ATS."""
    house.ats.delete("c_ana")
    await house.hint("deleted", "c_ana")
    await house.errands.drain()


async def by_anonymization(house: House, _: Path) -> None:
    """Her record in the ATS is emptied."""
    house.ats.people["c_ana"] = replace(house.ats.people["c_ana"], is_anonymized=True)
    await house.hint("person", "c_ana")
    await house.errands.drain()


DOORS: Mapping[str, Callable[[House, Path], Awaitable[None]]] = {
    "command": by_command,
    "api": by_api,
    "event": by_event,
    "sweep": by_sweep,
    "deleted": by_deletion,
    "anonymized": by_anonymization,
}


async def she_is_known(house: House) -> None:
    """By all that a person is known by; and she was another record before, with names of its own."""
    project = CONNECTED + POLICY
    publication = a_publication({"back": BACK, "applied": APPLIED}, project=project)
    await publish(house.store, publication, commit="c0ffee", at=MONDAY - DAY)
    house.ats.people["c_ana"] = replace(house.ats.people["c_ana"], first_name=FIRST, profiles=(f"https://{LINK}",))
    await house.poll()
    async with house.store.write() as tx:
        person = await candidates.get(tx, "c_ana")
        person.first_name, person.last_name = FIRST, LAST
        old = await a_person(tx, "c_old", last_name=LAST)
        old.email, old.email_key = OLD, address_key(OLD, PEPPER)
        await tx.flush()
        further = AddressRow(key=address_key(FURTHER, PEPPER), candidate="c_old", email=FURTHER, recorded_at=MONDAY)
        await insert(tx, further)
        await identities.name(tx, "c_old", "lever", NUMBER, pepper=PEPPER, recorded_at=MONDAY)
        await merge_people(tx, house.clock, kept="c_ana", gone="c_old", cause=Cause(text="x", at=MONDAY))
        for kind in ("applied", "withdrew"):
            told = Incoming(dedupe_key=kind, kind=kind, candidate="c_ana", at=MONDAY, detail={"job": JOB})
            await take_in(tx, house.clock, told)


async def traces_in(store: Store) -> list[str]:
    """What of her a reader of all rows finds, and on SQLite a reader of all bytes."""
    async with store.read() as tx:
        raw = (await everywhere(tx)).encode()
    if store.engine.dialect.name == "sqlite":
        place = Path(str(store.engine.url.database))
        with sqlite3.connect(place) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        raw += b"".join(file.read_bytes() for file in place.parent.glob(f"{place.name}*"))
    lowered = raw.lower()
    return [text for text in TRACES if text.lower().encode() in lowered]


@pytest.mark.parametrize("door", DOORS)
async def test_nothing_names_her_right_after_the_answer(house: House, tmp_path: Path, door: str) -> None:
    """Name, addresses, profile links and what other systems call her go in the transaction that erases."""
    await she_is_known(house)
    before = await traces_in(house.store)

    await DOORS[door](house, tmp_path)

    assert ([*TRACES], []) == (before, await traces_in(house.store))
