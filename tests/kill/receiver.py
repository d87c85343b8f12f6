"""A real mail server that counts mails by Message-ID, and breaks the line at the stage that it is told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, TypeAlias

from aiosmtpd.smtp import SMTP, Envelope, Session

# `lost`: the final dot has come, and the mail is not taken; `taken`: it is, and the answer never leaves.
Stage: TypeAlias = Literal["connect", "helo", "mail", "rcpt", "data", "body", "lost", "taken"]
STAGES: tuple[Stage, ...] = ("connect", "helo", "mail", "rcpt", "data", "body", "lost", "taken")


@dataclass(frozen=True, slots=True)
class Trap:
    """What happens once, when a conversation gets that far; the line breaks as well."""

    stage: Stage
    spring: Callable[[], None] = lambda: None


@dataclass(slots=True, kw_only=True)
class Receiver:
    """What arrived; `answer_after` is how long the sender waits for the answer to the final dot."""

    answer_after: timedelta = timedelta(0)
    on_mail: Callable[[EmailMessage], None] = lambda _mail: None
    trap: Trap | None = None
    arrived: Counter[str] = field(default_factory=Counter)
    # Replies on their way to recruiters: they go at least once, so a kill may repeat one.
    forwarded: Counter[str] = field(default_factory=Counter)
    answer: str = "250 2.0.0 Taken"
    # Mails wait at this door, if there is one, before they are answered.
    door: asyncio.Event | None = None
    at_the_door: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    def springs(self, stage: Stage) -> bool:
        """Whether the trap is at this stage; it has sprung then."""
        trap = self.trap
        if trap is None or trap.stage != stage:
            return False
        self.trap = None
        trap.spring()
        return True

    async def take(self, raw: bytes) -> None:
        """Count a mail, whole as it came, and let whoever got it act."""
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        if mail["X-Rapport-Forward"] is not None:
            self.forwarded[str(mail["Message-ID"])] += 1
            return
        self.arrived[str(mail["Message-ID"])] += 1
        self.on_mail(mail)
        if self.door is not None:
            self.at_the_door.set()
            await self.door.wait()
        await asyncio.sleep(self.answer_after.total_seconds())


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    """Listen on a free port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Conversation(receiver), "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


class _Conversation(SMTP):
    """aiosmtpd's server, whose line can break at every stage."""

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(_Keeping(receiver), enable_SMTPUTF8=True, hostname="receiver.test", ident="Receiver")
        self._receiver = receiver
        self._in_body = False

    def connection_made(self, transport: Any) -> None:
        """Greet, or hang up."""
        super().connection_made(transport)
        if self._receiver.springs("connect"):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on, or hang up within the mail."""
        if self._in_body and self._receiver.springs("body"):
            self.hang_up()
            return
        super().data_received(data)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802  # aiosmtpd finds commands by name
        """First stage."""
        await self._go_on("helo", super().smtp_EHLO, hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd finds commands by name
        """Second stage."""
        await self._go_on("mail", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd finds commands by name
        """Third stage."""
        await self._go_on("rcpt", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd finds commands by name
        """Fourth stage, and what is behind it is the mail."""
        self._in_body = True
        await self._go_on("data", super().smtp_DATA, arg)
        self._in_body = False

    async def _go_on(self, stage: Stage, command: Callable[[Any], Any], arg: str | None) -> None:
        if self._receiver.springs(stage):
            self.hang_up()
        else:
            await command(arg)

    def hang_up(self) -> None:
        """Break the line: no goodbye, and nothing that was written arrives."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Keeping:
    """aiosmtpd calls it by name."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Take a mail that came whole."""
        del session
        if self._receiver.springs("lost"):
            server.hang_up()
            return "451 4.3.0 Nobody hears this"
        assert isinstance(envelope.content, bytes)
        await self._receiver.take(envelope.content)
        if self._receiver.springs("taken"):
            server.hang_up()
        return self._receiver.answer
