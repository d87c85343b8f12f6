"""What people write back changes what it must, and a guess moves nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from rapport.mail.inbound import read_inbound
from rapport.ports import Delivery
from rapport.store import consents, enrollments
from rapport.store.database import Store
from rapport.store.tables.consent import SuppressionRow
from rapport.store.tables.incoming import ForwardRow
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.forwarding import ReplyForwarder
from rapport.usecases.incoming import Incoming
from rapport.usecases.incoming_mail import MailDoor, MailTaken
from rapport.usecases.intake import take_in
from rapport.usecases.replies import Reply, replies
from tests.api.doors import SIGNER, SentMail, a_mail
from tests.unit.store.worlds import MONDAY, PEPPER, WELCOME, StandingClock, a_person, published

ANA = "c_ana@people.example"


@pytest.fixture
async def mail(store: Store, clock: StandingClock) -> SentMail:
    """A mail that Ana has got, from a sequence that a reply does not end."""
    await published(store, welcome=WELCOME.replace("{replied: any}, ", ""))
    async with store.write() as tx:
        await a_person(tx)
    return await a_mail(store, clock)


def an_answer(text: str, *, to: str = "talent@acme.example", sender: str = ANA, head: str = "") -> bytes:
    """A mail as Ana's program writes it."""
    lines = [f"From: Ana <{sender}>", f"To: {to}", "Message-ID: <7@people.example>", *head.splitlines()]
    if "Subject" not in head:
        lines.append("Subject: Re: Welcome")
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where mails come in."""

    store: Store
    clock: StandingClock
    mail: SentMail

    async def take(self, raw: bytes) -> MailTaken:
        """Take a mail in."""
        door = MailDoor(clock=self.clock, pepper=PEPPER)
        async with self.store.write() as tx:
            return await door.take(tx, read_inbound(raw, None, SIGNER), original=raw)

    async def answer(self, text: str, **changes: str) -> MailTaken:
        """Answer the mail that Ana has got."""
        return await self.take(an_answer(text, to=f"r+{self.mail.token('reply')}@reply.rapport.test", **changes))

    async def told(self) -> list[str]:
        """What Ana's walk is told."""
        async with self.store.read() as tx:
            rows = await tx.scalars(select(DeliveryRow).where(DeliveryRow.kind != "start").order_by(DeliveryRow.id))
            return [str(row.payload.get("kind", row.kind)) for row in rows]

    async def happened(self) -> Sequence[HappeningRow]:
        """What is stored."""
        async with self.store.read() as tx:
            return (await tx.scalars(select(HappeningRow))).all()

    async def listed(self) -> Sequence[Reply]:
        """What `rapport replies` shows."""
        async with self.store.read() as tx:
            return await replies(tx)


@pytest.fixture
def inbox(store: Store, clock: StandingClock, mail: SentMail) -> Inbox:
    """Where mails come in."""
    return Inbox(store, clock, mail)


async def test_stop_closes_the_address_and_withdraws_all_consent(inbox: Inbox) -> None:
    """Whoever writes STOP gets nothing more, from any sequence, and we can show why."""
    taken = await inbox.answer("STOP")

    async with inbox.store.read() as tx:
        closed = [(row.scope, row.reason) for row in await tx.scalars(select(SuppressionRow))]
        ledger = {row.purpose: row.state for row in await consents.ledger(tx, "c_ana")}
    [stop] = await inbox.happened()
    assert "taken" == taken.outcome
    assert [(consents.ALL, "unsubscribed")] == closed
    assert {"nurture": "withdrawn", "events": "withdrawn"} == ledger
    assert ("STOP", ANA) == (stop.evidence["text"], stop.evidence["from"])
    assert ["unsubscribed"] == await inbox.told()


async def test_no_interest_ends_the_sequence_only(inbox: Inbox) -> None:
    """Other mails still come."""
    await inbox.answer("No longer interested, thanks.")

    async with inbox.store.read() as tx:
        assert [] == list(await tx.scalars(select(SuppressionRow)))
    assert ["cancel"] == await inbox.told()


async def test_a_wish_within_a_longer_text_pauses_and_asks_a_person(inbox: Inbox) -> None:
    """Nobody is silenced by mistake, and nobody gets the next mail before a person has read this."""
    await inbox.answer("I like the role a lot. Could you unsubscribe me from the newsletter, though? Call me instead.")

    async with inbox.store.read() as tx:
        [task] = (await tx.scalars(select(TaskRow))).all()
        walk = await enrollments.get(tx, inbox.mail.enrollment)
    [reply] = await inbox.listed()
    assert ("paused", "anna-koch") == (walk.state, task.assignee)
    assert ["pause"] == await inbox.told()
    assert reply.asks_for_less


async def test_sender_and_subject_alone_are_a_guess(inbox: Inbox) -> None:
    """The reply is kept and sent on, and no walk hears of it."""
    taken = await inbox.take(an_answer("Yes!", head="Subject: AW: Re: welcome"))

    [reply] = await inbox.listed()
    assert ("taken", False, "Yes!", "waiting") == (taken.outcome, reply.sure, reply.text, reply.forwarded)
    assert [] == await inbox.told()


@pytest.mark.parametrize(("sender", "subject"), [("eve@people.example", "Re: Welcome"), (ANA, "Re: Lunch"), (ANA, "")])
async def test_what_does_not_fit_in_both_is_not_placed(inbox: Inbox, sender: str, subject: str) -> None:
    """A private mail to the same mailbox is nobody's answer, and nothing of it is kept."""
    taken = await inbox.take(an_answer("Hi", sender=sender, head=f"Subject: {subject}"))

    assert "unplaced" == taken.outcome
    assert [] == list(await inbox.happened())


