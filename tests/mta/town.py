"""A house beside real mail servers: it writes to people who have real mailboxes, and reads what comes back."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import select, update

from rapport.engine.runtime import Outcome
from rapport.ids import address_key, send_id
from rapport.settings import Settings
from rapport.store import sends
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.mailbox_desk import StoreMailboxDesk
from rapport.wiring.house import House, open_house
from rapport.wiring.mailboxes import mailbox_desk
from tests.mta.servers import BOUNCE_DOMAIN, PASSWORD, REPLY_DOMAIN, MailServers
from tests.unit.store.worlds import MONDAY, PROJECT, StandingClock
from tests.unit.usecases.desks import a_walk

ENVIRON = {"MTA_PASSWORD": PASSWORD}
# Recruiters and senders get their own mail at the same servers.
_PROJECT = f"""{PROJECT}
people: {{anna-koch: {{name: Anna Koch, email: anna.koch@dev.test}}}}
"""
_STEPS = "  - {id: hello, send: welcome}\n"
_LONGEST = timedelta(seconds=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One house, and the servers."""

    house: House
    desk: StoreMailboxDesk
    servers: MailServers
    clock: StandingClock

    async def write_to(self, address: str) -> tuple[str, Outcome]:
        """Enroll the person who has this address and send them their first mail; the walk, and what came of it."""
        walk = await a_walk(self.house.store, self.clock, _STEPS, project=_PROJECT, head="exit: [{replied: any}]")
        async with self.house.store.write() as tx:
            key = address_key(address, self.house.settings.pepper)
            await tx.execute(update(CandidateRow).values(email=address, email_key=key))
        return walk, await self.house.desk.send(walk, "hello", at=MONDAY)

    async def send_of(self, walk: str) -> SendRow:
        """The row of the mail."""
        async with self.house.store.read() as tx:
            row = await sends.find(tx, send_id(walk, "hello"))
        assert row is not None
        return row

    async def read(self) -> None:
        """Look into our mailbox, and leave at once when nothing is there."""
        await self.desk.read_batch("inbox", patience=timedelta(0), go_on=lambda: True)

    async def heard(self, kind: str) -> HappeningRow:
        """What we hear of this kind, as soon as it comes."""
        left = _LONGEST
        while left > timedelta(0):
            await self.desk.read_batch("inbox", patience=timedelta(seconds=2), go_on=lambda: True)
            async with self.house.store.read() as tx:
                row = await tx.scalar(select(HappeningRow).where(HappeningRow.kind == kind))
            if row is not None:
                return row
            left -= timedelta(seconds=2)
        message = f"nobody told us of {kind}"
        raise AssertionError(message)

    async def noted(self) -> Sequence[str]:
        """What became of the mails of our mailbox."""
        async with self.house.store.read() as tx:
            query = select(IncomingMailRow.outcome).where(IncomingMailRow.send.is_not(None))
            return (await tx.scalars(query)).all()

    def mailbox(self, user: str) -> list[Message]:
        """The mails of somebody, as their mail program gets them."""
        with self._signed_in(user) as client:
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
        return [message_from_bytes(found[uid][b"BODY[]"], policy=policy.compat32) for uid in sorted(found)]

    async def arrived(self, user: str, *, containing: str) -> list[Message]:
        """The mails of somebody with this in them, once there is one."""
        for _ in range(100):
            found = [mail for mail in await asyncio.to_thread(self.mailbox, user) if containing in mail.as_string()]
            if found:
                return found
            await asyncio.sleep(0.1)
        message = f"nothing came to {user}"
        raise AssertionError(message)

    def flags(self, user: str) -> list[tuple[bytes, ...]]:
        """How the mails of somebody are marked."""
        with self._signed_in(user) as client:
            client.select_folder("INBOX", readonly=True)
            return list(client.get_flags(client.search("ALL")).values())

    def answer(self, mail: Message, text: str, *, sender: str) -> None:
        """Answer a mail as a mail program does."""
        answer = EmailMessage()
        answer["From"], answer["To"] = sender, str(mail["Reply-To"])
        answer["Subject"] = f"Re: {mail['Subject']}"
        answer["Message-ID"] = f"<answer.{id(answer)}@dev.test>"
        answer["In-Reply-To"] = str(mail["Message-ID"])
        answer.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.servers.smtp_port) as smtp:
            smtp.send_message(answer)

    def _signed_in(self, user: str) -> Any:
        client = IMAPClient("127.0.0.1", self.servers.imap_port, ssl=False)
        client.login(user, PASSWORD)
        return client


@asynccontextmanager
async def a_town(servers: MailServers, clock: StandingClock, database: str, name: str) -> AsyncIterator[Town]:
    """A house of its own: no other test's tokens are good here, and what is in the mailbox has been read."""
    settings = Settings(
        database_url=database,
        secret_key=f"only for the test {name}".ljust(32, "."),
        smtp_port=servers.smtp_port,
        reply_domain=REPLY_DOMAIN,
        bounce_domain=BOUNCE_DOMAIN,
        mailboxes=servers.account(),
    )
    async with open_house(settings, clock, environ=ENVIRON) as house:
        town = Town(house=house, desk=mailbox_desk(house, ENVIRON), servers=servers, clock=clock)
        await town.read()
        yield town
