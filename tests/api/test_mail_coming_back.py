"""Replies, absences, bounces and complaints, as the mail gateway hands them in."""

from collections.abc import Sequence

import pytest
from httpx import Response
from sqlalchemy import select

from rapport.settings import Settings
from rapport.store import candidates, consents
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.mails import SendRow
from tests.api.doors import SentMail, Visitor, visiting
from tests.unit.store.worlds import StandingClock

BOUNCE = """From: mailer-daemon@mx.people.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.people.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.people.example

Final-Recipient: rfc822; c_ana@people.example
Action: failed
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
--b--
"""


def _mail(to: str, text: str, **headers: str) -> bytes:
    lines = {
        "From": "Ana <c_ana@people.example>",
        "To": to,
        "Subject": "Re: Welcome",
        "Message-ID": "<reply-1@people.example>",
        "Date": "Mon, 02 Mar 2026 10:00:00 +0100",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join([*(f"{name}: {value}\r\n" for name, value in lines.items()), "\r\n", text, "\r\n"]).encode()


async def _hand_in(visitor: Visitor, raw: bytes, **headers: str) -> Response:
    return await visitor.http.post("/inbound/mail", content=raw, headers={"Content-Type": "message/rfc822", **headers})


async def _heard(store: Store) -> Sequence[HappeningRow]:
    async with store.read() as tx:
        return (await tx.scalars(select(HappeningRow))).all()


async def test_a_reply_finds_its_walk_by_the_address_it_came_to(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Whoever answers is heard, even when their mail program lost every id."""
    answer = await _hand_in(visitor, _mail(f"r+{mail.token('reply')}@reply.rapport.test", "Yes, let us talk."))

    [reply] = await _heard(store)
    assert (202, {"kind": "reply", "stored": True}) == (answer.status_code, answer.json())
    assert ("replied", mail.enrollment, "hello", "human") == (reply.kind, reply.enrollment, reply.step, reply.verdict)
    assert "Yes, let us talk." == reply.evidence["text"].strip()


async def test_a_reply_finds_its_walk_by_the_thread(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A forwarded thread without our address still belongs to its mail."""
    await _hand_in(visitor, _mail("talent@acme.example", "Sounds good!", In_Reply_To=mail.message_id))

    assert ["replied"] == [heard.kind for heard in await _heard(store)]


async def test_the_same_mail_by_two_ways_counts_once(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A gateway that hands a mail in again changes nothing."""
    raw = _mail(f"r+{mail.token('reply')}@reply.rapport.test", "Yes")
    answers = [await _hand_in(visitor, raw), await _hand_in(visitor, b"Received: from elsewhere\r\n" + raw)]

    assert [True, False] == [answer.json()["stored"] for answer in answers]
    assert 1 == len(await _heard(store))


async def test_an_absence_with_a_day_of_return_is_noted(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Mails wait until the person is back."""
    raw = _mail(
        f"b+{mail.token('bounce')}@bounce.rapport.test",
        "I am out of office until 16 March 2026.",
        Auto_Submitted="auto-replied",
    )
    await _hand_in(visitor, raw)

    [absence] = await _heard(store)
    assert ("out_of_office", "human") == (absence.kind, absence.verdict)
    assert absence.detail["until"].startswith("2026-03-1")


async def test_an_absence_without_a_day_holds_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Nobody can tell until when, so that it is kept and no mail waits for it."""
    raw = _mail(
        f"b+{mail.token('bounce')}@bounce.rapport.test", "Thank you for your mail.", Auto_Submitted="auto-replied"
    )
    await _hand_in(visitor, raw)

    assert [("out_of_office", "unsure")] == [(heard.kind, heard.verdict) for heard in await _heard(store)]


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "hard"),
        ("4.2.2", "452 4.2.2 Mailbox full", "soft"),
        ("5.7.1", "550 5.7.1 Message refused by policy", "block"),
    ],
)
async def test_a_bounce_says_how_bad_it_is(
    visitor: Visitor, store: Store, mail: SentMail, status: str, diagnostic: str, kind: str
) -> None:
    """Only an address that does not exist is given up."""
    to = f"b+{mail.token('bounce')}@bounce.rapport.test"
    await _hand_in(visitor, BOUNCE.format(to=to, status=status, diagnostic=diagnostic).encode())

    assert [("bounced", kind)] == [(heard.kind, heard.detail["bounce"]) for heard in await _heard(store)]


async def test_a_bounce_of_an_address_of_before_closes_that_one_only(
    visitor: Visitor, store: Store, mail: SentMail
) -> None:
    """She has told us of a new address meanwhile: her walk goes on to it, and the dead one is never used again."""
    await visitor.post("/v1/candidates/c_ana/addresses/primary", {"email": "ana@new.example"})
    to = f"b+{mail.token('bounce')}@bounce.rapport.test"

    await _hand_in(visitor, BOUNCE.format(to=to, status="5.1.1", diagnostic="550 5.1.1 User unknown").encode())

    async with store.read() as tx:
        told = await tx.scalars(select(DeliveryRow.kind).where(DeliveryRow.enrollment == mail.enrollment))
        sent = await tx.get_one(SendRow, mail.send)
        keys = [(await candidates.get(tx, "c_ana")).email_key, sent.recipient_key]
        assert ["start"] == [*told]
        assert [set(), {"all"}] == [await consents.suppressed(tx, key) for key in keys]


async def test_a_mail_to_the_unsubscribe_address_unsubscribes(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Old mail programs unsubscribe by mail."""
    await _hand_in(visitor, _mail(f"u+{mail.token('unsubscribe')}@reply.rapport.test", "unsubscribe"))

    assert [("unsubscribed", "nurture")] == [(heard.kind, heard.detail["purpose"]) for heard in await _heard(store)]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 1000, b"From: a,b,,<\r\nMessage-ID: <>\r\n\r\n", b"To: r+forged@reply.rapport.test\r\n\r\nhello"],
)
@pytest.mark.usefixtures("mail")
async def test_what_nobody_can_place_is_acknowledged_and_kept_out(visitor: Visitor, store: Store, raw: bytes) -> None:
    """A strange mail never stops the gateway, and moves nobody."""
    answer = await _hand_in(visitor, raw)

    assert (202, False) == (answer.status_code, answer.json()["stored"])
    assert [] == list(await _heard(store))


async def test_a_large_mail_is_taken_and_a_huge_one_is_not(visitor: Visitor, mail: SentMail) -> None:
    """Attachments are fine up to what our mail gateway takes."""
    to = f"r+{mail.token('reply')}@reply.rapport.test"

    answers = [await _hand_in(visitor, _mail(to, "x" * size)) for size in (3_000_000, 11_000_000)]

    assert [202, 413] == [answer.status_code for answer in answers]


async def test_a_web_page_cannot_hand_a_mail_in(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """What browsers may post without asking first is not taken for a mail."""
    raw = _mail(f"r+{mail.token('reply')}@reply.localhost", "Yes")

    answer = await _hand_in(visitor, raw, **{"Content-Type": "text/plain"})

    assert 415 == answer.status_code
    assert [] == list(await _heard(store))


async def test_only_the_gateway_hands_mails_in(store: Store, clock: StandingClock) -> None:
    """Otherwise anybody could answer for anybody."""
    raw = _mail("r+x@reply.rapport.test", "hello")
    settings = Settings(inbound_token="a token for tests")  # noqa: S106  # tests only
    async with visiting(store, clock, settings=settings) as here, visiting(store, clock, caller="203.0.113.9") as far:
        answers = [
            await _hand_in(far, raw),
            await _hand_in(here, raw),
            await _hand_in(here, raw, Authorization="Bearer another"),
            await _hand_in(here, raw, Authorization="Bearer a token for tests"),
        ]

    assert [401, 401, 401, 202] == [answer.status_code for answer in answers]
