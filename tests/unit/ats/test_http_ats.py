"""The ATS adapter speaks real HTTP, looks before it writes, and tells later from never."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from httpx import Response

from rapport.ats.answers import Throttled
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.demo.world import Person
from rapport.ats.http_ats import HttpAts
from rapport.ats.project_ats import ProjectAts
from rapport.dsl.project import AtsConnection
from rapport.errors import BadInput, ConfigurationError, NotFound, RapportError, TemporaryFailure


@dataclass(slots=True)
class Connected:
    """The demo ATS and an adapter that reaches it."""

    demo: DemoAts
    ats: HttpAts
    address: str


@pytest.fixture
async def here() -> AsyncIterator[Connected]:
    """A running demo ATS."""
    demo = DemoAts()
    async with served(demo.app()) as address, HttpAts(address) as ats:
        yield Connected(demo, ats, address)


async def test_latest_application_is_read(here: Connected) -> None:
    """A step that reads the application gets the newest one, in plain words."""
    here.demo.people["c_ana"] = Person(applications=[{"status": "rejected"}, {"status": "active"}])

    read = await here.ats.read("application", candidate="c_ana")

    assert "rejected" == read["status"]


@pytest.mark.parametrize("what", ["application", "candidate"])
async def test_nothing_known_is_nothing_read(here: Connected, what: str) -> None:
    """An ATS that knows nobody answers with nothing, so that guards stop the walk."""
    here.demo.people["c_ben"] = Person()

    assert {} == await here.ats.read("application" if what == "application" else "candidate", candidate="c_ana")
    assert {} == await here.ats.read("application", candidate="c_ben")


@pytest.mark.parametrize(
    ("how", "what", "request_made"),
    [
        ("add_tag", "silver medalist", ("POST", "/candidates/c_ana/tags")),
        ("remove_tag", "old/one", ("DELETE", "/candidates/c_ana/tags/old/one")),
        ("add_note", "called", ("POST", "/candidates/c_ana/notes")),
        ("move_to_pool", "warm", ("PUT", "/candidates/c_ana/pools/warm")),
    ],
)
async def test_second_write_changes_nothing(
    here: Connected, how: str, what: str, request_made: tuple[str, str]
) -> None:
    """What is so already is not written again, even after a crash."""
    here.demo.people["c_ana"] = Person(tags=["old/one"])
    for _ in range(2):
        await here.ats.write(how, what, candidate="c_ana", key="flow/c_ana/1:s", text="Hello")

    assert [request_made] == here.demo.writes


async def test_short_pause_is_waited_for(here: Connected) -> None:
    """An ATS that asks for no time at all gets its answer in the same step."""
    here.demo.bad_answers.append((429, {"retry-after": "0"}))
    await here.ats.write("add_tag", "vip", candidate="c_ana", key="k")

    assert ["vip"] == here.demo.people["c_ana"].tags


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (429, {"retry-after": "120"}, Throttled),
        (429, {}, Throttled),
        (500, {}, TemporaryFailure),
        (503, {}, TemporaryFailure),
        (401, {}, ConfigurationError),
        (403, {}, ConfigurationError),
        (301, {"location": "https://elsewhere.example"}, ConfigurationError),
        (422, {}, BadInput),
    ],
)
async def test_each_answer_has_one_meaning(
    here: Connected, status: int, headers: Mapping[str, str], kind: type[RapportError]
) -> None:
    """What may work later is tried later; what never will waits for a person."""
    here.demo.bad_answers.append((status, dict(headers)))

    with pytest.raises(kind) as raised:
        await here.ats.read("candidate", candidate="c_ana")
    assert kind is type(raised.value)


@pytest.mark.parametrize("status", [429, 503])
async def test_throttled_says_for_how_long(here: Connected, status: int) -> None:
    """The pause that the ATS asks for is kept."""
    here.demo.bad_answers.append((status, {"retry-after": "120"}))

    with pytest.raises(TemporaryFailure) as raised:
        await here.ats.read("candidate", candidate="c_ana")
    assert timedelta(seconds=120) == raised.value.pause


def test_a_date_to_come_back_counts_by_their_own_clock() -> None:
    """Their clock may be years from ours: the pause is the distance between two dates of theirs."""
    headers = {"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT", "date": "Mon, 02 Mar 2026 09:00:00 GMT"}

    assert timedelta(seconds=120) == Throttled.pause_of(Response(503, headers=headers))


@pytest.mark.parametrize(
    ("said", "pause"), [("soon", 60), ("9" * 30, 366 * 86_400), ("-5", 60), ("Mon, 99 Mar 2026 09:02:00 GMT", 60)]
)
async def test_odd_pauses_do_no_harm(here: Connected, said: str, pause: int) -> None:
    """What is no length of time is a minute, and the longest is a year."""
    here.demo.bad_answers.append((429, {"retry-after": said}))

    with pytest.raises(Throttled) as raised:
        await here.ats.read("candidate", candidate="c_ana")
    assert timedelta(seconds=pause) == raised.value.pause


async def test_nobody_listening_is_for_later() -> None:
    """An ATS that is down is asked again."""
    async with served(DemoAts().app()) as address:
        pass
    async with HttpAts(address) as ats:
        with pytest.raises(TemporaryFailure):
            await ats.read("candidate", candidate="c_ana")


async def test_writing_about_somebody_unknown_says_so(here: Connected) -> None:
    """A write that meets no such person is no temporary failure."""
    here.demo.bad_answers.extend([(404, {}), (404, {})])

    with pytest.raises(NotFound):
        await here.ats.write("add_tag", "vip", candidate="c_ana", key="k")


async def test_slow_ats_is_for_later(here: Connected) -> None:
    """A walk does not hang on an ATS that never answers."""
    async with HttpAts(here.address, timeout=timedelta(microseconds=1)) as ats:
        with pytest.raises(TemporaryFailure):
            await ats.read("candidate", candidate="c_ana")


async def the_connections() -> Mapping[str, AtsConnection]:
    """What the examples' project.yaml names."""
    return {"main": AtsConnection(key="main", vendor="greenhouse", credentials="GREENHOUSE")}


