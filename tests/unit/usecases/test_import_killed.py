"""An import that is killed in the middle and begun anew ends as one that was not."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.clock import SystemClock
from rapport.store.database import Store
from rapport.store.schema import METADATA
from rapport.store.tables.people import CandidateRow
from rapport.usecases.import_people import ImportReport, import_people
from tests.unit.store.worlds import PEPPER, WELCOME, a_database, opened, published
from tests.unit.usecases.lists import counts

_PEOPLE = 1_500
# What is different in every run: numbers given, and when.
_OWN = {"id", "recorded_at", "at", "expires_at", "dedupe_key", "moved_at"}
_SCRIPT = """
import asyncio, sys
from rapport.clock import SystemClock
from rapport.store.database import Store
from rapport.usecases.import_people import import_people

async def main(url, file, pepper):
    store = Store.open(url)
    with open(file, "rb") as raw:
        await import_people(
            store, SystemClock(), raw, pepper=pepper, progress=lambda read: print(read, flush=True), rows_at_once=150
        )

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3].encode()))
"""


def a_list(people: int) -> str:
    """A list in which some people stand twice, some rows contradict others, and some cannot be read."""
    rows = ["email,first_name,city,tags,profiles,source,consent,consent_basis"]
    for number in range(people):
        name = number - 400 if number % 11 == 10 and number > 400 else number
        city = "Ulm" if number % 110 == 10 else f"City {name}"
        email = "broken" if number % 97 == 96 else f"p{name}@people.example"
        rows.append(f"{email},P{name},{city},met;t{number % 5},linkedin.com/in/p{name},fair,nurture,consent")
    return "\n".join(rows) + "\n"


async def load(store: Store, file: Path, **more: Any) -> ImportReport:
    """Import the whole list."""
    with file.open("rb") as raw:
        return await import_people(store, SystemClock(), raw, pepper=PEPPER, **more)


async def everything(store: Store) -> list[str]:
    """All rows, people by their addresses instead of their numbers."""
    async with store.read() as tx:
        people = {row.id: row.email or "" for row in await tx.scalars(select(CandidateRow))}
        found = []
        for table in METADATA.sorted_tables:
            names = [column.name for column in table.columns if column.name not in _OWN]
            for row in await tx.execute(select(*(table.c[name] for name in names))):
                cells = [people.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
                found += [f"{table.name} {cells}"]
    return sorted(found)


async def killed(url: str, file: Path, *, after: int) -> None:
    """Import in a process of its own, and kill it when so many batches have been stored."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SCRIPT, url, str(file), PEPPER.decode(), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(after):
        assert await process.stdout.readline(), "it was over before it was killed"
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()


@pytest.fixture
def databases(tmp_path: Path) -> tuple[str, str]:
    """Two empty ones."""
    (tmp_path / "one").mkdir()
    return a_database(tmp_path / "one"), a_database(tmp_path)


@pytest.mark.parametrize("batches", [(1, 6), (4, 5)])
async def test_a_killed_import_is_begun_anew_and_ends_the_same(
    tmp_path: Path, databases: tuple[str, str], batches: tuple[int, int]
) -> None:
    """Killed twice, it is as if it had run once; and once more it changes nothing, and says so."""
    (whole, broken), file = databases, tmp_path / "people.csv"
    file.write_text(a_list(_PEOPLE), encoding="utf-8")
    async with opened(whole) as store:
        await published(store, welcome=WELCOME)
        foreseen = await load(store, file, dry_run=True)
        report = await load(store, file)
        expected = await everything(store)

    async with opened(broken) as store:
        await published(store, welcome=WELCOME)
        for after in batches:
            await killed(broken, file, after=after)
        async with store.read() as tx:
            stored = await tx.scalar(select(func.count()).select_from(CandidateRow)) or 0
        await load(store, file)
        assert expected == await everything(store)
        again = await load(store, file)
        assert expected == await everything(store)

    assert 0 < stored < report.added
    assert counts(foreseen) == counts(report)
    assert (0, 0, report.added + report.changed + report.unchanged) == counts(again)
    assert (report.conflicts, report.problems) == (again.conflicts, again.problems)
    assert report.conflicts
    assert report.problems
