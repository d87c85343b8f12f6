"""While the store is busy or away: callers are asked to repeat, candidates get where they want to go."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from api import set_aside
from api.app import create_app
from api.door import Door
from api.visits import take_in_later
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from tests.api.doors import ANA, JOBS, SentMail, TestHouse, Visitor, visiting
from tests.unit.store.impatient import make_impatient
from tests.unit.store.worlds import DAY, MONDAY, StandingClock, opened, url_of

ENROLL = {"sequence": "welcome", "candidate": ANA}
APPLIED = {"kind": "applied", "candidate": ANA}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def at_home(tmp_path: Path) -> Settings:
    """An installation whose state is in a folder of the test's own."""
    return Settings(state_folder=tmp_path, click_settle=0)


@pytest.fixture
async def hurried(
    database: str, visitor: Visitor, clock: StandingClock, at_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Visitor]:
    """A caller of an API that waits for other writers for a moment only; Ana is known."""
    del visitor  # it has made Ana known
    async with opened(database) as store:
        make_impatient(store, monkeypatch)
        async with visiting(store, clock, settings=at_home) as hurried:
            yield hurried


@pytest.fixture
async def lost(tmp_path: Path, clock: StandingClock, at_home: Settings) -> AsyncIterator[Visitor]:
    """A caller of an API whose store cannot even be read."""
    async with opened(url_of(tmp_path)) as nowhere, visiting(nowhere, clock, settings=at_home) as lost:
        yield lost


@pytest.fixture
def door(store: Store, clock: StandingClock, at_home: Settings) -> Door:
    """The same installation's API while all is well."""
    return Door(house=TestHouse(store=store, settings=at_home), clock=clock)


async def _handed_in(door: Door) -> int:
    return await door.set_aside.hand_in(partial(take_in_later, door))


async def _heard(store: Store) -> Sequence[HappeningRow]:
    async with store.read() as tx:
        return (await tx.scalars(select(HappeningRow).order_by(HappeningRow.at))).all()


@pytest.mark.parametrize(("path", "body"), [("/v1/enrollments", ENROLL), ("/v1/events", APPLIED)])
async def test_a_caller_of_a_busy_store_is_asked_to_repeat(
    hurried: Visitor, store: Store, path: str, body: dict[str, str]
) -> None:
    """503 and a time to wait: a program that knows HTTP does the right thing, and a person reads what to do."""
    async with store.write():
        answer = await hurried.post(path, body)

    assert (503, "5", "application/problem+json") == (
        answer.status_code,
        answer.headers["retry-after"],
        answer.headers["content-type"],
    )
    assert "urn:rapport:unavailable" == answer.json()["type"]
    assert answer.json()["detail"].endswith(
        "Try again in a few seconds. "
        "Repeat the call with the same Idempotency-Key: however often it is sent, it has one effect."
    )
    assert "locked" not in answer.text


async def test_the_repeated_call_has_one_effect(hurried: Visitor, store: Store) -> None:
    """What was refused for a while is done once, when it is sent again with its key."""
    async with store.write():
        refused = await hurried.post("/v1/events", APPLIED, key="k")

    taken = [await hurried.post("/v1/events", APPLIED, key="k") for _ in range(2)]

    assert [503, 202, 202] == [answer.status_code for answer in (refused, *taken)]
    assert ["applied"] == [heard.kind for heard in await _heard(store)]


async def test_a_store_that_cannot_be_read_is_told_on_every_page(lost: Visitor) -> None:
    """Looking at people is refused in the same form; the probe says which part is away."""
    looked = await lost.get(f"/v1/candidates/{ANA}")
    ready = await lost.get("/readyz")

    assert (503, "5", "urn:rapport:unavailable") == (
        looked.status_code,
        looked.headers["retry-after"],
        looked.json()["type"],
    )
    assert "`rapport doctor`" in looked.json()["detail"]
    assert (503, "unavailable") == (ready.status_code, ready.json()["store"])


