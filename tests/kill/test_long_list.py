"""A list of 100,000 people in bounded memory, killed twice on its way."""

import asyncio
import os
import resource
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow
from tests.unit.store.worlds import PEPPER, WELCOME, a_database, opened, published

_PEOPLE = 100_000
_MEGABYTES = 300  # what issue and design allow
_SCRIPT = """
import asyncio, sys
from rapport.clock import SystemClock
from rapport.store.database import Store
from rapport.usecases.import_people import import_people

async def main(url, file, pepper):
    store = Store.open(url)
    with open(file, "rb") as raw:
        report = await import_people(
            store, SystemClock(), raw, pepper=pepper, progress=lambda read: print(read, flush=True)
        )
    await store.close()
    print(report.added, report.changed, report.unchanged, report.problems, report.conflicts)

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3].encode()))
"""


async def imported(url: str, file: Path, *, killed_after: int | None = None) -> str:
    """Import in a process of its own; what it said last, and it may be killed after so many pages."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SCRIPT, url, str(file), PEPPER.decode(), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = ""
    pages = 0
    while line := await process.stdout.readline():
        said, pages = line.decode().strip(), pages + 1
        if pages == killed_after:
            process.kill()
    assert (await process.wait() == 0) == (killed_after is None)
    return said


async def people(store: Store) -> int:
    """How many are known."""
    async with store.read() as tx:
        return await tx.scalar(select(func.count()).select_from(CandidateRow)) or 0


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty one."""
    return a_database(tmp_path)


@pytest.mark.soak
async def test_a_hundred_thousand_people_fit_into_little_memory(tmp_path: Path, database: str) -> None:
    """Killed twice, begun anew each time: everybody is in once, and no process ever held 300 MB."""
    file = tmp_path / "people.csv"
    rows = (f"p{number}@d{number % 997}.example,Ana,Köln,met,linkedin.com/in/p{number}" for number in range(_PEOPLE))
    file.write_text("\n".join(["email,first_name,city,tags,profiles", *rows]), encoding="utf-8")
    async with opened(database) as store:
        await published(store, welcome=WELCOME)

        for pages in (50, 120):
            await imported(database, file, killed_after=pages)
            assert 0 < await people(store) < _PEOPLE
        said = await imported(database, file)

        assert await people(store) == _PEOPLE
        assert said.endswith("[] []")
        assert f"0 0 {_PEOPLE} [] []" == await imported(database, file)
    # The largest of all processes that this one has started, in kilobytes; macOS counts in bytes.
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
        1024 if os.uname().sysname == "Linux" else 1024**2
    )
    assert largest < _MEGABYTES
