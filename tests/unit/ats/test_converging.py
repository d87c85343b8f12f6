"""Whatever goes wrong on the way, an ATS ends as it was meant to be, and nothing is written twice."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.crm.hiring import AtsPerson
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.ports import AtsVendor
from tests.ats_fakes.faults import FAULTS
from tests.unit.ats.vendors import EVERY, FAKES, Hasty, Opened, opened

# Those that let go of a note that is there; Greenhouse and Workable have no call for it.
REPLACING = ("demo", "lever")
# More than a script has faults: afterwards everything is fine.
_MOST_TRIES = 16
_SCRIPTS = st.lists(st.sampled_from(FAULTS), min_size=1, max_size=8)
_BOUNDED = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=FAKES)
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
    """Each vendor's adapter and fake."""
    async with opened(request.param) as found:
        yield found


async def until_done(call: Callable[[], Awaitable[Any]]) -> Any:
    """Call again after each temporary failure, as a walk does, and when a login that has ended was set right."""
    for _ in range(_MOST_TRIES):
        try:
            return await call()
        except (TemporaryFailure, ConfigurationError):
            continue
    raise AssertionError("it never worked")


async def everything(vendor: AtsVendor, person: str) -> None:
    """Each kind of write, each until it is done."""
    note = "Got two mails.\nFollowed a link."
    await until_done(lambda: vendor.write("add_tag", "old", person=person, key="k1"))
    await until_done(lambda: vendor.write("remove_tag", "old", person=person, key="k2"))
    await until_done(lambda: vendor.write("add_tag", "vip", person=person, key="k3"))
    await until_done(lambda: vendor.write("add_note", "history", person=person, key="k4", text=note))
    await until_done(lambda: vendor.write("move_to_pool", "silver medalists", person=person, key="k5"))


@_BOUNDED
@given(script=_SCRIPTS)
async def test_writes_converge_and_nothing_is_written_twice(here: Opened, script: list[str]) -> None:
    """Lost and cut answers, errors before and after the write, pauses, an ended login: one tag, one note, one pool."""
    here.anew(script)
    person = here.fake.person("ana@people.example")
    await everything(here.vendor, person)
    await everything(here.vendor, person)

    assert ["vip"] == [tag for tag in here.fake.tags_of(person) if not tag.startswith("pool:")]
    assert 1 == len(here.fake.notes_of(person))
    assert "Followed a link." in here.fake.notes_of(person)[0]
    assert ["silver medalists"] == [pool.lower() for pool in here.fake.pools_of(person)]


@_BOUNDED
@given(script=_SCRIPTS)
async def test_a_note_that_is_kept_is_one_note_whatever_goes_wrong(here: Opened, script: list[str]) -> None:
    """It says the latest words where the ATS lets go of the older note, and the first ones where it does not."""
    here.anew(script)
    person = here.fake.person("ana@people.example")
    await until_done(lambda: here.vendor.write("add_note", "other", person=person, key="other", text="Another note"))
    for words in ("Got a mail.", "Got two mails.", "Got two mails.", "Followed a link."):
        await until_done(partial(here.vendor.write, "keep_note", "history", person=person, key="k", text=words))
        [other, kept] = here.fake.notes_of(person)
        assert other.startswith("Another note")
        assert kept.startswith(words if here.name in REPLACING else "Got a mail.")


async def test_notes_that_two_workers_left_become_one() -> None:
    """Whoever died between the new note and the old one's end, or wrote beside somebody else, left too many."""
    async with opened("lever") as here:
        person = here.fake.person("ana@people.example")
        await here.vendor.write("keep_note", "history", person=person, key="k", text="Older")
        [note] = here.fake.people[person].notes
        here.fake.people[person].notes += [{"text": note["text"], "id": "n-left"}]
        await here.vendor.write("keep_note", "history", person=person, key="k", text="Newer")
        [note] = here.fake.people[person].notes
        here.fake.people[person].notes += [{"text": note["text"], "id": "n-doubled"}]
        await here.vendor.write("keep_note", "history", person=person, key="k", text="Newer")

        assert ["Newer"] == [said.partition("\n")[0] for said in here.fake.notes_of(person)]


