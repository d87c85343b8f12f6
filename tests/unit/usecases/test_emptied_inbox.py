"""The inbox of `rapport dev` forgets whom the store forgets: mails to them, and what they wrote to a recruiter."""

import base64
from datetime import timedelta
from pathlib import Path

from api.inbox.box import Box
from rapport.ids import address_key
from rapport.mail.reply_forward import Forward, write_forward
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from rapport.usecases.erasing import erase
from rapport.usecases.privacy_desk import StorePrivacyDesk
from tests.unit.store.worlds import MONDAY, PEPPER, StandingClock, a_person

CLOCK = StandingClock()
HERS, FURTHER, BENS = "c_ana@people.example", "ana@privatus.example", "c_ben@people.example"
ANNA = "anna.koch@acme.example"
ABOUT_HER = base64.b64encode(f"<p>Ask <b>{FURTHER}</b>, she knows.</p>".encode())


def forwarded(email: str) -> bytes:
    """A reply on its way to a recruiter; only its head says who wrote it."""
    forward = Forward(
        happening="h" * 26,
        at=MONDAY,
        to=("Anna Koch", ANNA),
        candidate=("Ana", email),
        subject="Re: Hello",
        text="Call me.",
        answers="",
        about="Hello",
        sure=True,
    )
    return write_forward(forward, domains=("mail.acme.example", "reply.acme.example"), secret=b"s")


async def test_her_mails_leave_the_inbox_and_all_others_stay(store: Store, tmp_path: Path) -> None:
    """Each of her addresses counts, in whatever case; a page that was open before says that the mail is gone."""
    box = Box(tmp_path / "inbox")
    for recipient, raw in (
        (HERS.upper(), b"Subject: 1\r\n\r\nHello Ana"),
        (FURTHER, b"Subject: 2\r\n\r\nHello Ana"),
        (ANNA, forwarded(HERS)),
        (ANNA, forwarded(BENS)),
        (BENS, b"To: Ben <" + BENS.encode() + b">\r\nSubject: 5\r\n\r\nHello Ben"),
        ("broken", b"\xff\x00 no mail at all"),
        (ANNA, b"Subject: 7\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + ABOUT_HER),
        (ANNA, b"Subject: 8\r\nContent-Type: text/plain; charset=x-none\r\n\r\nBen"),
    ):
        await box.put(raw, recipient=recipient, sender="", subject="", at=MONDAY)
    async with store.write() as tx:
        for name in ("c_ana", "c_ben"):
            await a_person(tx, name)
        further = address_key(FURTHER, PEPPER)
        await insert(tx, AddressRow(key=further, candidate="c_ana", email=FURTHER, recorded_at=MONDAY))
        record = await erase(tx, CLOCK, "c_ana", by="test")

    await StorePrivacyDesk(store, CLOCK, pepper=PEPPER, inbox=tmp_path / "inbox").settle_erasure(record.id)

    assert [8, 6, 5, 4] == [slip.number for slip in box.slips()]
    assert (None, True) == (box.slip(1), box.slip(5) is not None)
    assert [4, 5, 6, 8] == sorted(int(path.stem) for path in (tmp_path / "inbox").glob("*.eml"))
    assert [8, 6, 5, 4] == [slip.number for slip in Box(tmp_path / "inbox").slips()]


async def test_two_erasures_one_after_the_other_both_empty_it(store: Store, tmp_path: Path) -> None:
    """Whoever is erased while the desk is up is forgotten there too, and a folder that is not there is no error."""
    clock, inbox = StandingClock(), tmp_path / "inbox"
    desk = StorePrivacyDesk(store, clock, pepper=PEPPER, inbox=inbox)
    async with store.write() as tx:
        for name in ("c_ana", "c_ben"):
            await a_person(tx, name)
        first = await erase(tx, clock, "c_ana", by="test")
    await desk.settle_erasure(first.id)
    box = Box(inbox)
    await box.put(b"Subject: x\r\n\r\nHello Ben", recipient=BENS, sender="", subject="x", at=MONDAY)
    clock.at += timedelta(minutes=1)
    async with store.write() as tx:
        second = await erase(tx, clock, "c_ben", by="test")

    await desk.settle_erasure(second.id)

    assert [] == box.slips()
