"""A mail leaves once, or not at all and with a reason."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from rapport.engine.runtime import Outcome
from rapport.ids import send_id
from rapport.ports import Delivery
from rapport.store import consents, sends
from rapport.store.database import Store
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.commands import cancel, pause
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.publish import publish
from tests.unit.store.worlds import MONDAY, PROJECT, StandingClock, a_publication
from tests.unit.usecases.desks import (
    MAIL,
    Answering,
    Killed,
    KilledError,
    a_desk,
    a_receiver,
    a_walk,
    another_walk,
)

HELLO = "  - {id: hello, send: welcome}\n"
DONE = Outcome(status="done")


async def the_row(store: Store, walk: str, step: str = "hello") -> SendRow:
    """The row of a send."""
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, step))
    assert row is not None
    return row


async def move_to(store: Store, address: str) -> None:
    """Give Ana another address."""
    async with store.write() as tx:
        await tx.execute(update(CandidateRow).values(email=address))


async def test_second_call_sends_nothing(store: Store, clock: StandingClock) -> None:
    """A retry finds the first result: the candidate has one mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        outcomes = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]

    assert [DONE, DONE] == outcomes
    assert 1 == len(receiver.mails)


async def test_the_row_holds_what_left(store: Store, clock: StandingClock) -> None:
    """We can always show the very bytes, the text's hash and the links of a mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)
    async with store.read() as tx:
        link = await sends.link(tx, row.id, 1)

    assert ("accepted", MONDAY, "Hello Ana", "c0ffee") == (row.state, row.accepted_at, row.subject, row.commit)
    assert link is not None
    assert ("jobs", "https://acme.example/j") == (link.name, link.url)
    assert row.message_id is not None
    assert row.message_id.encode() in receiver.mails[0].raw
    assert b"You get this because you agreed to mails from Acme on 1 March 2026." in receiver.mails[0].raw
    assert b".gif" not in receiver.mails[0].raw


async def test_opens_are_measured_with_consent_to_tracking_only(store: Store, clock: StandingClock) -> None:
    """No pixel without consent; with it there is one."""
    walk = await a_walk(store, clock, HELLO, person={"consent": ("nurture", "tracking")})
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)

    assert b".gif" in receiver.mails[0].raw


async def test_killed_after_handing_over_is_parked(store: Store, clock: StandingClock) -> None:
    """A worker that dies between the server's yes and our note never leads to a second mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        with pytest.raises(KilledError):
            await a_desk(store, Killed(receiver.mailer()), clock).send(walk, "hello", at=MONDAY)
        desk = a_desk(store, receiver.mailer(), clock)
        outcomes = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]

    assert [DONE, DONE] == outcomes
    assert "unknown" == (await the_row(store, walk)).state
    assert 1 == len(receiver.mails)


async def test_two_workers_at_once_send_one_mail(store: Store, clock: StandingClock) -> None:
    """The same step, tried by several tasks of two workers at the same moment, is one mail at the receiver."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        desks = [a_desk(store, receiver.mailer(), clock) for _ in range(2)]
        outcomes = await asyncio.gather(*(desk.send(walk, "hello", at=MONDAY) for desk in desks * 3))

    assert [DONE] * 6 == outcomes
    assert 1 == len(receiver.mails)


async def test_hard_bounce_closes_the_address_and_never_says_it(store: Store, clock: StandingClock) -> None:
    """The server's 550 repeats the address; the walk hears of a bounce, and nothing of the address."""
    walk = await a_walk(store, clock, HELLO, other=f"purpose: nurture\nsteps:\n{HELLO}")
    other = await another_walk(store, clock, "other")
    await move_to(store, "nobody@people.test")
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        first, second = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]
        elsewhere = await desk.send(other, "hello", at=MONDAY)
    row = await the_row(store, walk)

    assert ("failed", ["bounced"]) == (first.status, [happening.kind for happening in first.heard])
    assert first == second
    assert [f"{walk}/hello/bounced"] == [happening.id for happening in first.heard]
    assert "@" not in repr(first)
    assert "nobody@people.test" in (row.server_text or "")
    assert ["bounced"] == [happening.kind for happening in elsewhere.heard]
    async with store.read() as tx:
        assert {"all"} == await consents.suppressed(tx, row.recipient_key)


