"""A click counts when no sign of a scanner came while it waited, and nothing is lost while it does."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from rapport.engine.happening import Happening
from rapport.settings import Settings
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.store.tables.visits import VisitRow
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.timeline import timeline
from rapport.usecases.visits import forget_visitors
from tests.api.doors import ANA, SentMail, Visitor, visiting
from tests.unit.store.worlds import DAY, StandingClock

HOUR = timedelta(hours=1)
SETTLE = timedelta(seconds=10)
OUTSIDE = "93.184.216.34"


class Told:
    """Walks that remember what they hear."""

    def __init__(self) -> None:
        self.heard: list[Happening] = []

    async def start(self, walk: object) -> None:
        """Nothing."""

    async def tell(self, enrollment: str, happenings: Sequence[Happening]) -> str:
        """Remember."""
        del enrollment
        self.heard += happenings
        return "told"

    async def command(self, *_args: object, **_more: object) -> str:
        """Nothing."""
        return "told"


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A browser on the open internet, at a house that waits; Ana is known."""
    async with visiting(store, clock, settings=Settings(click_settle=10), caller=OUTSIDE) as visitor:
        await visitor.person()
        yield visitor


@pytest.fixture
async def read(mail: SentMail, store: Store, clock: StandingClock) -> SentMail:
    """Ana's mail has three links, and was sent an hour ago."""
    async with store.write() as tx:
        for number in (2, 3):
            await insert(tx, SendLinkRow(send=mail.send, number=number, name=None, url="https://jobs.example/2"))
    clock.at += HOUR
    return mail


