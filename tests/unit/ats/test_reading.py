"""What each ATS says of people, applications and jobs, read over real HTTP, in our words."""

import json
from datetime import date

import pytest

from rapport.crm.hiring import AtsApplication, AtsPerson, HiringOutcome
from rapport.errors import ConfigurationError, NotFound
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import FAKES, opened

OURS, WITHDREW, HIRED = HiringOutcome.REJECTED_BY_US, HiringOutcome.WITHDREW, HiringOutcome.HIRED
FRAUD, OTHER = HiringOutcome.FRAUD, HiringOutcome.OTHER


async def everything(vendor: AtsVendor, cursor: str | None = None) -> tuple[list[AtsPerson], list[AtsApplication], str]:
    """One round of changes; its people, applications, and where the next one begins."""
    people: list[AtsPerson] = []
    applications: list[AtsApplication] = []
    for _ in range(60):
        page = await vendor.changes(cursor)
        people += page.people
        applications += page.applications
        cursor = page.cursor
        if not page.more:
            return people, applications, cursor
    raise AssertionError("the round has no end")


async def test_greenhouse_tells_who_ended_it() -> None:
    """The reason's type decides, by its key and not by its name; without a detail nobody says who."""
    async with opened("greenhouse") as here:
        person = here.fake.person("ana@people.example")
        ends = {"us": OURS, "them": WITHDREW, "fraud": FRAUD, "unsaid": OTHER}
        here.fake.reasons |= {f"Reason {by}": by for by in ends}
        for by in ends:
            here.fake.end(here.fake.applies(person), "rejected", reason=f"Reason {by}")
        here.fake.end(here.fake.applies(person), "rejected")
        here.fake.end(here.fake.applies(person), "hired")
        told = await here.vendor.applications(person)

        assert [HIRED, OTHER, *reversed(ends.values())] == [each.outcome for each in told]
        assert "reason-us" == told[-1].reason
        assert date(2026, 3, 2) == told[-1].rejected_on


async def test_greenhouse_tells_what_an_application_is_about() -> None:
    """Its job, its stage, its recruiter, by name."""
    async with opened("greenhouse") as here:
        here.fake.add_job("backend", "Backend Engineer", opened_at="2026-01-01T00:00:00Z")
        person = here.fake.person("ana@people.example")
        name = here.fake.applies(person, "backend", recruiter_email="anna@acme.example", stage="On site")
        told = await here.vendor.application(here.fake.id_of("application", name))
        known_job = await here.vendor.job(here.fake.id_of("job", "backend"))

        assert told is not None
        assert known_job is not None
        assert ("Backend Engineer", "on-site", "anna@acme.example", None) == (
            told.job_title,
            told.stage,
            told.recruiter_email,
            told.outcome,
        )
        assert (told.job, "Backend Engineer", True) == (known_job.id, known_job.title, known_job.is_open)


async def test_greenhouse_tells_of_employees_and_zones() -> None:
    """A linked user is an employee; a Rails zone is an IANA one; nothing personal left is an anonymized person."""
    async with opened("greenhouse") as here:
        person = here.fake.person("ana@people.example", is_employee=True, timezone="Asia/Kolkata", may_mail=False)
        gone = here.fake.person("", first_name=None, last_name=None)
        found, nobody = await here.vendor.person(person), await here.vendor.person(gone)

        assert found is not None
        assert nobody is not None
        assert (True, "Asia/Kolkata", False, False) == (
            found.is_employee,
            found.timezone,
            found.may_mail,
            found.is_anonymized,
        )
        assert nobody.is_anonymized


async def test_greenhouse_renews_a_token_once() -> None:
    """A token that is refused before its time is replaced, and the call made again; a second refusal is told."""
    async with opened("greenhouse") as here:
        person = here.fake.person("ana@people.example")
        here.faults.script.extend(["fine", "expired"])
        assert await here.vendor.person(person) is not None
        tokens = here.fake.greenhouse.tokens
        here.faults.script.extend(["expired", "fine", "expired"])
        with pytest.raises(ConfigurationError):
            await here.vendor.person(person)

        assert (2, 3) == (tokens, here.fake.greenhouse.tokens)


