"""Whatever goes wrong while an ATS is read, the same is read in the end."""

from typing import Any

import pytest

from rapport.errors import ConfigurationError, TemporaryFailure
from tests.ats_fakes.faults import FAULTS
from tests.unit.ats.vendors import EVERY, Opened, opened

# More than a script has faults: afterwards everything is fine.
_MOST_TRIES = 60


async def everything(here: Opened) -> tuple[set[str], dict[str, Any], int]:
    """Everybody, and how each application stands, by one round of polls; how often it had to begin again."""
    people, applications, cursor, failures = set[str](), dict[str, Any](), None, 0
    for _ in range(_MOST_TRIES):
        try:
            page = await here.vendor.changes(cursor)
        except (TemporaryFailure, ConfigurationError):  # a login that has ended is set right
            failures += 1
            continue
        people |= {person.id for person in page.people}
        applications |= {each.id: (each.person, each.status, each.outcome, each.reason) for each in page.applications}
        cursor = page.cursor
        if not page.more:
            return people, applications, failures
    raise AssertionError("the round has no end")


@pytest.mark.parametrize("name", EVERY)
async def test_a_round_among_faults_tells_what_one_without_tells(name: str) -> None:
    """Pauses with and without a length, errors, lost and cut answers, and a login that ends: nobody is passed over."""
    async with opened(name) as here:
        for number in range(5):
            person = here.fake.person(f"p{number}@people.example")
            here.fake.end(here.fake.applies(person), "rejected", reason="Lacks experience")
        here.fake.pages_of(2)
        people, applications, failures = await everything(here)
        here.faults.script.extend(step for fault in FAULTS for step in (fault, "fine"))
        while here.faults.script:
            again = await everything(here)
            failures += again[2]
            assert (people, applications) == again[:2]

        assert 5 == len(people) == len(applications)
        assert failures > 0