async def test_deferred_mail_is_tried_again_with_the_same_bytes(store: Store, clock: StandingClock) -> None:
    """A full mailbox is asked again later; what then arrives is the mail of the first try."""
    walk = await a_walk(store, clock, HELLO)
    async with store.read() as tx:
        address = (await tx.get_one(CandidateRow, "c_ana")).email or ""
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        await move_to(store, "full@people.test")
        first = await desk.send(walk, "hello", at=MONDAY)
        raw = (await the_row(store, walk)).raw
        await move_to(store, address)
        second = await desk.send(walk, "hello", at=MONDAY + timedelta(minutes=5))

    assert ("retry", "refused for now (452 4.2.2)") == (first.status, first.reason)
    assert DONE == second
    assert raw is not None
    assert (await the_row(store, walk)).raw == raw


@pytest.mark.parametrize(
    ("delivery", "outcome", "state"),
    [
        (Delivery(status="accepted"), DONE, "accepted"),
        (Delivery(status="unknown", reason="lost"), DONE, "unknown"),
        (Delivery(status="retry", reason="later"), Outcome(status="retry", reason="later"), "rendered"),
        (Delivery(status="block", code=550, reason="no"), Outcome(status="failed", reason="no (550)"), "refused"),
        (Delivery(status="configuration", reason="us"), Outcome(status="retry", reason="us"), "refused"),
        (
            Delivery(status="retry", reason="later", retry_after=timedelta(minutes=5)),
            Outcome(status="retry", reason="later", until=MONDAY + timedelta(minutes=5)),
            "rendered",
        ),
    ],
)
async def test_each_answer_of_a_server_has_one_meaning(
    store: Store, clock: StandingClock, delivery: Delivery, outcome: Outcome, state: str
) -> None:
    """A block or a wrong login is no bounce: the address stays open; what is ours to repair is tried again."""
    walk = await a_walk(store, clock, HELLO)

    assert outcome == await a_desk(store, Answering(delivery), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)
    assert state == row.state
    async with store.read() as tx:
        assert frozenset() == await consents.suppressed(tx, row.recipient_key)


async def test_suppressed_between_gate_and_send(store: Store, clock: StandingClock) -> None:
    """An address that was closed after the gate said go gets nothing."""
    walk = await a_walk(store, clock, HELLO, purpose="service")
    mailer = Answering(Delivery(status="accepted"))
    desk = a_desk(store, mailer, clock)
    gate = await desk.gate(walk, "hello", at=MONDAY)
    async with store.write() as tx:
        key = (await tx.get_one(CandidateRow, "c_ana")).email_key or ""
        await consents.suppress(tx, key, scope="all", reason="complained", at=MONDAY, recorded_at=MONDAY)
    outcome = await desk.send(walk, "hello", at=MONDAY)

    assert "go" == gate.verdict
    assert Outcome(status="end", reason="suppressed") == outcome
    assert 0 == mailer.count


async def test_reply_on_its_way_stops_the_mail(store: Store, clock: StandingClock) -> None:
    """Someone who answered a second ago gets no further mail, and the walk ends at once."""
    walk = await a_walk(store, clock, HELLO, head="exit: [{replied: any}]")
    mailer = Answering(Delivery(status="accepted"))
    reply = Incoming(dedupe_key="r", kind="replied", candidate="c_ana", at=MONDAY)
    async with store.write() as tx:
        taken = await take_in(tx, clock, reply)
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ("hold", MONDAY + timedelta(minutes=1)) == (outcome.status, outcome.until)
    assert [("replied", taken.id)] == [(happening.kind, happening.id) for happening in outcome.heard]
    assert 0 == mailer.count


async def test_cancel_on_its_way_stops_the_mail(store: Store, clock: StandingClock) -> None:
    """A colleague's cancel counts from the moment at which we said yes to it."""
    walk = await a_walk(store, clock, HELLO)
    mailer = Answering(Delivery(status="accepted"))
    async with store.write() as tx:
        await cancel(tx, clock, walk, at=MONDAY, by="anna-koch")
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ["cancelled"] == [happening.kind for happening in outcome.heard]
    assert 0 == mailer.count


async def test_paused_walk_sends_nothing(store: Store, clock: StandingClock) -> None:
    """Pausing holds even if the walk has not heard of it."""
    walk = await a_walk(store, clock, HELLO)
    mailer = Answering(Delivery(status="accepted"))
    async with store.write() as tx:
        await pause(tx, clock, walk, at=MONDAY, by="anna-koch")
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ("hold", "paused", 0) == (outcome.status, outcome.reason, mailer.count)