async def test_lever_tells_who_ended_it() -> None:
    """A reason's type and its text say so; each application is an opportunity of its own."""
    async with opened("lever") as here:
        contact = here.fake.person("ana@people.example")
        here.fake.add_job("backend", "Backend Engineer")
        older = here.fake.applies(contact, "backend")
        at = {"stage": "On-site interview", "recruiter_email": "anna@acme.example"}
        number = here.fake.applies(contact, "backend", **at)
        here.fake.end(number, "withdrawn")
        here.fake.end(older, "hired")
        told = await here.vendor.application(number)

        assert told is not None
        assert (WITHDREW, "withdrawn", "Backend Engineer", "on-site-interview", "anna@acme.example") == (
            told.outcome,
            told.status,
            told.job_title,
            told.stage,
            told.recruiter_email,
        )
        assert [(number, WITHDREW), (older, HIRED)] == [
            (each.id, each.outcome) for each in await here.vendor.applications(contact)
        ]


async def test_workable_tells_who_ended_it() -> None:
    """A flag and the reason's own mark decide; each application is a candidate of its own."""
    async with opened("workable") as here:
        here.fake.reasons["Moved away"] = "them"
        person = here.fake.person("ana@people.example")
        ends = {
            "ours": ("rejected", "Lacks experience", OURS),
            "theirs": ("rejected", "Moved away", WITHDREW),
            "flag": ("withdrawn", "", WITHDREW),
            "hired": ("hired", "", HIRED),
        }
        numbers = {job: here.fake.applies(person, job) for job in ends}
        for job, (how, reason, _) in ends.items():
            here.fake.end(numbers[job], how, reason=reason)
        told_of = {each.id: each.outcome for each in await here.vendor.applications(numbers["ours"])}

        assert {numbers[job]: outcome for job, (_, _, outcome) in ends.items()} == told_of


@pytest.mark.parametrize("name", FAKES)
async def test_a_round_tells_everything_and_the_next_one_what_is_new(name: str) -> None:
    """Everybody is told of in pages, whatever their size; then only what changed, and a change is never passed over."""
    async with opened(name) as here:
        here.fake.pages_of(3)
        people = {here.fake.person(f"p{number}@people.example") for number in range(8)}
        told, _, cursor = await everything(here.vendor)
        late = here.fake.person("late@people.example")
        again, _, _ = await everything(here.vendor, _earlier(cursor))

        assert people <= {person.id for person in told}
        assert late in {person.id for person in again}


def _earlier(cursor: str) -> str:
    """The place as it would be if answers were dated by the fakes' clock, which stands still."""
    tree = json.loads(cursor)
    return json.dumps(tree | {"since": "2026-03-02T09:00:05+00:00"}) if isinstance(tree, dict) else cursor


async def test_a_place_that_has_gone_is_begun_anew() -> None:
    """A cursor that Greenhouse has forgotten costs a second look, and loses nobody."""
    async with opened("greenhouse") as here:
        here.fake.pages_of(2)
        people = {here.fake.person(f"p{number}@people.example") for number in range(5)}
        cursor = (await here.vendor.changes(None)).cursor
        cursor = (await here.vendor.changes(cursor)).cursor
        here.fake.greenhouse.cursors.clear()
        told, _, _ = await everything(here.vendor, cursor)

        assert people <= {person.id for person in told}


@pytest.mark.parametrize("name", ["greenhouse", "lever", "workable"])
async def test_a_note_needs_a_name(name: str) -> None:
    """Without the user in whose name it is written, a note is refused with what to add."""
    login = FAKES[name][1]
    async with opened(name, login=login.rpartition("@")[0]) as here:
        person = here.fake.person("ana@people.example")

        with pytest.raises(ConfigurationError, match="@"):
            await here.vendor.write("add_note", "x", person=person, key="k", text="Hello")


@pytest.mark.parametrize("name", ["greenhouse", "lever", "workable"])
async def test_nobody_gets_no_note(name: str) -> None:
    """A note for somebody who is gone is told, not left lying about: some vendors would take it."""
    async with opened(name) as here:
        with pytest.raises(NotFound):
            await here.vendor.write("add_note", "x", person="999999", key="k", text="Hello")

        assert [] == here.faults.writes