async def demo_connections() -> Mapping[str, AtsConnection]:
    """The demo ATS as a vendor."""
    return {"main": AtsConnection(key="main", vendor="demo", credentials="DEMO")}


async def no_connections() -> Mapping[str, AtsConnection]:
    """No ATS at all."""
    return {}


async def test_unknown_vendor_is_refused_with_the_next_step() -> None:
    """A vendor without an adapter is told before anything is written."""
    with pytest.raises(ConfigurationError, match=r"greenhouse.*RAPPORT_DEMO_ATS_URL"):
        await ProjectAts(the_connections, environ={}).read("candidate", candidate="c_ana")


@pytest.mark.parametrize(
    ("connections", "message"), [(no_connections, "No ATS"), (demo_connections, "needs DEMO, which is not set")]
)
async def test_missing_connection_is_named(connections: object, message: str) -> None:
    """What is not set up is named with its variable."""
    with pytest.raises(ConfigurationError, match=message):
        await ProjectAts(connections, environ={}).read("candidate", candidate="c_ana")  # type: ignore[arg-type]


async def test_demo_stands_in(here: Connected) -> None:
    """On one machine the demo ATS answers for any vendor, or as one of its own."""
    here.demo.people["c_ana"] = Person(fields={"city": "Oslo"})
    standing_in = ProjectAts(the_connections, environ={}, demo=here.address)
    itself = ProjectAts(demo_connections, environ={"DEMO": here.address})
    found = [await ats.read("candidate", candidate="c_ana") for ats in (standing_in, itself)]
    for ats in (standing_in, itself):
        await ats.close()

    assert ["Oslo"] * 2 == [fields["city"] for fields in found]
