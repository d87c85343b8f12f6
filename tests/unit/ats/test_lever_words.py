"""Lever's archive is not a heap of rejections: hires and withdrawals lie there too, and most people have no address."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rapport.ats.lever.words import Around, application_of, contact_of, person_of
from rapport.ats.told import by_id
from rapport.crm.hiring import HiringOutcome

OURS, WITHDREW, HIRED = HiringOutcome.REJECTED_BY_US, HiringOutcome.WITHDREW, HiringOutcome.HIRED
CLOSED, OTHER = HiringOutcome.CLOSED_JOB, HiringOutcome.OTHER
# The reasons that Lever begins an account with, and what each of them means.
REASONS: Mapping[str, tuple[str, HiringOutcome]] = {
    "Hired": ("hired", HIRED),
    "Under- qualified": ("non-hired", OURS),
    "Better for another role": ("non-hired", OURS),
    "Future hire": ("non-hired", OURS),
    "Timing": ("non-hired", OURS),
    "Comp": ("non-hired", OURS),
    "Withdrew": ("non-hired", WITHDREW),
    "Offer declined": ("non-hired", WITHDREW),
    "Position filled": ("non-hired", CLOSED),
    "Position closed": ("non-hired", CLOSED),
    "No Response": ("non-hired", OTHER),
}
RECORDED = Path(__file__).parents[4] / "shared/data/ats/lever"


def own_page() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A page of the recorded shape: two of each reason, most without address or dates, one contact three times."""
    reasons = [{"id": f"r{at}", "text": text, "type": kind} for at, (text, (kind, _)) in enumerate(REASONS.items())]
    rows: list[dict[str, Any]] = [
        {
            "id": f"o{at}",
            "contact": f"c{at}",
            "name": "Candidate",
            "emails": [],
            "archived": archived,
            "tags": ["Sales"],
        }
        | {"stage": "lead-new", "origin": "sourced", "createdAt": 1_564_616_069_254, "updatedAt": None}
        for at, archived in enumerate(
            {"reason": reason["id"], "archivedAt": 1_564_616_083_454} for reason in reasons * 2
        )
    ]
    active = [{**rows[0], "id": f"a{at}", "contact": "c-many", "archived": None} for at in range(6)]
    return [*rows, *active], reasons


def pages() -> Sequence[Any]:
    """Our own page, and the recorded one where it is."""
    there = (RECORDED / "opportunities_list_page1_archived_mix.json").is_file()
    skip = pytest.mark.skipif(not there, reason=f"{RECORDED} is not there")
    return [pytest.param(own_page, id="own"), pytest.param(recorded_page, id="recorded", marks=skip)]


def recorded_page() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """28 opportunities of a vendor's sandbox."""
    page = json.loads((RECORDED / "opportunities_list_page1_archived_mix.json").read_text())
    reasons = json.loads((RECORDED / "archive_reasons_list.json").read_text())
    return page["data"], reasons["data"]


@pytest.mark.parametrize("page", pages())
def test_every_row_is_classified(page: Any) -> None:
    """Of 28 rows, each has the outcome that its reason's type and text say; hires and withdrawals never come back."""
    rows, reasons = page()
    around = Around(reasons=by_id(reasons))
    told = [application_of(row, around) for row in rows]
    expected = [REASONS[each.raw_reason][1] if each.raw_reason else None for each in told]

    assert len(told) == 28
    assert expected == [each.outcome for each in told]
    assert Counter({OURS: 10, WITHDREW: 4, CLOSED: 4, HIRED: 2, OTHER: 2, None: 6}) == Counter(
        each.outcome for each in told
    )
    assert {"hired"} == {each.status for each in told if each.outcome is HIRED}


@pytest.mark.parametrize("page", pages())
def test_rows_without_an_address_are_people_all_the_same(page: Any) -> None:
    """Most people in Lever have no address; they are known, and nobody writes to them."""
    rows, _ = page()
    contacts = {contact for row in rows if (contact := contact_of(row))}
    people = {contact: person_of(contact, [row for row in rows if contact_of(row) == contact]) for contact in contacts}

    assert all(person.id == contact and person.first_name for contact, person in people.items())
    assert any(not person.emails for person in people.values())
    assert not any(person.is_anonymized for person in people.values())


def test_a_reason_that_nobody_knows_brings_nobody_back() -> None:
    """An archived opportunity whose reason was deleted has ended, and nobody says how."""
    row = {"id": "o", "contact": "c", "archived": {"reason": "gone", "archivedAt": 1}}

    assert OTHER is application_of(row, Around()).outcome


def test_leads_have_not_applied() -> None:
    """Whoever was sourced and never left the leads has applied for nothing; whoever applied has, wherever they are."""
    lead = {"id": "o", "contact": "c", "stage": "lead-new", "origin": "sourced"}

    assert application_of(lead, Around()).is_prospect
    assert not application_of({**lead, "origin": "applied"}, Around()).is_prospect
    assert not application_of({**lead, "stage": "2ca03d97"}, Around()).is_prospect