async def test_a_guess_at_stop_is_heeded_all_the_same(inbox: Inbox) -> None:
    """Better one mail too few."""
    await inbox.take(an_answer("unsubscribe"))

    assert ["unsubscribed"] == await inbox.told()


async def test_a_colleague_who_answers_is_noted_as_another_address(inbox: Inbox) -> None:
    """The recruiter sees that it was not the candidate who wrote."""
    await inbox.answer("She has moved to Rome.", sender="brother@people.example")

    [reply] = await inbox.happened()
    assert "another address" == reply.evidence["by"]


class Post:
    """A mail server that gives the answers it was told to, and keeps what it took."""

    def __init__(self, *answers: Delivery) -> None:
        self.answers, self.mails = list(answers), list[tuple[bytes, str, str]]()

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Answer."""
        self.mails.append((raw, sender, recipient))
        return self.answers.pop(0) if self.answers else Delivery(status="accepted")


def a_forwarder(inbox: Inbox, post: Post) -> ReplyForwarder:
    """What sends replies on."""
    return ReplyForwarder(
        store=inbox.store,
        mailer=post,
        clock=inbox.clock,
        mail_domain="mail.acme.example",
        reply_domain="reply.acme.example",
        bounce_domain="bounce.acme.example",
        secret=PEPPER,
    )


async def test_a_reply_reaches_the_recruiter_and_the_answer_the_candidate(inbox: Inbox) -> None:
    """It comes with the original, once, and a click on Reply writes to the candidate."""
    await inbox.answer("Yes, gladly! ✓\nAna")
    post = Post()
    sent = [await a_forwarder(inbox, post).send_waiting() for _ in range(2)]

    [(raw, sender, recipient)] = post.mails
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body()
    assert body is not None
    assert ([1, 0], "rapport-forward@bounce.acme.example") == (sent, sender)
    assert recipient in str(mail["To"])
    assert ANA in str(mail["Reply-To"])
    assert ("Re: Welcome", "auto-generated") == (mail["Subject"], mail["Auto-Submitted"])
    assert "Yes, gladly! ✓" in body.get_content()
    assert ["original.eml"] == [part.get_filename() for part in mail.iter_attachments()]
    assert "sent" == (await inbox.listed())[0].forwarded
    async with inbox.store.read() as tx:
        assert [None] == list(await tx.scalars(select(ForwardRow.original)))


async def test_a_forward_is_tried_again_with_the_same_bytes(inbox: Inbox) -> None:
    """A relay that is away delays a reply; a second copy could be told by its Message-ID."""
    await inbox.answer("Yes!")
    post = Post(Delivery(status="retry", reason="later"))
    forwarder = a_forwarder(inbox, post)

    sent = [await forwarder.send_waiting(), await forwarder.send_waiting()]
    inbox.clock.at += timedelta(minutes=1)
    sent.append(await forwarder.send_waiting())

    assert [0, 0, 1] == sent
    assert post.mails[0] == post.mails[1]


async def test_a_recruiter_without_a_mailbox_is_told_of_in_the_list(inbox: Inbox) -> None:
    """The reply stays in the list, and is not tried for ever."""
    await inbox.answer("Yes!")
    await a_forwarder(inbox, Post(Delivery(status="hard", reason="no such user"))).send_waiting()

    assert "failed" == (await inbox.listed())[0].forwarded


async def test_what_comes_back_of_a_forward_touches_no_candidate(inbox: Inbox) -> None:
    """A recruiter's full or closed mailbox, or holiday, is not Ana's."""
    await inbox.answer("Yes!")
    post = Post()
    await a_forwarder(inbox, post).send_waiting()
    [(raw, sender, _)] = post.mails
    forward = message_from_bytes(raw)
    report = (
        b"From: MAILER-DAEMON@mx.test\r\nTo: %b\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=q\r\n\r\n--q\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\n%b\r\n--q--\r\n"
    )
    away = an_answer("Away.", head=f"In-Reply-To: {forward['Message-ID']}\nAuto-Submitted: auto-replied")

    taken = [
        await inbox.take(report % (sender.encode(), raw)),
        await inbox.take(report % (b"x@acme.example", raw)),
        await inbox.take(away),
        await inbox.take(raw),
    ]

    assert ["own"] * 4 == [one.outcome for one in taken]
    assert 1 == len(await inbox.happened())


async def test_erasure_takes_the_reply_along(inbox: Inbox) -> None:
    """What was about to be sent on is not sent on."""
    await inbox.answer("Yes!")
    async with inbox.store.write() as tx:
        await take_in(tx, inbox.clock, Incoming(dedupe_key="e", kind="erased", candidate="c_ana", at=MONDAY))
    post = Post()

    await a_forwarder(inbox, post).send_waiting()

    assert [] == post.mails
    assert [""] == [reply.text for reply in await inbox.listed()]


async def test_replies_come_page_by_page(inbox: Inbox) -> None:
    """The newest first, and each once."""
    for number in range(3):
        inbox.clock.at = MONDAY + timedelta(hours=number)
        to = f"r+{inbox.mail.token('reply')}@reply.rapport.test"
        await inbox.take(an_answer(f"No {number}", to=to).replace(b"<7@", b"<%d@" % number))
    async with inbox.store.read() as tx:
        first = await replies(tx, limit=2)
        second = await replies(tx, before=first[-1].mark)

    assert ["No 2", "No 1", "No 0"] == [reply.text for reply in [*first, *second]]