async def test_reply_of_before_the_enrollment_stops_nothing(store: Store, clock: StandingClock) -> None:
    """What is older than the walk is none of its business."""
    project = "consent: {purposes: {nurture: {title: Mails}}}"
    person = {"consent": ("nurture",)}
    walk = await a_walk(store, clock, HELLO, head="exit: [{replied: any}]", project=project, person=person)
    async with store.write() as tx:
        old = Incoming(dedupe_key="r", kind="replied", candidate="c_ana", at=MONDAY - timedelta(days=1))
        await take_in(tx, clock, old)

    assert DONE == await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)


async def test_contact_policy_counts_all_walks_of_a_person(store: Store, clock: StandingClock) -> None:
    """One mail a day means one mail a day, however many sequences a person is in."""
    policy = "contact_policy: {at_most: [{mails: 1, per: 1 day}]}\nconsent: {purposes: {nurture: {title: Mails}}}"
    other_flow = f"purpose: nurture\nsteps:\n{HELLO}"
    walk = await a_walk(store, clock, HELLO, project=policy, other=other_flow, person={"consent": ("nurture",)})
    other = await another_walk(store, clock, "other")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    first, second = await asyncio.gather(*(desk.send(name, "hello", at=MONDAY) for name in (walk, other)))

    assert ["done", "hold"] == sorted([first.status, second.status])
    assert MONDAY + timedelta(days=1) in (first.until, second.until)


async def test_hole_in_a_mail_is_told_and_never_sent(store: Store, clock: StandingClock) -> None:
    """A mail that needs the city of somebody whose city we do not know is not sent with a hole in it."""
    walk = await a_walk(store, clock, "  - {id: hello, send: city}\n")
    mailer = Answering(Delivery(status="accepted"))
    desk = a_desk(store, mailer, clock)
    nothing = await desk.send(walk, "hello", at=MONDAY)
    source = "---\nsubject: News\n---\nFrom {{ candidate.city }}."
    await publish(store, a_publication({}, mails={("city", ""): source}), commit="c2", at=MONDAY)
    hole = await desk.send(walk, "hello", at=MONDAY)

    assert ("failed", "There is no mail 'city'.") == (nothing.status, nothing.reason)
    assert ("failed", "needs candidate.city") == (hole.status, hole.reason)
    assert ("refused", 0) == ((await the_row(store, walk)).state, mailer.count)


async def test_what_is_ours_to_repair_ends_nobodys_walk(store: Store, clock: StandingClock) -> None:
    """Without a postal address no mail may leave: the walk tries again, and the repaired mail goes."""
    address = "organization: {name: Acme, zone: Europe/Berlin, country: DE, postal_address: '%s'}"
    walk = await a_walk(store, clock, HELLO, project=f"{address % ' '}\n{PROJECT}")
    mailer = Answering(Delivery(status="accepted"))
    desk = a_desk(store, mailer, clock)
    broken = await desk.send(walk, "hello", at=MONDAY)
    await publish(store, a_publication({}, project=f"{address % 'Musterstr. 1'}\n{PROJECT}"), commit="c2", at=MONDAY)

    assert ("retry", "refused", 0) == (broken.status, (await the_row(store, walk)).state, mailer.count)
    assert DONE == await desk.send(walk, "hello", at=MONDAY + timedelta(minutes=1))


async def test_each_language_has_its_text_and_falls_back(store: Store, clock: StandingClock) -> None:
    """A person gets the nearest text to their language, and the plain one when there is none."""
    walk = await a_walk(store, clock, HELLO, person={"locale": "de-AT", "joined_on": MONDAY.date()})
    german = MAIL.replace("Hello", "Hallo")
    await publish(store, a_publication({}, mails={("welcome", "de"): german}), commit="c2", at=MONDAY)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)

    assert ("de", "Hallo Ana", "c2") == (row.language, row.subject, row.commit)
    # Quoted-printable breaks lines and writes umlauts as numbers, so that only ASCII is looked for.
    assert b"2. M=C3=A4rz 2026" in receiver.mails[0].raw.replace(b"=\r\n", b"")


