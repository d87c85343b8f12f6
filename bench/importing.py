"""Rows of a list stored per second, beside plain csv and executemany; and the memory of a long list."""

import asyncio
import csv
import resource
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from bench.rows import Row, hand_over, median
from cli.publication import publication_of
from rapport.clock import SystemClock
from rapport.dsl.workspace import load_workspace
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.import_people import import_people
from rapport.usecases.publish import publish

_ROUNDS = 5
_PEOPLE = 3_000
_LONG = 100_000
_PEPPER = b"bench"
_HEADER = "email,first_name,last_name,country,city,skills,tags,profiles,source,consent,consent_basis"
_MEMORY = "--memory"
# What issue and design allow a list of 100,000.
_MEGABYTES = 300
_SEQUENCES = Path(__file__).parents[1] / "sequences"


def _write(file: Path, people: int, *, begin: int = 0) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEADER + "\n")
        for number in range(begin, begin + people):
            link = f"https://www.linkedin.com/in/person-{number}/"
            out.write(
                f"p{number}@d{number % 997}.com,First{number},Last,DE,Köln,go;sql,met,{link},fair,nurture,consent\n"
            )


async def _opened(folder: Path) -> Store:
    url = f"sqlite+aiosqlite:///{folder / 'rapport.db'}"
    await migrate(url)
    store = Store.open(url)
    project = replace(publication_of(load_workspace(_SEQUENCES)), sequences={}, mails={})
    await publish(store, project, commit="bench", at=SystemClock().now())
    return store


async def _ours(store: Store, file: Path) -> float:
    began = perf_counter()
    with file.open("rb") as raw:
        report = await import_people(store, SystemClock(), raw, pepper=_PEPPER)
    if report.problems or report.conflicts:
        raise AssertionError(report.problems[:3], report.conflicts[:3])
    return (report.added + report.unchanged) / (perf_counter() - began)


def _plain(database: sqlite3.Connection, file: Path) -> float:
    """As durable as ours: one commit, in a file with a write-ahead log."""
    began = perf_counter()
    with file.open(encoding="utf-8") as lines, database:
        rows = list(csv.reader(lines))[1:]
        database.executemany(f"INSERT OR IGNORE INTO people VALUES ({','.join('?' * 11)})", rows)  # noqa: S608  # marks
    return len(rows) / (perf_counter() - began)


async def _rates(folder: Path) -> tuple[list[float], list[float], list[float]]:
    database = sqlite3.connect(folder / "plain.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"CREATE TABLE people ({_HEADER.replace('email', 'email PRIMARY KEY', 1)})")
    store = await _opened(folder)
    first, again, plain = [], [], []
    for number in range(_ROUNDS):
        file = folder / f"{number}.csv"
        _write(file, _PEOPLE, begin=number * _PEOPLE)
        plain.append(_plain(database, file))
        first.append(await _ours(store, file))
        again.append(await _ours(store, file))
    await store.close()
    database.close()
    return first[1:], again[1:], plain[1:]


async def _long(folder: Path) -> float:
    """The most memory that this process had, in megabytes."""
    file = folder / "long.csv"
    _write(file, _LONG)
    store = await _opened(folder)
    await _ours(store, file)
    await store.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory() -> float:
    command = [sys.executable, "-m", "bench.importing", _MEMORY]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def main() -> None:
    """Measure both sides in turn."""
    with tempfile.TemporaryDirectory() as name:
        if _MEMORY in sys.argv:
            print(asyncio.run(_long(Path(name))))
            return
        first, again, plain = asyncio.run(_rates(Path(name)))
    print(
        f"ours {[round(rate) for rate in first]}, again {[round(rate) for rate in again]}, plain {[*map(round, plain)]}"
    )
    unit, beside = "rows/s", median(plain)
    hand_over(
        sys.argv,
        [
            Row(name="people imported per second", value=median(first), unit=unit, baseline=beside, at_least=0.009),
            Row(
                name="people imported per second, a second time",
                value=median(again),
                unit=unit,
                baseline=beside,
                at_least=0.02,
            ),
            Row(
                name=f"memory of an import of {_LONG:,} people",
                value=_memory(),
                unit="MB",
                baseline=_MEGABYTES,
                at_most=1.0,
            ),
        ],
    )


if __name__ == "__main__":
    main()
