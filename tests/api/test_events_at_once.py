"""Many events and visits at the same moment are taken in together, and mean what they mean one after the other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from api import events
from api.door import Door
from api.event_shapes import EventRequest
from api.set_aside import Visit
from api.visits import note
from rapport.errors import RapportError
from rapport.ids import address_key, send_id
from rapport.mail.tokens import Token
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.schema import METADATA
from rapport.usecases.calendar import DECISIVE
from tests.api.doors import TestHouse, a_mail
from tests.databases import Cluster, cluster
from tests.unit.store.worlds import FAIR, WELCOME, StandingClock, a_database, a_person, opened, published

__all__ = ["cluster"]

Told: TypeAlias = tuple[str, Mapping[str, Any]]
Content: TypeAlias = Mapping[str, Sequence[str]]
# Two databases, and for each example two worlds in each of them.
_CASES = settings.default.max_examples // 8 if settings.default else 12

SORRY = """
purpose: events
start: {when: {event_cancelled: {type: job-fair}}, once_per: event.id}
exit: [{replied: any}]
steps: [{id: sorry, send: sorry}]
"""
VIP = """
purpose: nurture
start: {when: [{tagged: vip}, {custom: {name: visited}}], again_after: 1 days}
exit: [{applied: any}, {event_changed: any}]
steps: [{id: hello, send: welcome}]
"""
JOB_FAIR = {"id": "fair-7", "type": "job-fair", "ends_at": "2026-03-12T17:00", "zone": "Europe/Berlin"}
_PEOPLE = (
    {"candidate": "c_ana"},  # walks already, and has got a mail
    {"email": "c_ana@people.example"},
    {"candidate": "c_ben"},
    {"email": "c_ben@people.example"},
    {"candidate": "c_far"},  # of a country that `welcome` is not for
    {"candidate": "c_nobody"},
    {"email": "nobody@people.example"},
)
_ONE_PERSON: tuple[Mapping[str, Any], ...] = (
    *({"kind": kind} for kind in ("replied", "hired", "unsubscribed", "complained", "erased")),
    {"kind": "added_to_pool", "detail": {"pool": "engineering"}},
    {"kind": "removed_from_pool", "detail": {"pool": "engineering"}},
    {"kind": "tagged", "detail": {"tag": "vip"}},
    {"kind": "unsubscribed", "detail": {"purpose": "nobodys"}},
    {"kind": "custom", "detail": {"name": "visited"}},
    {"kind": "custom", "detail": {"name": "called"}},
    {"kind": "applied", "detail": {"job": "backend"}},
    {"kind": "stage_changed_to", "detail": {"job": "backend", "stage": "offer"}},
    {"kind": "rejected", "detail": {"reason": "headcount"}, "at": "2026-03-02T08:00:00Z"},
    {"kind": "rejected", "detail": {"reason": "headcount"}, "at": "2030-01-01T00:00:00Z"},
    {"kind": "bounced"},
    {"kind": "bounced", "detail": {"bounce": "soft"}},
    {"kind": "clicked", "enrollment": "welcome/c_ana/1", "step": "hello", "link": "jobs"},
    {"kind": "clicked", "enrollment": "welcome/c_nobody/1", "step": "hello", "link": "jobs"},
    {"kind": "registered_for_event", "event": JOB_FAIR},
    {"kind": "cancelled_registration", "event": {"id": "fair-7"}},
    {"kind": "event_cancelled", "event": {"id": "fair-7"}},
)
_EVERYBODY: tuple[Mapping[str, Any], ...] = (
    {"kind": "event_cancelled", "event": {"id": "fair-7"}},
    {"kind": "event_changed", "event": {**JOB_FAIR, "ends_at": "2026-03-13T17:00"}},
)
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Of c_ana's mail: by a person, who is waited for, and by a machine, which is told at once.
_VISITS: tuple[Mapping[str, Any], ...] = (
    {"kind": "visited", "by": "click", "number": 1, "agent": _BROWSER, "method": "GET"},
    {"kind": "visited", "by": "click", "number": 1, "agent": _BROWSER, "method": "HEAD"},
    {"kind": "visited", "by": "open", "number": 0, "agent": _BROWSER, "method": "GET"},
)
_BODIES = st.one_of(
    st.sampled_from(_VISITS),
    st.builds(lambda person, told: {**person, **told}, st.sampled_from(_PEOPLE), st.sampled_from(_ONE_PERSON)),
    st.sampled_from(_EVERYBODY),
)
_IDS = st.sampled_from(({}, {}, {}, {"id": "ats-1"}, {"id": "ats-2"}))


@st.composite
def _tellings(draw: st.DrawFn) -> Sequence[Told]:
    """What is told under which key; some keys and some ids come twice, with the same body and with another one."""
    bodies = draw(st.lists(st.builds(lambda body, own: {**body, **own}, _BODIES, _IDS), min_size=2, max_size=25))
    keys = [f"key-{draw(st.integers(0, place)) if draw(st.booleans()) else place}" for place in range(len(bodies))]
    told = list(zip(keys, bodies, strict=True))
    return told + [told[place] for place in draw(st.lists(st.integers(0, len(told) - 1), max_size=3))]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Makes an empty database, of each kind that we support."""
    if request.param == "sqlite":
        return a_database
    cluster: Cluster = request.getfixturevalue("cluster")
    return lambda _: cluster.emptied()


