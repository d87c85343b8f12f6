"""Adapters read what vendors really answer, and the demo ATS answers with nothing that they do not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from rapport.ats.demo import greenhouse_rows, lever_rows, workable_rows
from rapport.ats.demo.logins import LOGINS
from rapport.ats.demo.world import DemoWorld
from rapport.crm.hiring import AtsApplication, AtsPerson
from tests.ats_fakes.payloads import OWN, Answers, recorded
from tests.ats_fakes.replay import Replay
from tests.unit.ats.vendors import opened


@pytest.fixture(params=[f"{vendor} {source}" for vendor in LOGINS for source in ("own", "recorded")])
def told(request: pytest.FixtureRequest) -> tuple[str, Answers]:
    """A vendor and answers of theirs: our own always, the recorded ones where they are."""
    vendor, source = request.param.split()
    found = OWN[vendor] if source == "own" else recorded(vendor)
    if found is None:
        pytest.skip(f"nothing recorded of {vendor} is at ../shared/data/ats")
    return vendor, found


async def test_adapters_read_what_vendors_answer(told: tuple[str, Answers]) -> None:
    """Everybody on the page is read, and every application has an end that we have a word for, or none."""
    vendor, answers = told
    people, applications, cursor = list[AtsPerson](), list[AtsApplication](), None
    async with opened(vendor, fake=Replay(vendor, answers), login=LOGINS[vendor]) as here:
        for _ in range(5):
            page = await here.vendor.changes(cursor)
            people += page.people
            applications += page.applications
            cursor = page.cursor
            if not page.more:
                break

    assert {str(row["id"]) for row in _listed(answers)} == {each.id for each in applications}
    assert all(each.person and each.status for each in applications)
    if vendor != "greenhouse":
        assert {each.person for each in applications} == {person.id for person in people}
    assert all((each.outcome is None) == (each.status == "active") for each in applications)


def test_the_demo_answers_with_the_vendors_fields(told: tuple[str, Answers]) -> None:
    """No field that the vendor does not have, and none of another type."""
    vendor, answers = told
    world = _world()
    for real, demo in zip(_records(answers), _demo_records(world)[vendor], strict=True):
        kinds = _kinds(real)
        for row in demo:
            assert set() == set(row) - set(kinds)
            assert [] == [key for key in row if _differs(_kind(row[key]), kinds[key])]


def _listed(answers: Answers) -> Sequence[Mapping[str, Any]]:
    """The applications of the list that adapters read."""
    first = next(iter(answers.values()))
    return first if isinstance(first, list) else first.get("data") or first["candidates"]


def _records(answers: Answers) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The records that the demo's are compared with; whole candidates, for Workable's lists leave much out."""
    whole = [tree["candidate"] for tree in answers.values() if isinstance(tree, dict) and "candidate" in tree]
    yield [row for row in whole if "tags" in row] or _listed(answers)
    second = list(answers.values())[1:]
    yield next(tree if isinstance(tree, list) else tree["data"] for tree in second if "candidate" not in tree)


def _demo_records(world: DemoWorld) -> Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]:
    table = greenhouse_rows.table
    return {
        "greenhouse": (table(world, "applications"), table(world, "notes")),
        "lever": (lever_rows.opportunities(world), lever_rows.reasons(world)),
        "workable": (workable_rows.candidates(world), workable_rows.reasons(world)),
    }


def _world() -> DemoWorld:
    """A little of everything."""
    world = DemoWorld()
    name = world.new_person(emails=["ana@people.test"], first_name="Ana", last_name="Lima", source="Fair")
    world.end(world.apply(name, "Backend", recruiter_email="anna@acme.example"), "rejected", reason="Lacks experience")
    world.people[name].notes.append({"text": "Hello"})
    world.people[name].sourced = True
    return world


def _kinds(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            found.setdefault(key, set()).add(_kind(value))
    return found


def _kind(value: object) -> str:
    return type(value).__name__


def _differs(kind: str, known: set[str]) -> bool:
    """What is not set says nothing of its type."""
    real = known - {"NoneType"}
    return kind != "NoneType" and bool(real) and kind not in real
