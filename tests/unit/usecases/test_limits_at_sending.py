"""What keeps mails waiting for the sake of all: turns at mail domains, and stopped senders."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rapport.engine.runtime import Outcome
from rapport.errors import NotFound, Refused
from rapport.ids import send_id
from rapport.ports import Delivery
from rapport.store import sends
from rapport.store.database import Store
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.sender_guard import at_risk, resume, stopped
from rapport.usecases.timeline import timeline
from tests.unit.store.worlds import MONDAY, StandingClock, a_person
from tests.unit.usecases.desks import Answering, a_desk, a_walk

HELLO = "  - {id: hello, send: welcome}\n"
DONE = Outcome(status="done")
MINUTE = timedelta(minutes=1)
BASE = "consent: {purposes: {nurture: {title: Mails}}}\n"
RATE = BASE + "contact_policy: {never_between: null, per_domain: {default: 2 per minute, gmail.example: 1 per hour}}"
GUARD = BASE + "contact_policy: {never_between: null, stop_sender_at: {complaint_rate: 10%, bounce_rate: 50%}}"


async def people(store: Store, clock: StandingClock, count: int, *, domain: str, project: str) -> list[str]:
    """The walks of so many people with addresses at a domain."""
    first = await a_walk(store, clock, HELLO, project=project, person={"consent": ("nurture",)})
    walks = [first]
    async with store.write() as tx:
        for number in range(1, count):
            who = f"c_{number}"
            row = await a_person(tx, who, consent=("nurture",))
            row.email = f"{who}@{domain}"
            await tx.flush()
            walks.append((await enroll(tx, clock, sequence="flow", candidate=who, at=MONDAY, cause="test")).id)
    return walks[1:]


async def complain(store: Store, clock: StandingClock, walk: str, kind: str = "complained") -> None:
    """Somebody marks the mail of a walk as spam."""
    async with store.write() as tx:
        heard = Incoming(
            dedupe_key=f"{kind}:{walk}",
            kind=kind,
            candidate=walk.split("/")[1],
            at=clock.at,
            enrollment=walk,
            send=send_id(walk, "hello"),
            step="hello",
        )
        await take_in(tx, clock, heard)


async def test_a_domain_gets_no_more_than_its_rate_from_all_workers(store: Store, clock: StandingClock) -> None:
    """Two workers share the turns; who waits has a place in the line and leaves at its time."""
    walks = await people(store, clock, 6, domain="people.example", project=RATE)
    mailer = Answering(Delivery(status="accepted"))
    desks = [a_desk(store, mailer, clock) for _ in range(2)]
    first = [await desks[number % 2].send(walk, "hello", at=MONDAY) for number, walk in enumerate(walks)]
    clock.at = MONDAY + MINUTE
    second = [await desks[0].send(walk, "hello", at=clock.at) for walk in walks[2:]]

    assert [None, None, MONDAY + MINUTE, MONDAY + MINUTE, MONDAY + 2 * MINUTE] == [one.until for one in first]
    assert [DONE, DONE] == first[:2]
    assert {"its turn at the mail domain"} == {one.reason for one in first[2:]}
    assert [DONE, DONE, MONDAY + 2 * MINUTE] == [second[0], second[1], second[2].until]
    assert 4 == mailer.count


async def test_domains_do_not_wait_for_each_other(store: Store, clock: StandingClock) -> None:
    """A slow domain holds nobody else up."""
    slow = await people(store, clock, 3, domain="gmail.example", project=RATE)
    async with store.write() as tx:
        row = await a_person(tx, "c_other", consent=("nurture",))
        row.email = "c_other@people.example"
        await tx.flush()
        other = (await enroll(tx, clock, sequence="flow", candidate="c_other", at=MONDAY, cause="test")).id
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    outcomes = [await desk.send(walk, "hello", at=MONDAY) for walk in (*slow, other)]

    assert ["done", "hold", "done"] == [outcome.status for outcome in outcomes]


async def test_a_second_try_takes_a_turn_of_its_own(store: Store, clock: StandingClock) -> None:
    """What the server deferred costs it a connection, too."""
    [walk, other] = await people(store, clock, 3, domain="gmail.example", project=RATE)
    desk = a_desk(store, Answering(Delivery(status="retry", reason="later")), clock)
    first = await desk.send(walk, "hello", at=MONDAY)
    clock.at += MINUTE
    again = await desk.send(walk, "hello", at=clock.at)
    clock.at = MONDAY + timedelta(hours=1)
    third = await desk.send(walk, "hello", at=clock.at)
    waits = await desk.send(other, "hello", at=clock.at)

    assert ["retry", "hold", "retry", "hold"] == [one.status for one in (first, again, third, waits)]


async def test_show_says_until_when_a_mail_waits(store: Store, clock: StandingClock) -> None:
    """Whoever asks why a mail has not gone reads until when, and why; later, that it has."""
    [one, walk] = await people(store, clock, 3, domain="gmail.example", project=RATE)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    for each in (one, walk):
        await desk.send(each, "hello", at=MONDAY)
    async with store.read() as tx:
        lines = [entry.text for entry in await timeline(tx, walk)]
    clock.at += timedelta(hours=1)
    await desk.send(walk, "hello", at=clock.at)
    async with store.read() as tx:
        after = [entry.text for entry in await timeline(tx, walk)]

    assert "put off until 2026-03-02 10:00 UTC: its turn at the mail domain" == lines[-1]
    assert "welcome: accepted" == after[-1]


async def test_too_many_complaints_stop_a_sender_until_a_person_says_so(store: Store, clock: StandingClock) -> None:
    """Two complaints among four mails: the fifth waits, the owner has a task, and only `resume` lets it go."""
    walks = await people(store, clock, 6, domain="people.example", project=GUARD)
    mailer = Answering(Delivery(status="accepted"))
    desk = a_desk(store, mailer, clock)
    for walk in walks[:4]:
        await desk.send(walk, "hello", at=MONDAY)
    await complain(store, clock, walks[0])
    async with store.read() as tx:
        after_one = await stopped(tx)
    await complain(store, clock, walks[1])
    waits = await desk.send(walks[4], "hello", at=MONDAY)
    async with store.write() as tx:
        [row] = await stopped(tx)
        tasks = (await tx.scalars(select(TaskRow))).all()
        await resume(tx, clock, row.sender, by="anna-koch")
    goes = await desk.send(walks[4], "hello", at=MONDAY)

    assert [] == list(after_one)
    assert ("hold", "its sender is stopped") == (waits.status, waits.reason)
    assert "2 complaints among 4 mails in a day" == row.reason
    assert ["anna-koch"] == [task.assignee for task in tasks]
    assert f"rapport senders resume {row.sender}" in tasks[0].title
    assert DONE == goes


async def test_a_sender_with_complaints_is_shown_before_it_is_stopped(store: Store, clock: StandingClock) -> None:
    """At 0.1 % of a day's mails somebody should look; at 0.3 % it is too late. A day later it is over."""
    walks = await people(store, clock, 4, domain="people.example", project=BASE)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    for walk in walks:
        await desk.send(walk, "hello", at=MONDAY)
    shown = []
    for walk in walks[:2]:
        await complain(store, clock, walk)
        async with store.read() as tx:
            shown.append([str(one) for one in await at_risk(tx, clock)])
    clock.at += timedelta(days=1, seconds=1)
    async with store.read() as tx:
        shown.append([str(one) for one in await at_risk(tx, clock)])

    assert [[], ["talent@acme.example: 2 complaints among 3 mails in a day (66.67 %)"], []] == shown