async def test_a_click_on_a_busy_day_leads_where_the_mail_said(
    hurried: Visitor, store: Store, mail: SentMail, door: Door, clock: StandingClock
) -> None:
    """The person gets there; the click is on disk, and counts at its own time when the store has a turn for it."""
    async with store.write():
        answer = await hurried.http.get(f"/c/{mail.token('click', 1)}")
    unheard = await _heard(store)
    clock.at += DAY
    handed = await _handed_in(door)

    assert (302, JOBS) == (answer.status_code, answer.headers["location"])
    assert ([], 1) == (unheard, handed)
    assert [("clicked", "jobs", "human", MONDAY)] == [
        (click.kind, click.link, click.verdict, click.at) for click in await _heard(store)
    ]
    assert [] == list(door.set_aside.waiting())


async def test_a_click_that_cannot_be_looked_up_shows_a_page_that_tries_again(
    lost: Visitor, store: Store, mail: SentMail, door: Door
) -> None:
    """Nobody sees an error: the page says what happens and asks again by itself, and the click is kept once."""
    pages = [await lost.http.get(f"/c/{mail.token('click', 1)}") for _ in range(3)]
    kept = len(door.set_aside.waiting())
    await _handed_in(door)

    assert {(503, "5", "5")} == {
        (page.status_code, page.headers["retry-after"], page.headers["refresh"]) for page in pages
    }
    assert "tries again" in pages[0].text
    assert "default-src 'none'" in pages[0].headers["content-security-policy"]
    assert 1 == kept
    assert ["clicked"] == [click.kind for click in await _heard(store)]


async def test_a_forged_link_keeps_nothing(lost: Visitor, door: Door) -> None:
    """Only tokens of ours get onto the disk; anybody else sees what they always see."""
    answers = [await lost.http.get(path) for path in ("/c/" + "x" * 28, "/o/nonsense.gif")]

    assert [404, 200] == [answer.status_code for answer in answers]
    assert [] == list(door.set_aside.waiting())


async def test_a_machines_visit_while_the_store_is_away_moves_nobody_later(
    lost: Visitor, store: Store, mail: SentMail, door: Door
) -> None:
    """What was judged at the door stays judged, and stands in the way of no person."""
    await lost.http.head(f"/c/{mail.token('click', 1)}")
    await lost.http.get(f"/c/{mail.token('click', 1)}")
    await _handed_in(door)

    assert ["human", "machine"] == sorted(click.verdict for click in await _heard(store))


async def test_a_pixel_shows_nothing_of_it(lost: Visitor, mail: SentMail, door: Door, store: Store) -> None:
    """The picture is the same, and without consent to tracking nothing is stored later either."""
    answer = await lost.http.get(f"/o/{mail.token('open')}.gif")
    handed = await _handed_in(door)

    assert (200, 43, 1) == (answer.status_code, len(answer.content), handed)
    assert [] == list(await _heard(store))


async def test_visits_stay_on_disk_until_the_store_is_back(
    lost: Visitor, mail: SentMail, door: Door, clock: StandingClock, at_home: Settings
) -> None:
    """A try in vain loses nothing."""
    await lost.http.get(f"/c/{mail.token('click', 1)}")
    elsewhere = Door(house=TestHouse(store=lost.store, settings=at_home), clock=clock)

    with pytest.raises(set_aside.STORE_IS_AWAY):
        await _handed_in(elsewhere)

    assert 1 == len(door.set_aside.waiting())


async def test_two_processes_hand_in_the_same_click(lost: Visitor, store: Store, mail: SentMail, door: Door) -> None:
    """Whoever is second finds that it counts already."""
    await lost.http.get(f"/c/{mail.token('click', 1)}")

    await asyncio.gather(_handed_in(door), _handed_in(door))

    assert ["clicked"] == [click.kind for click in await _heard(store)]


