"""Importing people: good rows are stored, bad ones are named, and broken files say what they are."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from rapport.errors import BadInput
from rapport.ids import address_key
from rapport.store import candidates, consents, enrollments
from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_score
from rapport.usecases.csv_rows import RowProblem
from rapport.usecases.import_people import ImportReport, import_people
from rapport.usecases.importing.text import csv_of
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, WELCOME, StandingClock, published

HEADER = (
    "email,first_name,last_name,locale,timezone,country,city,seniority,skills,tags,pools,source,consent,"
    "consent_basis,consent_text,owner_recruiter,score,joined_on"
)
ANA = (
    "Ana@People.Example,Ana,Silva,pt-PT,Europe/Lisbon,de,Lisboa,senior,python; go,met;vip,engineering,fair,"
    'nurture;events,consent,"Yes, write to me",anna-koch,12,2026-02-01'
)


async def load(store: Store, text: str | bytes, *, dry_run: bool = False) -> ImportReport:
    """Import a file on Monday."""
    raw = text if isinstance(text, bytes) else text.encode()
    return await import_people(store, StandingClock(), io.BytesIO(raw), pepper=PEPPER, dry_run=dry_run)


def counts(report: ImportReport) -> tuple[int, int, int]:
    """Added, changed, unchanged."""
    return report.added, report.changed, report.unchanged


def said(problems: Sequence[RowProblem]) -> list[str]:
    """The problems as a person reads them."""
    return [f"{problem.line} {problem.column}: {problem.reason}" for problem in problems]


async def test_a_person_is_stored_with_everything_that_the_row_says(store: Store) -> None:
    """One row, one person: fields, tags, pool, score, consent with its proof."""
    await published(store, welcome=WELCOME)

    report = await load(store, f"\ufeff{HEADER}\r\n{ANA}\r\n")

    assert ([], (1, 0, 0), 1) == (said(report.problems), counts(report), report.started)
    async with store.read() as tx:
        row = await candidates.by_key(tx, address_key("ana@people.example", PEPPER))
        assert row is not None
        assert ("Ana@people.example", "Ana", "DE", "Europe/Lisbon") == (
            row.email,
            row.first_name,
            row.country,
            row.timezone,
        )
        assert (["python", "go"], 12, date(2026, 2, 1), "anna-koch") == (
            row.skills,
            row.score,
            row.joined_on,
            row.owner_recruiter,
        )
        assert await candidates.tags_of(tx, row.id) == ["met", "vip"]
        assert await candidates.pools_of(tx, row.id, MONDAY) == ["backend", "engineering"]
        ledger = await consents.ledger(tx, row.id)
        assert [
            ("nurture", "granted", "Yes, write to me", "fair"),
            ("events", "granted", "Yes, write to me", "fair"),
        ] == [(entry.purpose, entry.state, entry.text, entry.source) for entry in ledger]
        assert len(await enrollments.walking(tx, row.id)) == 1


async def test_the_same_file_twice_changes_nothing(store: Store) -> None:
    """A second import starts nothing, scores nothing, and brings back no consent that was withdrawn."""
    await published(store, welcome=WELCOME)
    await load(store, f"{HEADER}\n{ANA}\n")
    async with store.write() as tx:
        row = await tx.scalar(select(CandidateRow))
        assert row is not None
        await change_score(tx, StandingClock(), row.id, how="add", points=5, cause=Cause(text="x", at=MONDAY))
        gone = Incoming(dedupe_key="u", kind="unsubscribed", candidate=row.id, at=MONDAY + DAY)
        await take_in(tx, StandingClock(), gone)

    report = await load(store, f"{HEADER}\n{ANA}\n")

    assert ((0, 0, 1), 0) == (counts(report), report.started)
    async with store.read() as tx:
        assert await tx.scalar(select(CandidateRow.score)) == 17
        ledger = await tx.scalars(select(ScoreEntryRow).order_by(ScoreEntryRow.id))
        assert [(0, 12, "set"), (12, 17, "add")] == [(each.before, each.after, each.how) for each in ledger]
        assert await tx.scalar(select(func.count()).select_from(ScoreEntryRow)) == 2
        assert "withdrawn" == [entry.state for entry in await consents.ledger(tx, row.id)][-1]


async def test_a_changed_row_changes_what_it_fills(store: Store) -> None:
    """An empty cell means "not known", never "forget it"."""
    await published(store, welcome=WELCOME)
    await load(store, "email,first_name,city\na@people.example,Ana,Lisboa\n")

    report = await load(store, "email,first_name,city\nA@PEOPLE.EXAMPLE,Anna,\n")

    async with store.read() as tx:
        row = await tx.scalar(select(CandidateRow))
    assert row is not None
    assert ((0, 1, 0), "Anna", "Lisboa") == (counts(report), row.first_name, row.city)


async def test_bad_rows_are_named_and_good_rows_are_stored(store: Store) -> None:
    """Everything that is wrong is listed with its line, and nobody else is held up by it."""
    await published(store, welcome=WELCOME)
    rows = [
        "email,first_name,timezone,joined_on,country,score,locale,pools,consent,owner_recruiter,shoe_size",
        "good@people.example,Ana,Europe/Berlin,2026-01-01,DE,5,de,,,,42",
        "not-an-address,,,,,,,,,,",
        "b@people.example,,Mars/Olympus,2026-02-30,Germany,many,deutsch!,,,,",
        "c@people.example,,,20260101,,,,nowhere,everything,nobody,",
        "d@people.example,,,,,,,backend,,,",
        "e@people.example,too,few",
        "",
        ",Nobody,,,,,,,,,",
        "GOOD@people.example,Again,,,,,,,,,",
        '"f@people.example,"broken" quote,,,,,,,,,',
        'g@people.example,"two\nlines",,,,,,,,,',
        "last@people.example,Zoe,,,,,,,,,",
    ]

    report = await load(store, "\n".join(rows))

    assert ((2, 0, 0), ("shoe_size",)) == (counts(report), report.left_out)
    assert ["10 first_name: is another one than on line 2, which is about the same person"] == said(report.conflicts)
    assert [
        "3 email: is not a mail address",
        '4 timezone: is not a time zone such as "Europe/Berlin"',
        '4 joined_on: is not a day such as "2026-03-02"',
        '4 country: is not a country code such as "DE"',
        "4 score: is not a whole number",
        '4 locale: is not a language such as "de" or "de-AT"',
        '5 joined_on: is not a day such as "2026-03-02"',
        "5 pools: names 'nowhere', which is no pool in project.yaml",
        "5 consent: names 'everything', which is no purpose in project.yaml",
        "5 owner_recruiter: is not a key of `people` in project.yaml",
        "6 pools: names 'backend', a segment that people belong to by themselves",
        "7 None: has 3 cells, but the header has 11",
        "9 email: is missing",
        "11 None: cannot be read (',' expected after '\"')",
        "12 first_name: holds line breaks or other control characters",
    ] == said(report.problems)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_column_without_a_name_that_holds_something_is_named(store: Store, *, dry_run: bool) -> None:
    """Its number and the first line that would be lost, though the row is stored; empty ones are no news."""
    await published(store, welcome=WELCOME)
    text = "email,,first_name, ,\na@people.example,,Ana,,\nb@people.example,Ulm,,, \nc@people.example,Bonn,,x,\n"

    report = await load(store, text, dry_run=dry_run)

    assert ((3, 0, 0), ()) == (counts(report), report.left_out)
    assert [(3, "column 2"), (4, "column 4")] == [(each.line, each.column) for each in report.nameless]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_names_with_accents_are_read_in_every_usual_encoding(store: Store, encoding: str) -> None:
    """Whatever the spreadsheet wrote, Köln is Köln; only what had to be guessed is said."""
    await published(store, welcome=WELCOME)

    report = await load(store, "email;city\r\na@people.example;Köln\r\n".encode(encoding))

    async with store.read() as tx:
        assert "Köln" == await tx.scalar(select(CandidateRow.city))
    assert (encoding == "cp1252") == (report.warning is not None)


async def test_a_list_that_excel_wrote_is_read_as_it_is(store: Store) -> None:
    """A line that says the separator, columns without a name at the end, and names with blanks are no mistakes."""
    await published(store, welcome=WELCOME)

    report = await load(store, 'sep=;\r\nEmail;First Name;;\r\na@people.example;"Ana ""Nita""; B";;\r\nb;;;\r\n')

    async with store.read() as tx:
        assert 'Ana "Nita"; B' == await tx.scalar(select(CandidateRow.first_name))
    assert ((1, 0, 0), (), ["4 email: is not a mail address"]) == (
        counts(report),
        report.left_out,
        said(report.problems),
    )


async def test_a_row_in_another_encoding_is_named(store: Store) -> None:
    """A file in two encodings is not guessed at: an umlaut from another spreadsheet costs one row, and says which."""
    await published(store, welcome=WELCOME)

    report = await load(store, b"email,city\na@people.example,K\xf6ln\nb@people.example,K\xc3\xb6ln\n")

    assert (["2 city: is not UTF-8"], (1, 0, 0)) == (said(report.problems), counts(report))


async def test_a_cell_of_a_megabyte_is_one_bad_row(store: Store) -> None:
    """A whole document in a cell is named by its line."""
    await published(store, welcome=WELCOME)

    report = await load(store, f"email,city\na@people.example,{'x' * 1_000_000}\nb@people.example,Bonn\n")

    assert (["2 None: cannot be read (field larger than field limit (131072))"], (1, 0, 0)) == (
        said(report.problems),
        counts(report),
    )


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (b"", "line 1", "empty"),
        (b"name,city\nx,y\n", "line 1", "no column `email`"),
        (b"mail;city\nx;y\n", "line 1", "no column `email`"),
        (b"email,city,Email \n", "line 1", "'email' is there twice"),
        (b"email,city\rx,y\r", "line 1", "old Macintosh"),
        ("email,city\n".encode("utf-16-le"), "line 1", "no text file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 1", "not UTF-8"),
        (b"email,city\na@people.example,B\0nn\n", "line 2", "no text file"),
        (b"email,city\na@people.example," + b"x" * 1_100_000, "line 2", "longer than 1 MB"),
        (b'email,"city\n' + b"x" * 200_000, "line 1", "cannot be read"),
    ],
)
async def test_a_file_that_is_no_list_of_people_says_so(store: Store, raw: bytes, place: str, message: str) -> None:
    """A picture, a spreadsheet or an empty file is answered with a sentence."""
    await published(store, welcome=WELCOME)

    with pytest.raises(BadInput, match=message) as caught:
        await load(store, raw)

    assert place == caught.value.place


async def test_someone_who_was_erased_does_not_come_back(store: Store) -> None:
    """An old file does not undo what a person asked for."""
    await published(store, welcome=WELCOME)
    await load(store, f"{HEADER}\n{ANA}\n")
    async with store.write() as tx:
        row = await tx.scalar(select(CandidateRow))
        assert row is not None
        for kind in ("bounced", "erased"):
            await take_in(tx, StandingClock(), Incoming(dedupe_key=kind, kind=kind, candidate=row.id, at=MONDAY))

    report = await load(store, f"{HEADER}\n{ANA}\n")

    assert (["2 email: belongs to someone who asked to be forgotten"], (0, 0, 0)) == (
        said(report.problems),
        counts(report),
    )


async def test_a_long_file_is_stored_in_parts(store: Store) -> None:
    """Eleven hundred people need three transactions, and all of them are there."""
    await published(store, welcome=WELCOME)
    rows = "".join(f"p{number}@people.example\n" for number in range(1_100))

    report = await load(store, f"email\n{rows}")

    assert (1_100, 0, 0) == counts(report)


@given(st.binary(max_size=400))
def test_no_file_is_too_broken(noise: bytes) -> None:
    """Whatever the bytes, the answer is rows, problems or one clear error."""
    try:
        lines = [row.line for row in csv_of(io.BytesIO(b"email,city\n" + noise)).rows()]
    except BadInput as error:
        lines = [int(error.place.removeprefix("line "))]

    assert all(line > 1 for line in lines)
