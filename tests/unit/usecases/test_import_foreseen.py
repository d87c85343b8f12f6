"""Whatever a list says: a dry run foresees the import, a second one changes nothing, and pages make no difference."""

import asyncio
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.store import identities
from rapport.store.database import Store
from rapport.store.schema import METADATA
from rapport.store.tables.people import CandidateRow
from rapport.usecases.import_people import ImportReport, import_people
from tests.unit.store.worlds import MONDAY, PEPPER, WELCOME, StandingClock, a_database, a_person, opened, published

HEADER = "email,emails,profiles,city,skills,tags,pools,score,source,consent,consent_basis"
# Ana is known by her address and has agreed, Ben by his profile only and has not.
ADDRESSES = ("", "c_ana@people.example", "x@people.example", "y@people.example", "z@people.example", "broken")
PROFILES = ("", "linkedin.com/in/ben", "linkedin.com/in/x", "linkedin.com/in/y")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(ADDRESSES),
        st.sampled_from(("", "", "second@people.example", "Second@People.example;third@people.example")),
        st.sampled_from(PROFILES),
        st.sampled_from(("", "", "Ulm", "Köln")),
        st.sampled_from(("", "python", "go;sql")),
        st.sampled_from(("", "met", "met;vip")),
        st.sampled_from(("", "engineering", "warm")),
        st.sampled_from(("", "5")),
        st.sampled_from(("", "fair", "web")),
        st.sampled_from(("", "nurture", "nurture;events")),
        st.sampled_from(("", "consent")),
    ),
    max_size=9,
)
ANA_FROM_THE_FAIR = ("c_ana@people.example", "", "", "", "", "", "", "", "fair", "", "")
# What is different in every run: numbers given.
_NUMBERED = {"id", "dedupe_key"}


async def a_world(store: Store) -> None:
    """Two people are known."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, "c_ana", city="Ulm")
        await a_person(tx, "c_ben", consent=())
        await identities.name(tx, "c_ben", "profile", "linkedin.com/in/ben", pepper=PEPPER, recorded_at=MONDAY)


async def everything(store: Store) -> list[str]:
    """All rows, people by their addresses or else by what is known of them, instead of their numbers."""
    async with store.read() as tx:
        people = {row.id: f"{row.email} {row.city}" for row in await tx.scalars(select(CandidateRow))}
        found = []
        for table in METADATA.sorted_tables:
            names = [column.name for column in table.columns if column.name not in _NUMBERED]
            for row in await tx.execute(select(*(table.c[name] for name in names))) if names else ():
                cells = [people.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
                found += [f"{table.name} {cells}"]
    return sorted(found)


async def load(store: Store, text: str, *, dry_run: bool = False, at_once: int = 500) -> ImportReport:
    """Import on Monday, in pages of so many rows."""
    raw = io.BytesIO(text.encode())
    clock = StandingClock()
    return await import_people(store, clock, raw, pepper=PEPPER, dry_run=dry_run, rows_at_once=at_once)


def said(report: ImportReport) -> tuple[object, ...]:
    """What a report says of a list, but for what it has begun."""
    counts = (report.added, report.changed, report.unchanged, report.without_consent)
    reasons = [(each.line, each.column, each.reason) for each in (*report.problems, *report.conflicts)]
    return (*counts, reasons)


async def foresee_and_import(urls: list[str], text: str, at_once: int) -> None:
    """Import in two worlds: in pages after a dry run and then again, and as a whole."""
    async with opened(urls[0]) as paged, opened(urls[1]) as whole:
        await a_world(paged)
        await a_world(whole)
        before = await everything(paged)
        foreseen = await load(paged, text, dry_run=True, at_once=at_once)
        assert before == await everything(paged)

        real = await load(paged, text, at_once=at_once)
        assert said(foreseen) == said(real) == said(await load(whole, text))
        after = await everything(paged)

        again = await load(paged, text, at_once=at_once)
        assert (0, 0, 0) == (again.added, again.changed, again.started)
        assert after == await everything(paged)


@settings(max_examples=12)
@example([ANA_FROM_THE_FAIR, ANA_FROM_THE_FAIR], 1)
@given(ROWS, st.integers(1, 4))
def test_a_dry_run_foresees_what_an_import_does(rows: list[tuple[str, ...]], at_once: int) -> None:
    """The counts and reasons of `--dry-run` are those of the import; the second import finds nothing to do."""
    text = "\n".join([HEADER, *(",".join(row) for row in rows)])
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        asyncio.run(foresee_and_import([a_database(Path(one)), a_database(Path(other))], text, at_once))
