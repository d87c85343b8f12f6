"""The inbox of development behaves as real servers do, the unfriendly ones included."""

import asyncio

import pytest

from rapport.mail.sink import LARGEST_MAIL, Envelope, start_sink
from tests.unit.mail.relays import a_mailer, deliver


async def accept(envelope: Envelope) -> None:
    """Take every mail."""


async def refuse(envelope: Envelope) -> None:
    """Fail as a full disk would."""
    message = f"no room for mail {envelope.number}"
    raise OSError(message)


@pytest.mark.parametrize(
    ("local", "status", "code"), [("nobody", "hard", 550), ("full", "retry", 452), ("blocked", "block", 550)]
)
async def test_test_addresses_misbehave_when_asked_to(local: str, status: str, code: int) -> None:
    """One can see on one's own machine what a bounce does."""
    address = f"{local}@candidate.test"
    sink = await start_sink("127.0.0.1", 0, accept, misbehave=True)
    answer = await deliver(a_mailer(sink.port), address)
    await sink.close()

    assert (answer.status, answer.code) == (status, code)
    assert address in answer.server_text


async def test_without_that_they_are_ordinary_people() -> None:
    """Somebody may really be called Nobody."""
    sink = await start_sink("127.0.0.1", 0, accept)
    answer = await deliver(a_mailer(sink.port), "nobody@candidate.test")
    await sink.close()

    assert answer.status == "accepted"


async def test_a_mail_that_could_not_be_kept_is_not_accepted() -> None:
    """The sender keeps a mail that we could not store."""
    sink = await start_sink("127.0.0.1", 0, refuse)
    answer = await deliver(a_mailer(sink.port))
    await sink.close()

    assert (answer.status, answer.code) == ("retry", 451)


async def test_a_mail_that_is_too_large_is_refused() -> None:
    """Nobody fills the disk with one mail."""
    sink = await start_sink("127.0.0.1", 0, accept)
    answer = await deliver(a_mailer(sink.port), raw=b"x: y\r\n\r\n" + (b"x" * 70 + b"\r\n") * (LARGEST_MAIL // 70))
    await sink.close()

    assert answer.code == 552
    assert answer.status != "accepted"


async def test_the_inbox_closes_although_somebody_keeps_a_connection() -> None:
    """Ctrl-C ends the inbox at once, also while a worker holds its line to it."""
    sink = await start_sink("127.0.0.1", 0, accept)
    reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
    greeting = await reader.readline()

    async with asyncio.timeout(5):
        await sink.close()
        rest = await reader.read()
    writer.close()

    assert greeting.startswith(b"220")
    assert rest == b""