async def _click(visitor: Visitor, mail: SentMail, number: int = 1, method: str = "GET", forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = await visitor.http.request(method, f"/c/{mail.token('click', number)}", headers=headers)
    return answer.status_code


async def _settled(store: Store, clock: StandingClock, after: timedelta = SETTLE) -> list[Happening]:
    """What walks hear, once so much time has passed and a worker looks."""
    clock.at += after
    told = Told()
    await Dispatcher(store, told, clock).drain()  # type: ignore[arg-type]
    return told.heard


async def _verdicts(store: Store) -> list[tuple[str, str]]:
    async with store.read() as tx:
        rows = await tx.scalars(select(HappeningRow).order_by(HappeningRow.at, HappeningRow.id))
        return [(row.verdict, row.evidence["why"]) for row in rows]


async def test_a_click_counts_after_its_time(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """The person gets there at once; the walk hears of it ten seconds later, at the time of the click."""
    clicked_at = clock.at
    status = await _click(visitor, read)
    early = await _settled(store, clock, timedelta(seconds=9))
    heard = await _settled(store, clock, timedelta(seconds=1))
    again = await _settled(store, clock)

    assert (302, [], []) == (status, early, again)
    assert [("clicked", "hello", "jobs", clicked_at)] == [(one.kind, one.step, one.link, one.at) for one in heard]
    assert [("human", "no sign of a machine")] == await _verdicts(store)


async def test_a_click_that_waits_outlives_its_process(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """Whoever comes after a crash, days later, finds it and tells the walk."""
    await _click(visitor, read)
    heard = await _settled(store, clock, 3 * DAY)

    assert ["clicked"] == [one.kind for one in heard]


async def test_a_burst_moves_nobody(visitor: Visitor, store: Store, read: SentMail, clock: StandingClock) -> None:
    """A gateway with a browser's name follows three links in two seconds: not one of them counts."""
    for number in (1, 2, 3):
        await _click(visitor, read, number)
        clock.at += timedelta(seconds=1)
    heard = await _settled(store, clock)

    assert [] == heard
    assert [("machine", "3 links of the mail within 5 s")] * 3 == await _verdicts(store)


async def test_who_looks_first_and_comes_as_a_browser_moves_nobody(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """HEAD, then GET from the same network: the second visit is the scanner's, too."""
    await _click(visitor, read)
    clock.at += timedelta(seconds=3)
    await _click(visitor, read, method="HEAD")
    heard = await _settled(store, clock)

    assert [] == heard
    assert {"machine"} == {verdict for verdict, _ in await _verdicts(store)}


async def test_a_person_who_comes_between_is_heard(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """A scanner in another network takes nobody's click away."""
    await _click(visitor, read)
    async with visiting(store, clock, settings=Settings(click_settle=10), caller="8.8.8.8") as scanner:
        await _click(scanner, read, method="HEAD")
    heard = await _settled(store, clock)

    assert ["clicked"] == [one.kind for one in heard]


@pytest.mark.parametrize(("after", "verdict"), [(3, "machine"), (30, "unsure"), (90, "human")])
async def test_a_click_right_after_sending_moves_nobody(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, after: int, verdict: str
) -> None:
    """Within ten seconds it is a scanner, within a minute we are not sure."""
    clock.at += timedelta(seconds=after)
    await _click(visitor, mail)
    heard = await _settled(store, clock)

    assert [verdict] == [said for said, _ in await _verdicts(store)]
    assert (verdict == "human") is bool(heard)


async def test_show_says_what_a_visit_was_taken_for(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """Whoever asks why nothing happened reads that it was a machine, and how we know."""
    await _click(visitor, read, method="HEAD")
    await _settled(store, clock)
    async with store.read() as tx:
        lines = [entry.text for entry in await timeline(tx, read.enrollment)]

    assert "clicked link jobs (machine: only the head was asked for)" in lines


async def test_an_open_that_waits_is_dropped_with_the_consent(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """Whoever withdraws in these ten seconds is not tracked any more."""
    async with store.write() as tx:
        await consents.record(
            tx, candidate=ANA, purpose="tracking", state="granted", source="form", at=clock.at, recorded_at=clock.at
        )
    await visitor.http.get(f"/o/{read.token('open')}.gif")
    async with store.write() as tx:
        await consents.record(
            tx,
            candidate=ANA,
            purpose="tracking",
            state="withdrawn",
            source="form",
            at=clock.at + SETTLE,
            recorded_at=clock.at,
        )
    heard = await _settled(store, clock)

    assert [] == heard
    assert [] == await _verdicts(store)


async def test_who_came_is_forgotten_after_thirty_days(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """Networks and user agents are needed for the verdict only; the verdict stays."""
    await _click(visitor, read)
    await _settled(store, clock)
    clock.at += 29 * DAY
    kept = await forget_visitors(store, clock)
    clock.at += DAY
    dropped = await forget_visitors(store, clock)
    async with store.read() as tx:
        [visit] = (await tx.scalars(select(VisitRow))).all()

    assert (0, 1) == (kept, dropped)
    assert (None, None, "human") == (visit.agent, visit.network, visit.verdict)


async def test_a_proxy_of_ours_names_the_visitor(store: Store, read: SentMail, clock: StandingClock) -> None:
    """Behind a reverse proxy the network is the visitor's, and only of its last word."""
    async with visiting(store, clock, settings=Settings(click_settle=10)) as proxied:
        await _click(proxied, read, forwarded="10.0.0.1, 93.184.216.34")
    async with store.read() as tx:
        assert "93.184.216.0/24" == await tx.scalar(select(VisitRow.network))


async def test_the_head_of_a_pixel_is_no_open(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """A scanner that only asks whether the picture is there has opened nothing."""
    async with store.write() as tx:
        await consents.record(
            tx, candidate=ANA, purpose="tracking", state="granted", source="form", at=clock.at, recorded_at=clock.at
        )
    answer = await visitor.http.head(f"/o/{read.token('open')}.gif")

    assert 200 == answer.status_code
    assert [] == await _settled(store, clock)
    assert [("machine", "only the head was asked for")] == await _verdicts(store)


async def test_a_visit_that_cannot_be_judged_stops_no_other(
    visitor: Visitor, store: Store, read: SentMail, clock: StandingClock
) -> None:
    """One broken row is put off for a minute; the next click is heard in time."""
    await _click(visitor, read, 2)
    async with store.write() as tx:
        await tx.execute(update(VisitRow).values(signs=["broken"]))
    clock.at += timedelta(seconds=7)
    await _click(visitor, read, 1)
    heard = await _settled(store, clock)
    async with store.read() as tx:
        waiting = await tx.scalar(select(func.count()).where(VisitRow.due_at.is_not(None)))
        sent = await tx.get(SendRow, read.send)

    assert sent is not None
    assert (["clicked"], 1) == ([one.kind for one in heard], waiting)