async def test_follow_up_goes_into_the_thread(store: Store, clock: StandingClock) -> None:
    """A follow-up has the first mail's subject and refers to it, so that mail programs show one conversation."""
    steps = f"{HELLO}  - {{id: next, send: again, reply_to_previous: true}}\n"
    walk = await a_walk(store, clock, steps)
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        for step in ("hello", "next"):
            await desk.send(walk, step, at=MONDAY)
    first, second = await the_row(store, walk), await the_row(store, walk, "next")

    assert f"Re: {first.subject}" == second.subject
    assert f"In-Reply-To: {first.message_id}".encode() in receiver.mails[1].raw


async def test_recruiter_who_is_not_known_is_replaced(store: Store, clock: StandingClock) -> None:
    """A candidate without a recruiter hears from the sequence's usual sender."""
    project = """
senders: {talent-team: {name: Acme Team, email: team@acme.example}, mine: {recruiter: owner}}
consent: {purposes: {nurture: {title: Mails}}}
"""
    steps = f"{HELLO}  - {{id: own, send: again, from: mine}}\n"
    walk = await a_walk(store, clock, steps, project=project, person={"consent": ("nurture",)})
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        await desk.send(walk, "own", at=MONDAY)

    assert b"From: Acme Team <team@acme.example>" in receiver.mails[0].raw


async def test_recruiter_who_is_known_writes(store: Store, clock: StandingClock) -> None:
    """A candidate who has a recruiter hears from them."""
    project = "senders: {mine: {recruiter: owner}}\nconsent: {purposes: {nurture: {title: Mails}}}"
    steps = "  - {id: hello, send: welcome, from: mine}\n"
    person = {"consent": ("nurture",), "owner_recruiter": "anna-koch"}
    walk = await a_walk(store, clock, steps, project=project, person=person)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)

    assert b"From: Anna Koch <anna.koch@acme.example>" in receiver.mails[0].raw


# Each costs half a millisecond: 51 made it 18 mails a second on a laptop.
MOST_STATEMENTS = 20


async def test_a_mail_costs_few_statements(store: Store, clock: StandingClock) -> None:
    """A campaign of ten thousand is a matter of minutes: nothing is read twice for one mail."""
    walk = await a_walk(store, clock, HELLO, other=f"purpose: nurture\nsteps:\n{HELLO}")
    other = await another_walk(store, clock, "other")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.send(other, "hello", at=MONDAY)  # plans and texts are read once per process
    statements: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *heard: statements.append(heard[2]))
    outcome = await desk.send(walk, "hello", at=MONDAY)

    assert DONE == outcome
    assert [] == statements[MOST_STATEMENTS:]


async def test_stored_bytes_go_again_whatever_the_text_says_now(store: Store, clock: StandingClock) -> None:
    """A mail that was deferred keeps its words, also if its text is rewritten or breaks meanwhile."""
    walk = await a_walk(store, clock, HELLO)
    later = a_desk(store, Answering(Delivery(status="retry", reason="later")), clock)
    await later.send(walk, "hello", at=MONDAY)
    broken = "---\nsubject: News\n---\nFrom {{ candidate.city }}."
    await publish(store, a_publication({}, mails={("welcome", ""): broken}), commit="c2", at=MONDAY)
    async with a_receiver() as receiver:
        outcome = await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)

    assert (DONE, "Hello Ana", 2) == (outcome, row.subject, row.attempts)
    assert row.raw == receiver.mails[0].raw


async def test_mail_that_is_written_anew_has_only_its_own_links(store: Store, clock: StandingClock) -> None:
    """After a repair the new text leaves, and a click goes where the new text says."""
    walk = await a_walk(store, clock, HELLO)
    ours = a_desk(store, Answering(Delivery(status="configuration", reason="us")), clock)
    await ours.send(walk, "hello", at=MONDAY)
    text = MAIL.replace("acme.example/j", "acme.example/k")
    await publish(store, a_publication({}, mails={("welcome", ""): text}), commit="c2", at=MONDAY)
    outcome = await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)
    async with store.read() as tx:
        link, next_one = await sends.link(tx, row.id, 1), await sends.link(tx, row.id, 2)

    assert (DONE, "c2", 2) == (outcome, row.commit, row.attempts)
    assert ("https://acme.example/k", None) == (link and link.url, next_one)


async def test_held_mail_leaves_no_row(store: Store, clock: StandingClock) -> None:
    """A mail that waits for the morning has not been claimed."""
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome, not_after: event.starts_at}\n")
    night = MONDAY + timedelta(hours=13)
    outcome = await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=night)
    async with store.read() as tx:
        rows = await sends.of_enrollment(tx, walk)

    assert ("hold", []) == (outcome.status, list(rows))
