"""The real app over a real store, and a caller: what the tests of the doors stand on."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from api.app import create_app
from rapport.ids import address_key, send_id
from rapport.mail.tokens import Signer, Token, TokenKind
from rapport.settings import Settings
from rapport.store import candidates, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.usecases.enroll import enroll
from tests.unit.store.worlds import MONDAY, StandingClock, a_person

HERE = "http://127.0.0.1:8000"
SIGNER = Signer(keys={1: b"a key for tests only"}, current=1)
JOBS = "https://jobs.example/backend?utm_source=mail"
ANA = "c_ana"
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestHouse:
    """A house with nothing in it but what the doors need."""

    __test__ = False

    store: Store
    settings: Settings = field(default_factory=lambda: Settings(click_settle=0))
    signer: Signer = SIGNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Calls the doors over HTTP; every POST gets a key of its own unless one is given."""

    http: AsyncClient
    store: Store
    settings: Settings

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Response:
        """POST JSON."""
        headers = {"Idempotency-Key": key or f"key-{next(_NUMBERS)}"}
        return await self.http.post(path, json=body, headers=headers)

    async def get(self, path: str, **query: Any) -> Response:
        """GET."""
        return await self.http.get(path, params=query)

    async def person(self, candidate: str = ANA, **fields: Any) -> str:
        """Someone whom this house knows by address, too."""
        async with self.store.write() as tx:
            row = await a_person(tx, candidate, **fields)
            row.email_key = address_key(str(row.email), self.settings.pepper)
        return candidate


@asynccontextmanager
async def visiting(
    store: Store,
    clock: StandingClock,
    *,
    settings: Settings | None = None,
    caller: str = "127.0.0.1",
    url: str = HERE,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Visitor]:
    """Open the doors for a caller from an address."""
    house = TestHouse(store=store, settings=settings or Settings(click_settle=0))
    transport = ASGITransport(create_app(house, clock), client=(caller, 50_000))
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", **(headers or {})}
    async with AsyncClient(transport=transport, base_url=url, headers=agent) as http:
        yield Visitor(http=http, store=store, settings=house.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail that was sent on Monday, with one link."""

    enrollment: str
    send: int
    message_id: str

    def token(self, kind: TokenKind, number: int = 0) -> str:
        """A token as the mail carries it."""
        return SIGNER.make(Token(kind=kind, send=self.send, number=number))


async def a_mail(store: Store, clock: StandingClock, candidate: str = ANA) -> SentMail:
    """Enroll someone in `welcome` and send them the first mail."""
    async with store.write() as tx:
        enrolled = await enroll(tx, clock, sequence="welcome", candidate=candidate, at=MONDAY, cause="test", again=True)
        number = send_id(enrolled.id, "hello")
        await _sent(tx, enrolled.id, number, clock)
    return SentMail(enrollment=enrolled.id, send=number, message_id=f"<send.{number}@mail.rapport.test>")


async def mailed(store: Store, clock: StandingClock, enrollment: str, step: str) -> SentMail:
    """The mail of a step of a walk that has begun."""
    number = send_id(enrollment, step)
    async with store.write() as tx:
        await _sent(tx, enrollment, number, clock, step=step)
    return SentMail(enrollment=enrollment, send=number, message_id=f"<send.{number}@mail.rapport.test>")


async def _sent(tx: Tx, enrollment: str, number: int, clock: StandingClock, *, step: str = "hello") -> None:
    walk = await enrollments.get(tx, enrollment)
    person = await candidates.get(tx, walk.candidate)
    send = SendRow(
        id=number,
        enrollment=enrollment,
        step=step,
        state="accepted",
        mail="welcome",
        version=walk.version,
        recipient_key=person.email_key or "",
        at=clock.now(),
        recorded_at=clock.now(),
        message_id=f"<send.{number}@mail.rapport.test>",
        subject="Welcome",
        accepted_at=clock.now(),
    )
    await insert(tx, send)
    await insert(tx, SendLinkRow(send=number, number=1, name="jobs", url=JOBS))