async def test_a_stopped_sender_is_no_warning_any_more(store: Store, clock: StandingClock) -> None:
    """Nobody has to read the same twice; and what was before a resume counts no more."""
    walks = await people(store, clock, 4, domain="people.example", project=GUARD)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    for walk in walks:
        await desk.send(walk, "hello", at=MONDAY)
    for walk in walks:
        await complain(store, clock, walk)
    async with store.write() as tx:
        while_stopped = await at_risk(tx, clock)
        [row] = await stopped(tx)
        clock.at += MINUTE
        await resume(tx, clock, row.sender, by="anna-koch")
        after = await at_risk(tx, clock)

    assert ([], []) == (while_stopped, after)


async def test_what_was_before_a_resume_counts_no_more(store: Store, clock: StandingClock) -> None:
    """One further complaint does not stop a sender whom somebody has just looked at."""
    walks = await people(store, clock, 6, domain="people.example", project=GUARD)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    for walk in walks[:4]:
        await desk.send(walk, "hello", at=MONDAY)
    for walk in walks[:2]:
        await complain(store, clock, walk)
    clock.at += MINUTE
    async with store.write() as tx:
        [row] = await stopped(tx)
        await resume(tx, clock, row.sender, by="anna-koch")
    clock.at += MINUTE
    await complain(store, clock, walks[2])
    async with store.read() as tx:
        one_more = await stopped(tx)
    await complain(store, clock, walks[3])
    async with store.read() as tx:
        two_more = await stopped(tx)

    assert ([], 1) == (list(one_more), len(two_more))


async def test_a_mail_without_a_limit_costs_nothing_more(store: Store, clock: StandingClock) -> None:
    """Nothing is asked that no policy asks for."""
    walk = await a_walk(store, clock, HELLO)
    await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, "hello"))

    assert row is not None
    assert (None, None) == (row.slot_at, row.domain)


async def test_only_a_stopped_sender_is_resumed(store: Store, clock: StandingClock) -> None:
    """A typing mistake is told, and a second resume is refused."""
    async with store.write() as tx:
        with pytest.raises(NotFound):
            await resume(tx, clock, "nobody@acme.example", by="anna-koch")
    walks = await people(store, clock, 3, domain="people.example", project=GUARD)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    for walk in walks:
        await desk.send(walk, "hello", at=MONDAY)
        await complain(store, clock, walk)
    async with store.write() as tx:
        [row] = await stopped(tx)
        await resume(tx, clock, row.sender.upper(), by="anna-koch")
        with pytest.raises(Refused):
            await resume(tx, clock, row.sender, by="anna-koch")
