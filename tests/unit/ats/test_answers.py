"""What an ATS answers is done, for later, for never, or for whoever set it up: the same with every adapter."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from httpx import Response

from rapport.ats.answers import Throttled
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.dsl.project import AtsConnection
from rapport.errors import BadInput, ConfigurationError, RapportError, TemporaryFailure
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import OpenGate

MAIN = AtsConnection(key="main", vendor="demo", credentials="DEMO")


@dataclass(slots=True)
class Connected:
    """The demo ATS and an adapter that reaches it."""

    demo: DemoAts
    ats: AtsVendor


def _adapter(address: str) -> AtsVendor:
    return Registry({"DEMO": address}, gate=OpenGate(), clock=SystemClock()).vendor_of(MAIN)


@pytest.fixture
async def here() -> AsyncIterator[Connected]:
    """A running demo ATS."""
    demo = DemoAts()
    async with served(demo.app()) as address:
        ats = _adapter(address)
        yield Connected(demo, ats)
        await ats.close()


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (429, {"retry-after": "120"}, Throttled),
        (429, {}, Throttled),
        (500, {}, TemporaryFailure),
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
        await here.ats.person("c_ana")
    assert kind is type(raised.value)


async def test_an_ats_that_is_down_is_asked_again() -> None:
    """Nobody listens at its address."""
    async with served(DemoAts().app()) as address:
        pass
    ats = _adapter(address)

    with pytest.raises(TemporaryFailure):
        await ats.person("c_ana")
    await ats.close()


def test_a_date_to_come_back_counts_by_their_own_clock() -> None:
    """Their clock may be years from ours: the pause is the distance between two dates of theirs."""
    headers = {"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT", "date": "Mon, 02 Mar 2026 09:00:00 GMT"}

    assert timedelta(seconds=120) == Throttled.pause_of(Response(503, headers=headers))


@pytest.mark.parametrize(
    ("said", "pause"),
    [("120", 120), ("soon", 60), ("9" * 30, 366 * 86_400), ("-5", 60), ("Mon, 99 Mar 2026 09:02:00 GMT", 60)],
)
def test_odd_pauses_do_no_harm(said: str, pause: int) -> None:
    """What is no length of time is a minute, and the longest is a year."""
    assert timedelta(seconds=pause) == Throttled.pause_of(Response(429, headers={"retry-after": said}))