async def _world(store: Store, clock: StandingClock, pepper: bytes) -> None:
    """Three people, one of them on her way, and sequences that begin and end by most of what is told."""
    await published(store, welcome=WELCOME, fair=FAIR, sorry=SORRY, vip=VIP)
    async with store.write() as tx:
        for name, country in (("c_ana", "DE"), ("c_ben", "DE"), ("c_far", "FR")):
            person = await a_person(tx, name, country=country)
            person.email_key = address_key(str(person.email), pepper)
    await a_mail(store, clock)


async def _tell(door: Door, key: str, body: Mapping[str, Any]) -> tuple[int, bytes]:
    """The answer, or the error that becomes one."""
    if body["kind"] == "visited":
        return await _visit(door, body)
    try:
        answer = await events.create(EventRequest.model_validate(body), key, door, "test")
    except RapportError as error:
        return 0, f"{type(error).__name__} {error}".encode()
    return answer.status_code, bytes(answer.body)


async def _visit(door: Door, body: Mapping[str, Any]) -> tuple[int, bytes]:
    """What the routes of links and pixels do once they know where to lead."""
    send = send_id("welcome/c_ana/1", "hello")
    token = door.house.signer.make(Token(kind=body["by"], send=send, number=body["number"]))
    made = {"agent": body["agent"], "method": body["method"], "preparing": "", "network": "203.0.113.0/24"}
    await note(door, Visit(token=token, at=door.clock.now(), verdict="human", **made))
    return 302, b""


async def _one_by_one(door: Door, told: Sequence[Told]) -> Sequence[tuple[int, bytes]]:
    return [await _tell(door, key, body) for key, body in told]


async def _at_once(door: Door, told: Sequence[Told]) -> Sequence[tuple[int, bytes]]:
    return await asyncio.gather(*(_tell(door, key, body) for key, body in told))


async def _content(store: Store) -> Content:
    async with store.read() as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in await tx.execute(select(table)))
            for table in METADATA.sorted_tables
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    answers: Sequence[tuple[int, bytes]]
    transactions: int
    content: Content


def _rounds(told: Sequence[Told]) -> int:
    """How many there are when none has to be undone: what is about everybody has one of its own."""
    runs = groupby(told, key=lambda telling: telling[1]["kind"] in DECISIVE)
    return sum(len(list(run)) if decisive else 1 for decisive, run in runs)


async def _taken(url: str, told: Sequence[Told], tell: Callable[..., Any]) -> _Outcome:
    clock = StandingClock()
    async with opened(url) as store:
        house = TestHouse(store=store, settings=Settings())
        door = Door(house=house, clock=clock)
        await _world(store, clock, house.settings.pepper)
        await _tell(door, "before", {"candidate": "c_ana", "kind": "registered_for_event", "event": JOB_FAIR})
        begun: list[object] = []
        event.listen(store.engine.sync_engine, "begin", begun.append)
        answers = await tell(door, told)
        return _Outcome(answers=answers, transactions=len(begun), content=await _content(store))


_ANA, _BEN, _ERASED = {"candidate": "c_ana"}, {"candidate": "c_ben"}, {"candidate": "c_ana", "kind": "erased"}
_VISITED = {"kind": "custom", "detail": {"name": "visited"}}
_OFF = {"kind": "event_cancelled", "event": {"id": "fair-7"}}
_REGISTERED = {"kind": "registered_for_event", "event": JOB_FAIR}


@settings(max_examples=_CASES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=_tellings())
@example(told=[("k1", {**_ANA, **_VISITED}), ("k2", {**_ANA, "kind": "applied"}), ("k3", {**_ANA, **_VISITED})])
@example(told=[("k1", {**_ANA, **_VISITED, "id": "a"}), ("k2", _ERASED), ("k3", {**_ANA, **_VISITED, "id": "a"})])
@example(told=[("k1", _VISITS[0]), ("k2", _VISITS[1]), ("k3", _ERASED), ("k4", _VISITS[0])])
@example(told=[("k1", _VISITS[1]), ("k2", {**_ANA, "kind": "replied"}), ("k3", _VISITS[2]), ("k4", _VISITS[1])])
@example(told=[("k1", _ERASED), ("k2", {"email": "c_ana@people.example", "kind": "applied"}), ("k1", _ERASED)])
@example(told=[("k1", {**_ANA, **_OFF}), ("k2", {**_ANA, "kind": "replied"}), ("k3", {**_ANA, "kind": "replied"})])
@example(
    told=[("k1", {"candidate": "c_ben", **_REGISTERED}), ("k2", _EVERYBODY[0]), ("k3", {**_ANA, "kind": "replied"})]
)
def test_events_at_the_same_moment_mean_what_they_mean_one_by_one(
    empty: Callable[[Path], str], told: Sequence[Told]
) -> None:
    """Whoever tells, about whom, how often and with which mistakes: the same answers, the same store."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        expected = asyncio.run(_taken(empty(Path(one)), told, _one_by_one))
        found = asyncio.run(_taken(empty(Path(other)), told, _at_once))

    assert expected.answers == found.answers
    assert expected.content == found.content
    assert (len(told), _rounds(told)) == (expected.transactions, found.transactions)