async def test_a_broken_file_stands_in_nobodys_way(
    lost: Visitor, store: Store, mail: SentMail, door: Door, at_home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read is told to the log, and the others are handed in."""
    await lost.http.get(f"/c/{mail.token('click', 1)}")
    (at_home.state_folder / set_aside.FOLDER / "0.json").write_text("{")

    await _handed_in(door)

    assert ["visit_lost"] == [record.__dict__["action"] for record in caplog.records if record.levelname == "ERROR"]
    assert ["clicked"] == [click.kind for click in await _heard(store)]
    assert [] == list(door.set_aside.waiting())


async def test_what_is_too_much_for_the_disk_is_lost_aloud(
    lost: Visitor, mail: SentMail, door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is not filled by clicks; what is lost is in the log, without the token."""
    monkeypatch.setattr(set_aside, "AT_MOST", 1)
    await lost.http.get(f"/c/{mail.token('click', 1)}")
    page = await lost.http.get(f"/c/{mail.token('click', 2)}")

    [error] = [record.__dict__ for record in caplog.records if record.levelname == "ERROR"]
    assert (503, 1) == (page.status_code, len(door.set_aside.waiting()))
    assert ("visit_lost", "too many wait") == (error["action"], error["reason"])
    assert mail.token("click", 2) not in str(error)


async def test_a_restarted_api_hands_in_what_waits(
    lost: Visitor, store: Store, mail: SentMail, door: Door, clock: StandingClock
) -> None:
    """The folder outlives the process."""
    await lost.http.get(f"/c/{mail.token('click', 1)}")
    app = create_app(door.house, clock)

    async with app.router.lifespan_context(app), asyncio.timeout(10):
        # It works beside us, and there is no event to wait for.
        while door.set_aside.waiting():  # noqa: ASYNC110
            await asyncio.sleep(0)

    assert ["clicked"] == [click.kind for click in await _heard(store)]


@pytest.mark.parametrize("form", [ONE_CLICK, {"stop": "all"}])
async def test_a_mail_provider_is_asked_to_unsubscribe_again(
    hurried: Visitor, store: Store, mail: SentMail, form: dict[str, str]
) -> None:
    """Providers repeat a one-click that gets 503; a person gets a button that does the same again."""
    async with store.write():
        answer = await hurried.http.post(f"/u/{mail.token('unsubscribe')}", data=form)
    unheard = await _heard(store)
    again = await hurried.http.post(f"/u/{mail.token('unsubscribe')}", data=form)

    assert (503, "5", []) == (answer.status_code, answer.headers["retry-after"], unheard)
    assert f'<button class="first" name="stop" value="{form.get("stop", "purpose")}">' in answer.text
    assert 200 == again.status_code
    assert ["unsubscribed"] == [heard.kind for heard in await _heard(store)]


async def test_the_unsubscribe_page_asks_to_come_back(lost: Visitor, mail: SentMail) -> None:
    """Somebody who opens the page during an outage reads what works anyway."""
    answer = await lost.http.get(f"/u/{mail.token('unsubscribe')}")

    assert (503, "5") == (answer.status_code, answer.headers["retry-after"])
    assert "<strong>unsubscribe</strong>" in answer.text


async def test_preferences_are_not_changed_while_the_store_is_away(
    lost: Visitor, hurried: Visitor, store: Store, mail: SentMail
) -> None:
    """Nobody reads that a pause has begun when it has not; the page says so, and how to look again."""
    place = f"/p/{mail.token('preferences')}"
    shown = await lost.http.get(place)
    async with store.write():
        pressed = await hurried.http.post(place, data={"do": "pause"})

    assert {(503, "5")} == {(answer.status_code, answer.headers["retry-after"]) for answer in (shown, pressed)}
    assert all("nothing has been changed yet" in answer.text for answer in (shown, pressed))
    assert [] == await _heard(store)


async def test_a_monitor_sees_how_far_behind_the_outbox_is(
    visitor: Visitor, mail: SentMail, clock: StandingClock
) -> None:
    """Depth, age and whether that is too much: the same figures as `rapport doctor` has."""
    fresh = (await visitor.get("/v1/outbox")).json()
    clock.at += timedelta(seconds=61)
    old = (await visitor.get("/v1/outbox")).json()

    assert mail.enrollment
    assert {"waiting": 1, "oldest_seconds": 0.0, "late": False, "resending": 0} == fresh
    assert {"waiting": 1, "oldest_seconds": 61.0, "late": True, "resending": 0} == old
