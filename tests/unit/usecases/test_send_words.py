"""Which words leave, in which language, from whom and below which mail; and that what was stored leaves again."""

from datetime import timedelta

from rapport.engine.runtime import Outcome
from rapport.ports import Delivery
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.publish import publish
from tests.unit.store.worlds import MONDAY, PROJECT, StandingClock, a_publication
from tests.unit.usecases.desks import (
    MAIL,
    Answering,
    a_desk,
    a_receiver,
    a_walk,
    the_row,
)

HELLO = "  - {id: hello, send: welcome}\n"
DONE = Outcome(status="done")


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
