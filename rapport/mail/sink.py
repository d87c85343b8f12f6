"""An SMTP server for development: takes every mail, hands it on, and can misbehave at named addresses."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope

LARGEST_MAIL = 10_000_000  # bytes

# Local part -> what a real server says; `{address}` is echoed, as real servers do.
_MISBEHAVIOR = {
    "nobody": "550 5.1.1 <{address}>: Recipient address rejected: User unknown",
    "full": "452 4.2.2 <{address}>: Mailbox full",
    "blocked": "550 5.7.1 <{address}>: Message refused by policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A mail as it came: `number` counts accepted mails from 1; `sender` is empty for a bounce."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)


Deliver = Callable[[Envelope], Awaitable[None]]


class Sink:
    """A running receiver; `port` is the real one when 0 was asked for."""

    def __init__(self, server: asyncio.Server, sessions: WeakSet[SMTP]) -> None:
        """Hold the listening server and whoever is connected."""
        self._server = server
        self._sessions = sessions
        self.port: int = server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and hang up: since Python 3.12 the server waits for clients that keep their connection."""
        self._server.close()
        for session in list(self._sessions):
            if session.transport is not None:
                session.transport.close()
        await self._server.wait_closed()


async def start_sink(host: str, port: int, deliver: Deliver, *, misbehave: bool = False) -> Sink:
    """Listen for mail; a mail is accepted only after `deliver` returned, and deferred (451) when it raises."""
    loop = asyncio.get_running_loop()
    handler = _Handler(deliver, misbehave=misbehave)
    sessions: WeakSet[SMTP] = WeakSet()

    def session() -> SMTP:
        begun = SMTP(
            handler, enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL, loop=loop, hostname="inbox.test", ident="Sink"
        )
        sessions.add(begun)
        return begun

    return Sink(await loop.create_server(session, host, port), sessions)


class _Handler:
    """aiosmtpd calls these by name."""

    def __init__(self, deliver: Deliver, *, misbehave: bool) -> None:
        self._deliver, self._misbehave, self._count = deliver, misbehave, 0

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's naming
        self,
        server: SMTP,  # noqa: ARG002  # aiosmtpd's signature
        session: Session,  # noqa: ARG002  # aiosmtpd's signature
        envelope: SmtpEnvelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        answer = _MISBEHAVIOR.get(address.partition("@")[0].lower()) if self._misbehave else None
        if answer is not None:
            return answer.format(address=address)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:  # noqa: ARG002, N802  # aiosmtpd's
        self._count += 1
        mail = Envelope(
            number=self._count,
            sender="" if envelope.mail_from in {None, "<>"} else str(envelope.mail_from),
            recipients=tuple(envelope.rcpt_tos),
            raw=_bytes(envelope.content),
        )
        try:
            await self._deliver(mail)
        except Exception:  # noqa: BLE001  # whatever went wrong, the sender must keep the mail
            return "451 4.3.0 Not taken, try again later"
        return f"250 2.0.0 Accepted as {mail.number}"


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else str(content or "").encode()