@pytest.mark.parametrize("name", FAKES)
async def test_a_write_that_is_never_answered_is_not_written_again(name: str) -> None:
    """It was done, and we gave up waiting to hear so: the next call looks, and finds it."""
    async with opened(name, by=Hasty) as here:
        person = here.fake.person("ana@people.example")
        someone = AtsPerson(id="", emails=("new@people.example",))
        for call in (
            partial(here.vendor.write, "add_tag", "vip", person=person, key="k1"),
            partial(here.vendor.write, "keep_note", "history", person=person, key="k2", text="Hello"),
            partial(here.vendor.write, "move_to_pool", "silver medalists", person=person, key="k3"),
            partial(here.vendor.upsert, someone),
        ):
            here.faults.unanswered = 1
            await until_done(call)
            assert 0 == here.faults.unanswered

        assert (["vip"], 1) == (here.fake.tags_of(person), len(here.fake.notes_of(person)))
        assert 1 == len(here.fake.people_with("new@people.example"))


async def test_a_token_that_ends_amid_the_writes_writes_nothing_twice() -> None:
    """Each third request finds the token ended: it is replaced, and the request made again."""
    async with opened("greenhouse") as here:
        person = here.fake.person("ana@people.example")
        here.faults.script.extend(["fine", *["fine", "expired", "fine"] * 20])
        await everything(here.vendor, person)
        await until_done(lambda: here.vendor.upsert(AtsPerson(id="", emails=("new@people.example",))))

        assert here.fake.greenhouse.tokens > 1
        assert (["vip"], 1) == (here.fake.tags_of(person), len(here.fake.notes_of(person)))
        assert 1 == len(here.fake.people_with("new@people.example"))


@_BOUNDED
@given(script=_SCRIPTS)
async def test_a_person_is_created_once(here: Opened, script: list[str]) -> None:
    """However often creating somebody seems to fail, there is one of them."""
    someone = AtsPerson(id="", first_name="Ana", last_name="Lima", emails=("ana@people.example",))
    here.anew(script)
    first = await until_done(lambda: here.vendor.upsert(someone))
    second = await until_done(lambda: here.vendor.upsert(someone))
    found = await until_done(lambda: here.vendor.find("ana@people.example"))

    assert [first] == here.fake.people_with("ana@people.example") == [second]
    assert [("Ana", "Lima", ("ana@people.example",))] == [(p.first_name, p.last_name, p.emails) for p in found]


@pytest.mark.parametrize("name", FAKES)
async def test_a_second_time_writes_nothing(name: str) -> None:
    """Looking comes before writing: what is so already costs no write at all."""
    async with opened(name) as here:
        person = here.fake.person("ana@people.example")
        await here.vendor.write("add_tag", "vip", person=person, key="k3")
        await here.vendor.write("add_note", "history", person=person, key="k4", text="Hello")
        await here.vendor.write("move_to_pool", "silver medalists", person=person, key="k5")
        before = len(here.faults.writes)
        for _ in range(2):
            await here.vendor.write("add_tag", "vip" if name == "demo" else "VIP", person=person, key="k6")
            await here.vendor.write("add_note", "history", person=person, key="k4", text="Hello, changed")
            await here.vendor.write("move_to_pool", "silver medalists", person=person, key="k7")
            await here.vendor.write("remove_tag", "never there", person=person, key="k8")

        assert before == len(here.faults.writes)


@pytest.mark.parametrize("name", EVERY)
async def test_nobody_is_none(name: str) -> None:
    """Whoever the ATS does not know is no error to a reader."""
    async with opened(name) as here:
        assert await here.vendor.person("999999") is None
        assert await here.vendor.application("999999") is None
        assert await here.vendor.job("999999") is None
        assert [] == list(await here.vendor.find("nobody@people.example"))
        assert [] == list(await here.vendor.applications("999999"))
