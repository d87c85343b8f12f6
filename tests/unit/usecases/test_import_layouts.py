"""Lists of other systems: known by their columns, and the same person in all of them is one."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from rapport.store import candidates, identities
from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow
from rapport.usecases.importing.layouts import layout_of
from tests.unit.store.worlds import WELCOME, published
from tests.unit.usecases.lists import GREENHOUSE, LEVER, RECRUITER, TALENT_HUB, counts, load

LISTS = {
    "greenhouse": GREENHOUSE,
    "lever": LEVER,
    "linkedin-recruiter": RECRUITER,
    "linkedin-talent-hub": TALENT_HUB,
}
SHARED = Path(__file__).parents[4] / "shared" / "data" / "ats" / "imports"
LINK = ("profile", "linkedin.com/in/ana-silva")


@pytest.mark.parametrize("layout", LISTS)
async def test_a_list_is_known_by_its_columns(store: Store, layout: str) -> None:
    """Nobody has to say where a list comes from, nor change it: whatever case, and whoever stands first."""
    await published(store, welcome=WELCOME)

    header, _, rows = LISTS[layout].partition("\n")
    report = await load(store, f"\ufeff{header.upper()}\n{rows}")

    async with store.read() as tx:
        row = await tx.scalar(select(CandidateRow))
    assert row is not None
    assert (layout, (1, 0, 0), []) == (report.layout, counts(report), report.problems)
    assert ("ana@people.example", "Silva") == (row.email, row.last_name)


async def test_one_person_in_four_lists_is_one(store: Store) -> None:
    """By an address or by the profile, however its link is written; what each list knows comes together."""
    await published(store, welcome=WELCOME)

    reports = [await load(store, text) for text in (TALENT_HUB, LEVER, RECRUITER, GREENHOUSE)]
    again = await load(store, TALENT_HUB)

    async with store.read() as tx:
        [row] = (await tx.scalars(select(CandidateRow))).all()
        assert ["a@home.example"] == await identities.addresses_of(tx, row.id)
        assert [("linkedin", "77"), ("profile", "github.com/ana"), LINK] == await identities.names_of(tx, row.id)
        assert ["met", "vip"] == await candidates.tags_of(tx, row.id)
    assert [(1, 0, 0)] + [(0, 1, 0)] * 2 == [counts(report) for report in reports[:3]]
    assert ("Lisboa", "Search", 1) == (row.city, row.source, again.changed + again.unchanged)


async def test_columns_may_be_named_anew_where_their_order_is_fixed(store: Store) -> None:
    """LinkedIn Recruiter passes over the first line, so do we, when somebody says that it is such a list."""
    await published(store, welcome=WELCOME)

    report = await load(
        store, "Vorname,Name,Mail\n" + "Ana,Silva,ana@people.example,,,,Köln,,,,\n", layout="linkedin-recruiter"
    )

    async with store.read() as tx:
        assert "Köln" == await tx.scalar(select(CandidateRow.city))
    assert (1, 0, 0) == counts(report)


async def test_a_profile_is_enough_to_know_somebody(store: Store) -> None:
    """Who has no address is kept, found again by the profile, and gets the address when a list knows it."""
    await published(store, welcome=WELCOME)

    first = await load(store, "email,profiles,first_name\n,https://linkedin.com/in/ana-silva,Ana\n")
    second = await load(store, "email,profiles\nana@people.example,linkedin.com/in/Ana-Silva/\n")

    async with store.read() as tx:
        assert (1, "ana@people.example") == (
            await tx.scalar(select(func.count()).select_from(CandidateRow)),
            await tx.scalar(select(CandidateRow.email)),
        )
    assert ((1, 0, 0), (0, 1, 0)) == (counts(first), counts(second))


async def test_keys_of_json_lines_that_nothing_is_made_of_are_named(store: Store) -> None:
    """As columns are, each once, whichever row has them."""
    await published(store, welcome=WELCOME)
    text = '{"email": "a@people.example"}\n{"email": "b@people.example", "company": "X", "id.crm": "7", "phone": 1}\n'

    report = await load(store, text + '{"email": "c@people.example", "phone": ""}\n')

    assert ("company", "phone") == report.left_out


async def test_json_lines_say_the_same_as_columns(store: Store) -> None:
    """One object for each line; a broken one is named, and the others are stored."""
    await published(store, welcome=WELCOME)
    lines = [
        '{"email": "a@people.example", "skills": ["go", "sql"], "score": 7}',
        "",
        '{"email": "b@people.example", "city": null}',
        "[1]",
        '{"email": {"x": 1}}',
        "nonsense",
    ]

    report = await load(store, "\n".join(lines))

    async with store.read() as tx:
        rows = (await tx.execute(select(CandidateRow.email, CandidateRow.skills, CandidateRow.score))).all()
    assert [("a@people.example", ["go", "sql"], 7), ("b@people.example", [], 0)] == sorted(tuple(row) for row in rows)
    assert [(4, "is no JSON object"), (5, "is no text, number or list of texts"), (6, "is no JSON object")] == [
        (problem.line, problem.reason) for problem in report.problems
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the vendors' headers are not there: {SHARED}")
def test_the_vendors_own_headers_are_recognized() -> None:
    """The columns as the vendors document them."""
    found = {}
    for file in SHARED.glob("*.csv"):
        layout = layout_of(file.read_text(encoding="utf-8").strip().split(","))
        found[file.name.partition("_HEADERS")[0]] = layout.name if layout else None

    assert {
        "greenhouse_bulk_prospect_import": "greenhouse",
        "lever_import": "lever",
        "linkedin_recruiter_import": "linkedin-recruiter",
        "linkedin_talent_hub_candidates_export": "linkedin-talent-hub",
    } == found
