"""Hands mails to a relay over SMTP, one recipient a transaction, and says exactly how far it came."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponse

from rapport.errors import BadInput
from rapport.mail.addresses import Mailable, mailable
from rapport.mail.pauses import pause_in
from rapport.mail.refusals import enhanced_code, verdict
from rapport.ports import Delivery

TlsMode = Literal["none", "starttls", "tls"]

# After that many mails relays begin to slow a connection down; 100 is what most of them allow.
_MAILS_PER_CONNECTION = 100
_OPENED = 354
_FIRST_REFUSAL = 400
_FIRST_FINAL = 500
_NAP = 0.002  # seconds between two looks at a full socket buffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mails are handed in; `timeout` is for each answer of the server."""

    host: str
    port: int
    tls: TlsMode = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: timedelta = timedelta(seconds=30)
    test_environment: bool = False


class SmtpMailer:
    """A Mailer that keeps one connection open; calls at the same time wait for each other."""

    def __init__(self, relay: Relay) -> None:
        """Connect only when the first mail comes."""
        self._relay = relay
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0
        self._turn = asyncio.Lock()

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Hand a mail in; `retry` promises that it was not taken, `unknown` that nobody can say."""
        # The sender first: a slip in our own settings must never close a candidate's address.
        if self._checked(sender) is None:
            return Delivery(status="configuration", reason="the sender's address is none")
        to = self._checked(recipient)
        if to is None:
            return Delivery(status="hard", reason="not an address")
        async with self._turn:
            try:
                return await self._deliver(raw, sender, to)
            except BaseException:  # canceled in the middle: the next mail must not run into this one
                self._abandon()
                raise

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._turn:
            await self._drop()

    def _checked(self, address: str) -> Mailable | None:
        try:
            return mailable(address, test_environment=self._relay.test_environment)
        except BadInput:
            return None

    async def _deliver(self, raw: bytes, sender: str, to: Mailable) -> Delivery:
        try:
            client = await self._connected()
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            return _unconnected(error)
        return await self._transaction(client, raw, sender, to)

    async def _connected(self) -> aiosmtplib.SMTP:
        """Give a connection that has just answered; a relay may have closed an idle one."""
        client = self._client
        if client is not None and client.is_connected and self._used < _MAILS_PER_CONNECTION:
            try:
                await client.rset()
            except (aiosmtplib.SMTPException, OSError):
                self._abandon()
            else:
                self._used += 1
                return client
        await self._drop()
        self._client, self._used = self._new_client(), 1
        await self._client.connect()
        await self._client.ehlo()
        return self._client

    def _new_client(self) -> aiosmtplib.SMTP:
        relay = self._relay
        return aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "tls",
            start_tls=relay.tls == "starttls",
            username=relay.username,
            password=relay.password,
            timeout=relay.timeout.total_seconds(),
        )

    async def _transaction(self, client: aiosmtplib.SMTP, raw: bytes, sender: str, to: Mailable) -> Delivery:
        if to.smtputf8 and not client.supports_extension("smtputf8"):
            return Delivery(status="hard", reason="the relay takes no such address")
        options = ["SMTPUTF8"] if to.smtputf8 else []
        try:
            await client.mail(sender, options=options, encoding="utf-8" if to.smtputf8 else "ascii")
            await client.rcpt(to.text, encoding="utf-8" if to.smtputf8 else "ascii")
            opened = await client.execute_command(b"DATA")
            if opened.code != _OPENED:
                return _judged(opened)
            await self._write_body(client, raw)
        except aiosmtplib.SMTPResponseException as error:
            return _judged(
                SMTPResponse(error.code, error.message), sender=isinstance(error, aiosmtplib.SMTPSenderRefused)
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            return Delivery(status="retry", reason="connection lost", server_text=str(error))
        return await self._finish(client)

    async def _write_body(self, client: aiosmtplib.SMTP, raw: bytes) -> None:
        """Write all but the final dot, and wait until the network has it, so that a loss here is a sure retry."""
        protocol, transport = client.protocol, client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        protocol.write(dotted(raw))
        await asyncio.wait_for(_drained(client, transport), self._relay.timeout.total_seconds())
        if not client.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")

    async def _finish(self, client: aiosmtplib.SMTP) -> Delivery:
        """Write the final dot: from here on only an answer tells what became of the mail."""
        try:
            answer = await client.execute_command(b".")
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            return Delivery(status="unknown", reason="connection lost after the mail", server_text=str(error))
        if answer.code >= _FIRST_REFUSAL:
            return _judged(answer)
        return Delivery(
            status="accepted",
            code=answer.code,
            enhanced=enhanced_code(answer.message),
            reason="accepted",
            server_text=answer.message,
        )

    async def _drop(self) -> None:
        client = self._client
        if client is not None and client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        self._abandon()

    def _abandon(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def dotted(raw: bytes) -> bytes:
    """Double the dots at line starts (RFC 5321, 4.5.2) and end with a line break."""
    body = raw.replace(b"\r\n.", b"\r\n..")
    body = b"." + body if body.startswith(b".") else body
    return body if body.endswith(b"\r\n") else body + b"\r\n"


async def _drained(client: aiosmtplib.SMTP, transport: asyncio.WriteTransport) -> None:
    await asyncio.sleep(0)
    while client.is_connected and transport.get_write_buffer_size():  # noqa: ASYNC110  # asyncio has no public event for it
        await asyncio.sleep(_NAP)


def _unconnected(error: Exception) -> Delivery:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Delivery(
            status="configuration", code=error.code, reason="the relay refused our login", server_text=error.message
        )
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Delivery(status="configuration", reason="the relay lacks what is configured", server_text=str(error))
    said = str(error)
    return Delivery(status="retry", reason="no connection", server_text=said, retry_after=pause_in(said))


def _judged(answer: SMTPResponse, *, sender: bool = False) -> Delivery:
    """What a refusal means; one of the `sender` says nothing about the candidate's address, whatever its words."""
    enhanced = enhanced_code(answer.message)
    kind = verdict(code=answer.code, enhanced=enhanced, text=answer.message)
    kind = "configuration" if sender and kind == "hard" else kind
    if answer.code < _FIRST_FINAL:
        return _delivery("retry", "refused for now", answer, enhanced)
    match kind:
        case "hard":
            return _delivery("hard", "no such address", answer, enhanced)
        case "configuration":
            return _delivery("configuration", "sender or command refused", answer, enhanced)
        case "soft":
            return _delivery("retry", "mailbox not available now", answer, enhanced)
        case "block":
            return _delivery("block", "refused by policy", answer, enhanced)


def _delivery(
    status: Literal["retry", "hard", "block", "configuration"], reason: str, answer: SMTPResponse, enhanced: str | None
) -> Delivery:
    return Delivery(
        status=status,
        code=answer.code,
        enhanced=enhanced,
        reason=reason,
        server_text=answer.message,
        retry_after=pause_in(answer.message) if status == "retry" else None,
    )
