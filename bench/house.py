"""A house with our sequences published and as many people known as a measurement needs; it is Monday morning."""

import io
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from cli.publication import publication_of
from rapport.clock import SystemClock
from rapport.dsl.workspace import load_workspace
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.store.tables.people import CandidateRow
from rapport.usecases.import_people import import_people
from rapport.usecases.publish import publish
from rapport.wiring.house import House, open_house

_SEQUENCES = Path(__file__).parents[1] / "sequences"
_MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_COLUMNS = "email,first_name,last_name,timezone,country,source,consent,consent_basis,consent_text"
_CONSENT = "fair,nurture,consent,Yes you may send me mails."


class MondayMorning:
    """The system clock, moved so that a measurement begins within office hours."""

    def __init__(self) -> None:
        """Begin on Monday at nine, UTC."""
        self._system = SystemClock()
        self._offset = _MONDAY - self._system.now()

    def now(self) -> datetime:
        """The moved time."""
        return self._system.now() + self._offset

    def walk_time(self, candidate: str) -> datetime:
        """One time for all."""
        del candidate
        return self.now()


@asynccontextmanager
async def a_house(settings: Settings, *, people: int) -> AsyncIterator[House]:
    """Open a new house; nobody in it has been enrolled."""
    clock = MondayMorning()
    await migrate(settings.database)
    async with open_house(settings, clock, environ={}) as house:
        await publish(house.store, publication_of(load_workspace(_SEQUENCES)), commit="bench", at=clock.now())
        # A domain for each: limits by domain are not what we measure.
        rows = [f"p@d{number}.people.test,Ana,Sample,Europe/Berlin,DE,{_CONSENT}" for number in range(people)]
        file = io.BytesIO("\n".join([_COLUMNS, *rows]).encode())
        report = await import_people(house.store, clock, file, pepper=settings.pepper)
        if report.added != people:
            raise AssertionError(report.problems[:3])
        yield house


async def people_of(house: House) -> Sequence[str]:
    """The ids of everybody."""
    async with house.store.read() as tx:
        return (await tx.scalars(select(CandidateRow.id).order_by(CandidateRow.id))).all()


def bytes_of(settings: Settings) -> int:
    """What the database file holds, free pages left out."""
    with closing(sqlite3.connect(settings.state_folder / Path(settings.database).name)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [[pages], [free], [size]] = [
            database.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
        ]
    return int((pages - free) * size)
