"""Somebody who walked, was mailed and heard of in every way is erased: no byte of theirs is left anywhere."""

import asyncio
import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rapport.clock import SystemClock
from rapport.crm.traces import forms_of
from rapport.ids import address_key, send_id
from rapport.mail.inbound import read_inbound
from rapport.mail.tokens import Token
from rapport.store import identities, sends
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.walks import ReadRow
from rapport.usecases.conversations import Talk, note_talk
from rapport.usecases.enroll import enroll
from rapport.usecases.erasing import erase
from rapport.usecases.forgotten import was_forgotten
from rapport.usecases.import_people import import_people
from rapport.usecases.incoming import Incoming
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.intake import take_in
from rapport.usecases.publish import publish
from tests.durable.rights import a_worker, until_done
from tests.unit.store.worlds import PEPPER, a_person, a_publication, url_of
from tests.unit.usecases.desks import LETTERHEAD, MAIL, a_receiver
from worker.dev_server import DevServerOptions, dev_server
from workflows.client import Walks
from workflows.connection import connect
from workflows.privacy_client import sweep_daily

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
FLOW = "{purpose: nurture, steps: [{id: hello, send: welcome}, {id: rest, wait: 300 days}]}"
FIRST, LAST, PHONE = "Zoltanina", "Quixleywitz", "+49 171 5550177"
EMAIL, FURTHER = "z.quixleywitz@analytical.example", "zq77@privatus.example"
PROFILE = "linkedin.example/in/zoltanina-quixleywitz-77"
TRACES = (FIRST, LAST, EMAIL, FURTHER, PROFILE, PHONE, f"{FIRST} {LAST}")
CSV = f"email,first_name,last_name,source,skills\n{EMAIL},{FIRST},{LAST},fair,go\n"


async def everybody_walks(store: Store) -> str:
    """Her among thirty others, so that rows share pages; the id of her walk."""
    publication = a_publication({"flow": FLOW}, mails={("welcome", ""): MAIL})
    await publish(store, publication, commit="c0ffee", at=CLOCK.now() - timedelta(days=1))
    noon = f"Etc/GMT{CLOCK.now().hour - 12:+d}"  # whatever the time is here, it is noon there: mails may go
    async with store.write() as tx:
        for number in range(30):
            await a_person(tx, f"c_{number:03}", last_name="x" * number * 40, timezone=noon)
        person = await a_person(tx, timezone=noon, first_name=FIRST, last_name=LAST, custom={"phone": PHONE})
        person.email, person.email_key = EMAIL, address_key(EMAIL, PEPPER)
        await tx.flush()
        further = AddressRow(
            key=address_key(FURTHER, PEPPER), candidate="c_ana", email=FURTHER, recorded_at=CLOCK.now()
        )
        await insert(tx, further)
        await identities.name(tx, "c_ana", "profile", PROFILE, pepper=PEPPER, recorded_at=CLOCK.now())
        walk = await enroll(tx, CLOCK, sequence="flow", candidate="c_ana", at=CLOCK.now(), cause=f"{LAST} asked")
    await import_people(store, CLOCK, io.BytesIO(CSV.encode()), pepper=PEPPER)
    return walk.id


