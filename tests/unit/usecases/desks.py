"""A desk on a real store, with a real mail server behind it: what the tests of walks' acts stand on."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from rapport.ids import send_id
from rapport.mail.sink import Envelope, start_sink
from rapport.mail.smtp import Relay, SmtpMailer
from rapport.mail.tokens import Signer
from rapport.ports import Delivery, Mailer
from rapport.store import sends
from rapport.store.database import Store
from rapport.store.tables.mails import SendRow
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.desk import StoreDesk
from rapport.usecases.enroll import enroll
from rapport.usecases.publish import publish
from tests.unit.store.worlds import DAY, MONDAY, PROJECT, StandingClock, a_person, a_publication

MAIL = """---
subject: Hello {{ candidate.first_name or 'you' }}
---
Hi, [look]({{ link('jobs', 'https://acme.example/j') }}).
"""
LETTERHEAD = Letterhead(
    signer=Signer(keys={0: b"0123456789abcdef"}, current=0),
    public_url="https://go.acme.example",
    mail_domain="mail.acme.example",
    reply_domain="reply.acme.example",
    bounce_domain="bounce.acme.example",
)


@dataclass(slots=True)
class NoAts:
    """An Ats and a Webhooks that remember their calls and answer or raise what they are told."""

    answer: Mapping[str, Any] | Exception = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    data: Mapping[str, Any] = field(default_factory=dict)

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """What it was told to answer."""
        self.calls.append(("read", what, candidate))
        return self._answered()

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Remember it."""
        del candidate
        self.calls.append((how, f"{what} {text}".strip(), key))
        self._answered()

    async def call(self, target: str, data: Mapping[str, Any], *, key: str) -> None:
        """Remember it."""
        self.calls.append(("webhook", target, key))
        self.data = data
        self._answered()

    def _answered(self) -> Mapping[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass(slots=True)
class Receiver:
    """A running mail server and what it took."""

    port: int
    mails: list[Envelope]

    def mailer(self) -> SmtpMailer:
        """A mailer that hands in here."""
        return SmtpMailer(Relay(host="127.0.0.1", port=self.port, test_environment=True))


@asynccontextmanager
async def a_receiver() -> AsyncIterator[Receiver]:
    """A mail server that refuses `nobody@` and `blocked@`, and defers `full@`."""
    mails: list[Envelope] = []

    async def keep(envelope: Envelope) -> None:
        mails.append(envelope)

    sink = await start_sink("127.0.0.1", 0, keep, misbehave=True)
    try:
        yield Receiver(sink.port, mails)
    finally:
        await sink.close()


@dataclass(slots=True)
class Answering:
    """A Mailer that gives one answer, and counts."""

    delivery: Delivery
    count: int = 0

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Answer."""
        del raw, sender, recipient
        self.count += 1
        return self.delivery


class KilledError(BaseException):
    """The process is gone."""


@dataclass(slots=True)
class Killed:
    """A Mailer whose process dies when the server has taken the mail."""

    inner: Mailer

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Hand the mail over and die."""
        await self.inner.deliver(raw, sender=sender, recipient=recipient)
        raise KilledError


def a_desk(store: Store, mailer: Mailer, clock: StandingClock, outside: NoAts | None = None) -> StoreDesk:
    """A desk with these ways out."""
    out = outside or NoAts()
    return StoreDesk(store, mailer=mailer, ats=out, webhooks=out, letterhead=LETTERHEAD, clock=clock)


async def a_walk(
    store: Store,
    clock: StandingClock,
    steps: str,
    *,
    purpose: str = "nurture",
    head: str = "",
    person: Mapping[str, Any] | None = None,
    project: str = PROJECT,
    **flows: str,
) -> str:
    """Publish these steps as `flow` (beside other flows) and enroll Ana; the id of the walk."""
    text = f"purpose: {purpose}\n{head}\nsteps:\n{steps}"
    mails = {("welcome", ""): MAIL, ("again", ""): MAIL, ("notes/called", ""): "We called {{ candidate.first_name }}."}
    publication = a_publication({"flow": text, **flows}, mails=mails, project=project)
    await publish(store, publication, commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx, **(person or {}))
    return await another_walk(store, clock, "flow")


async def another_walk(store: Store, clock: StandingClock, sequence: str) -> str:
    """Enroll Ana into a sequence."""
    async with store.write() as tx:
        return (await enroll(tx, clock, sequence=sequence, candidate="c_ana", at=MONDAY, cause="test")).id


async def the_row(store: Store, walk: str, step: str = "hello") -> SendRow:
    """The row of a send."""
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, step))
    assert row is not None
    return row
