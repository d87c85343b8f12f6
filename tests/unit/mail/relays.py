"""Mail servers that break the line at a given stage, or answer as a test says; and a mailer that hands in to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal

from rapport.mail.smtp import Relay, SmtpMailer
from rapport.ports import Delivery, Mailer

Stage = Literal["connect", "ehlo", "mail", "rcpt", "data", "body", "dot"]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
# Larger than all socket buffers of the loopback together, so that the body is surely on its way when the line breaks.
LARGE = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 200_000


def a_mailer(port: int, *, timeout: float = 5) -> SmtpMailer:
    """A mailer for a server of this test."""
    return SmtpMailer(Relay(host="127.0.0.1", port=port, timeout=timedelta(seconds=timeout), test_environment=True))


async def deliver(
    mailer: Mailer, recipient: str = "ada@candidate.test", raw: bytes = b"Subject: x\r\n\r\nx\r\n"
) -> Delivery:
    """Hand one mail in, and hang up."""
    try:
        return await mailer.deliver(raw, sender="b+token@bounces.test", recipient=recipient)
    finally:
        if isinstance(mailer, SmtpMailer):
            await mailer.close()


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[int]:
    """A TCP server on a free port that talks as the test says."""
    talks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2 * len(LARGE))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


def hanging_up_at(stage: Stage, answers: dict[str, str] | None = None) -> Talk:
    """A server that breaks the line when it gets that far, or answers as told."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if stage == "connect":
            return
        writer.write(b"220 test ESMTP\r\n")
        while line := (await reader.readline()).decode():
            verb = line[:4].strip().lower()
            if verb == stage:
                return
            writer.write(
                ((answers or {}).get(verb) or ("354 go on" if verb == "data" else "250 ok")).encode() + b"\r\n"
            )
            if verb == "data" and stage == "body":
                await reader.readexactly(1000)
                return
            if verb == "data" and verb not in (answers or {}):
                body = await reader.readuntil(b"\r\n.\r\n")
                assert body
                if stage == "dot" and not answers:
                    return
                writer.write((answers or {}).get("dot", "250 2.0.0 queued").encode() + b"\r\n")

    return talk