async def all_is_heard(store: Store, walk: str) -> None:
    """A reply, a bounce, what an ATS said, a mail that nobody could read, and what other systems told of her."""
    number = send_id(walk, "hello")
    to = f"r+{LETTERHEAD.signer.make(Token(kind='reply', send=number, number=0))}@reply.acme.example"
    reply = f"From: {FIRST} <{EMAIL}>\r\nTo: {to}\r\nSubject: Re\r\nMessage-ID: <1@x>\r\n\r\n{LAST}, {PHONE}\r\n"
    async with store.write() as tx:
        door, raw = MailDoor(clock=CLOCK, pepper=PEPPER), reply.encode()
        taken = await door.take(tx, read_inbound(raw, None, LETTERHEAD.signer), original=raw)
        assert "taken" == taken.outcome
        told = Incoming(
            dedupe_key=f"bounce:{EMAIL}",
            kind="custom",
            candidate="c_ana",
            at=CLOCK.now(),
            detail={"name": "coffee", "note": f"{FIRST} {LAST}"},
            evidence={"from": FURTHER},
        )
        await take_in(tx, CLOCK, told)
        read = {"name": LAST, "email": FURTHER}
        await insert(tx, ReadRow(enrollment=walk, name="app", data=read, at=CLOCK.now(), recorded_at=CLOCK.now()))
        unread = IncomingMailRow(
            key="9" * 64, mailbox="m", kind="unknown", outcome="quarantined", recorded_at=CLOCK.now(), raw=raw
        )
        await insert(tx, unread)
        # And what colleagues wrote down of her in the rows of somebody else.
        note = f"Sits beside {FIRST} {LAST} <{EMAIL}>, {PROFILE}"
        talk = Talk(key="k", candidate="c_001", recruiter="anna-koch", note=note, promise=f"Ask {LAST}, {FIRST} in")
        await note_talk(tx, CLOCK, talk)


def traces_in(folder: Path) -> Iterator[str]:
    """Each text of hers that stands in a file of a folder, in whatever form."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            lowered = raw.lower()
            yield from (
                f"{path.name}: {text}" for text in TRACES for form in forms_of(text) if form in lowered or form in raw
            )


async def until_sent(store: Store, walk: str) -> None:
    """Wait for her first mail."""
    async with asyncio.timeout(60):
        while True:
            async with store.read() as tx:
                row = await sends.find(tx, send_id(walk, "hello"))
            if row is not None and row.state == "accepted":
                return
            await asyncio.sleep(0.05)


async def test_not_a_byte_of_her_is_left(tmp_path: Path) -> None:
    """Store, its log, Temporal's file and every log line: nothing holds her name or an address in any form."""
    words = logging.FileHandler(tmp_path / "rapport.log")
    words.addFilter(lambda record: record.name != "mail.log")  # the receiver's own, who has a right to know
    logging.getLogger().addHandler(words)
    logging.getLogger().setLevel(logging.INFO)
    url = url_of(tmp_path / "rapport.db")
    await migrate(url)
    store = Store.open(url)
    options = DevServerOptions(log_file=tmp_path / "temporal.log", db_file=tmp_path / "temporal.db")
    try:
        async with a_receiver() as receiver, dev_server(options) as server:
            client = await connect(address=server.address, namespace="default")
            await sweep_daily(client)
            await sweep_daily(client)  # a second worker finds the schedule
            async with a_worker(store, client, receiver.mailer()):
                walk = await everybody_walks(store)
                await until_sent(store, walk)
                await all_is_heard(store, walk)
                before = {text.partition(": ")[2] for text in traces_in(tmp_path)}
                async with store.write() as tx:
                    record = await erase(tx, CLOCK, "c_ana", by="test", why=f"{FIRST} {LAST} wrote from {FURTHER}")

                await until_done(store, record.id)

                open_still = list(traces_in(tmp_path))  # closing the store would clear its log all by itself
                again = await import_people(store, CLOCK, io.BytesIO(CSV.encode()), pepper=PEPPER)
                async with store.read() as tx:
                    known = await was_forgotten(tx, names=[("profile", PROFILE)], pepper=PEPPER)
                result = await Walks(client).handle(walk).result()
        mailed = b"".join(mail.raw for mail in receiver.mails)
    finally:
        await store.close()
        logging.getLogger().removeHandler(words)
        words.close()

    assert FIRST.encode() in mailed
    assert {FIRST, LAST, EMAIL, FURTHER, PROFILE, PHONE, f"{FIRST} {LAST}"} == before
    assert ([], []) == (open_still, list(traces_in(tmp_path)))
    assert ("erased", True, 0) == (result.end, known, again.added)
