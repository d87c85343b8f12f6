"""Commands and the timeline: what people tell a walk, and what a walk tells people."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rapport.errors import NotFound, Refused
from rapport.ids import send_id
from rapport.store import deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.mails import SendRow
from rapport.store.tables.walks import DecisionRow, EffectRow
from rapport.usecases.commands import cancel, pause, resume
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.timeline import timeline
from tests.unit.store.worlds import DAY, MONDAY, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
ID = "welcome/c_ana/1"


async def walk(store: Store, tx: Tx) -> None:
    """Ana walks."""
    del store
    await a_person(tx)
    await enroll(tx, CLOCK, sequence="welcome", candidate="c_ana", at=MONDAY, cause="api: desk")


async def test_commands_stand_in_line_with_everything_else(store: Store) -> None:
    """A walk hears start, pause, resume and cancel in the order in which they were said."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await walk(store, tx)
        states = []
        for command in (pause, resume, cancel):
            await command(tx, CLOCK, ID, at=MONDAY, by="anna-koch")
            states.append((await enrollments.get(tx, ID)).state)
        rows = await deliveries.undispatched(tx, enrollment=ID)

    assert ["paused", "running", "running"] == states
    assert ["start", "pause", "resume", "cancel"] == [row.kind for row in rows]
    assert {"enrollment": ID, "by": "anna-koch", "at": "2026-03-02T09:00:00+00:00"} == rows[1].payload


@pytest.mark.parametrize(
    ("state", "command", "reason"),
    [
        ("ended", cancel, "ended"),
        ("ended", pause, "ended"),
        ("ended", resume, "ended"),
        ("paused", pause, "paused"),
        ("running", resume, "not_paused"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    store: Store, state: str, command: Callable[..., Awaitable[Any]], reason: str
) -> None:
    """A command that makes no sense now says why and leaves nothing behind."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await walk(store, tx)
        (await enrollments.get(tx, ID)).state = state
        await tx.flush()

        with pytest.raises(Refused) as caught:
            await command(tx, CLOCK, ID, at=MONDAY, by="anna-koch")

        assert reason == caught.value.reason
        assert await deliveries.depth(tx) == 1


async def test_an_unknown_enrollment_is_not_found(store: Store) -> None:
    """A typing error in an id says what an id looks like."""
    async with store.write() as tx:
        with pytest.raises(NotFound, match="<sequence>/<candidate>/<n>"):
            await cancel(tx, CLOCK, "nothing/c_x/1", at=MONDAY, by="x")


async def test_the_timeline_tells_the_walk_in_order_and_names_no_one(store: Store) -> None:
    """A recruiter reads what happened from top to bottom; the server's words with her address are not shown."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await walk(store, tx)
        version = (await enrollments.get(tx, ID)).version
        await insert(
            tx,
            SendRow(
                id=send_id(ID, "hello"),
                enrollment=ID,
                step="hello",
                state="refused",
                mail="welcome",
                version=version,
                recipient_key="0" * 64,
                at=MONDAY,
                recorded_at=MONDAY,
                reason="mailbox unknown",
                server_text="550 c_ana@people.example",
            ),
        )
        at, values = MONDAY + DAY, {"candidate.first_name": "Ana"}
        decision = DecisionRow(enrollment=ID, step="hot", result=False, values=values, at=at, recorded_at=MONDAY)
        effect = EffectRow(enrollment=ID, step="warm", kind="tag", state="done", at=at, recorded_at=MONDAY)
        await insert(tx, decision)
        await insert(tx, effect)
        for verdict in ("machine", "human"):
            await take_in(
                tx,
                CLOCK,
                Incoming(
                    dedupe_key=verdict,
                    kind="clicked",
                    candidate="c_ana",
                    enrollment=ID,
                    step="hello",
                    link="jobs",
                    at=MONDAY + DAY,
                    verdict="machine" if verdict == "machine" else "human",
                ),
            )
        await take_in(tx, CLOCK, Incoming(dedupe_key="a", kind="applied", candidate="c_ana", at=MONDAY + 2 * DAY))
        await enrollments.end(tx, ID, name="goal: applied", at=MONDAY + 2 * DAY, path=[])

        entries = await timeline(tx, ID)

    lines = [((entry.at - MONDAY).days, entry.kind, entry.step, entry.text) for entry in entries]
    clicks = {(1, "happening", "hello", "clicked link jobs"), (1, "happening", "hello", "clicked link jobs (machine)")}
    assert clicks == set(lines[2:4])
    assert [
        (0, "enrolled", None, "enrolled in welcome: api: desk"),
        (0, "send", "hello", "welcome: refused (mailbox unknown)"),
        (1, "decision", "hot", "no"),
        (1, "effect", "warm", "tag: done"),
        (2, "happening", None, "applied"),
        (2, "end", None, "ended: goal: applied"),
    ] == [*lines[:2], *lines[4:]]
    assert "Ana" not in str(entries)
    assert "people.example" not in str(entries)


async def test_enrollments_are_listed_page_by_page(store: Store) -> None:
    """A list of thousands comes in pages, and narrows to a sequence, a person or a state."""
    await published(store, welcome=WELCOME, other=WELCOME)
    async with store.write() as tx:
        for number in range(3):
            await a_person(tx, f"c_{number}")
            await enroll(tx, CLOCK, sequence="welcome", candidate=f"c_{number}", at=MONDAY, cause="t")
        await enroll(tx, CLOCK, sequence="other", candidate="c_1", at=MONDAY, cause="t")
        await enrollments.begin(tx, "welcome/c_1/1")
        first = await enrollments.page(tx, sequence="welcome", limit=2)
        rest = await enrollments.page(tx, sequence="welcome", limit=2, after=first[-1].id)
        hers = await enrollments.page(tx, candidate="c_1")
        running = await enrollments.page(tx, state="running")
        count = await enrollments.count(tx, sequence="welcome")

    assert [["welcome/c_0/1", "welcome/c_1/1"], ["welcome/c_2/1"]] == [
        [row.id for row in page] for page in (first, rest)
    ]
    assert [["other/c_1/1", "welcome/c_1/1"], ["welcome/c_1/1"]] == [
        [row.id for row in page] for page in (hers, running)
    ]
    assert {"starting": 2, "running": 1} == count


async def test_the_first_end_stands(store: Store) -> None:
    """A walk that ends twice ended the first time, and a late start does not wake it."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await walk(store, tx)
        ends = [await enrollments.end(tx, ID, name=name, at=MONDAY, path=[]) for name in ("replied", "end")]
        await enrollments.begin(tx, ID)
        row = await enrollments.get(tx, ID)

    assert ([True, False], "replied", "ended") == (ends, row.end_name, row.state)
