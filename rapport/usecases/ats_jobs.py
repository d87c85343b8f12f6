"""Jobs as an ATS tells of them."""

from rapport.crm.hiring import AtsJob
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.jobs import JobRow
from rapport.usecases.ats_reading import Reading, clean_country


async def take_in_job(tx: Tx, reading: Reading, told: AtsJob) -> None:
    """Write down how a job stands; one without a title is gone from the ATS, and only closed here."""
    name = reading.own_id(told.id)
    row = await tx.get(JobRow, name, populate_existing=True)
    if row is None:
        if told.title:
            await insert(tx, _new(reading, told))
        return
    if reading.is_older(known_update=row.updated_at, known_ask=row.at, update=told.updated_at):
        return
    row.at, row.recorded_at, row.is_open = reading.asked_at, reading.clock.now(), told.is_open
    row.closed_at = None if told.is_open else told.closed_at or row.closed_at or reading.asked_at
    if told.title:
        new = _new(reading, told)
        for name in ("title", "skills", "city", "country", "seniority", "url", "opened_at", "updated_at"):
            setattr(row, name, getattr(new, name))
    await tx.flush()


def _new(reading: Reading, told: AtsJob) -> JobRow:
    return JobRow(
        id=reading.own_id(told.id),
        connection=reading.name,
        title=told.title,
        is_open=told.is_open,
        at=reading.asked_at,
        recorded_at=reading.clock.now(),
        skills=list(told.skills),
        city=told.city,
        country=clean_country(told.country),
        seniority=told.seniority,
        url=told.url if told.url and told.url.startswith("https://") else None,
        opened_at=told.opened_at,
        closed_at=None if told.is_open else told.closed_at,
        updated_at=told.updated_at,
    )
