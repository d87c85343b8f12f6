"""What happens at each stage of handing a mail in, on real sockets."""

import asyncio
from pathlib import Path

import pytest

from rapport.mail.compose import compose
from rapport.mail.outbox import Outbox
from rapport.mail.sink import Envelope, start_sink
from rapport.mail.smtp import Relay, SmtpMailer, dotted
from rapport.ports import Delivery
from tests.unit.mail.builders import a_draft
from tests.unit.mail.relays import LARGE, Stage, a_mailer, deliver, hanging_up_at, serving


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data"])
async def test_a_line_that_breaks_before_the_mail_is_a_sure_retry(stage: Stage) -> None:
    """Nothing was handed over, so that trying again cannot send twice."""
    async with serving(hanging_up_at(stage)) as port:
        answer = await deliver(a_mailer(port))

    assert answer.status == "retry"


async def test_a_line_that_breaks_within_the_mail_is_a_sure_retry() -> None:
    """Half a mail is no mail."""
    async with serving(hanging_up_at("body")) as port:
        answer = await deliver(a_mailer(port), raw=LARGE)

    assert answer.status == "retry"


async def test_a_line_that_breaks_after_the_final_dot_is_unknown() -> None:
    """The server may have taken the mail: nobody can say, and we don't guess."""
    async with serving(hanging_up_at("dot")) as port:
        answer = await deliver(a_mailer(port), raw=LARGE)

    assert answer.status == "unknown"


async def test_silence_after_the_final_dot_is_unknown() -> None:
    """A server that never answers may still have taken the mail."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test ESMTP\r\n")
        while line := (await reader.readline()).decode():
            if line == ".\r\n":
                await reader.read()
                return
            writer.write(b"354 go on\r\n" if line.startswith("DATA") else b"250 ok\r\n" if line[:1].isupper() else b"")

    async with serving(silent) as port:
        answer = await deliver(a_mailer(port, timeout=0.3), raw=b"subject: x\r\n\r\nx\r\n")

    assert answer.status == "unknown"


async def test_a_server_that_is_not_there_is_a_retry() -> None:
    """A relay that is being restarted delays a mail and loses none."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    assert (await deliver(a_mailer(port))).status == "retry"


@pytest.mark.parametrize(
    ("verb", "says", "status", "enhanced"),
    [
        ("rcpt", "550 5.1.1 <ada@candidate.test>: User unknown", "hard", "5.1.1"),
        ("rcpt", "550 5.7.1 <ada@candidate.test>: no such user here", "hard", "5.7.1"),
        ("rcpt", "550 no mailbox here by that name", "hard", None),
        ("rcpt", "550 5.2.1 mailbox disabled", "hard", "5.2.1"),
        ("rcpt", "556 5.1.10 null MX", "hard", "5.1.10"),
        ("rcpt", "450 4.2.0 greylisted, try again", "retry", "4.2.0"),
        ("rcpt", "452 4.2.2 mailbox full", "retry", "4.2.2"),
        ("rcpt", "552 5.2.2 over quota", "retry", "5.2.2"),
        ("rcpt", "421 4.3.2 shutting down", "retry", "4.3.2"),
        ("dot", "550 5.7.515 Access denied, sending domain does not meet the required level", "block", "5.7.515"),
        ("dot", "554 5.7.1 message looks like spam", "block", "5.7.1"),
        ("dot", "552 5.3.4 message too big", "block", "5.3.4"),
        ("dot", "451 4.7.1 try later", "retry", "4.7.1"),
        ("data", "554 blocked by a blocklist", "block", None),
        ("mail", "550 5.1.8 sender domain does not resolve", "configuration", "5.1.8"),
        ("mail", "530 5.5.1 authenticate first", "configuration", "5.5.1"),
        ("mail", "550 5.1.1 <b@bounces.test>: User unknown", "configuration", "5.1.1"),
        ("mail", "451 4.1.8 sender domain not found now", "retry", "4.1.8"),
    ],
)
async def test_what_a_server_says_decides(verb: str, says: str, status: str, enhanced: str | None) -> None:
    """Dead addresses, full mailboxes and blocked senders are told apart."""
    async with serving(hanging_up_at("dot", {verb: says})) as port:
        answer = await deliver(a_mailer(port))

    assert (answer.status, answer.enhanced, answer.code) == (status, enhanced, int(says[:3]))


async def test_the_answer_names_nobody_when_it_is_printed() -> None:
    """Servers echo the address; our logs and histories do not."""
    async with serving(hanging_up_at("dot", {"rcpt": "550 5.1.1 <ada@candidate.test>: User unknown"})) as port:
        answer = await deliver(a_mailer(port))

    assert "ada@candidate.test" in answer.server_text
    assert "ada" not in repr(answer)


async def test_a_login_that_is_refused_is_our_configuration() -> None:
    """A wrong password stops mails until somebody corrects it, and burns no address."""
    said = {"ehlo": "250-test\r\n250 AUTH PLAIN", "auth": "535 5.7.8 wrong password"}
    async with serving(hanging_up_at("dot", said)) as port:
        relay = Relay(host="127.0.0.1", port=port, username="u", password="not-shown", test_environment=True)  # noqa: S106  # a fake
        answer = await deliver(SmtpMailer(relay))

    assert answer.status == "configuration"
    assert "not-shown" not in repr(relay)


@pytest.mark.parametrize("odd", ["", "ada", "ada@candidate.test>\r\nRCPT TO:<eve@candidate.test", "a b@candidate.test"])
async def test_an_address_that_is_none_never_reaches_the_server(odd: str) -> None:
    """Nobody smuggles a second recipient into an address."""
    assert await deliver(a_mailer(1), recipient=odd) == Delivery(status="hard", reason="not an address")


@pytest.mark.parametrize("odd", ["", "b", "b@", "b@no domain"])
async def test_a_sender_that_is_no_address_is_our_configuration(odd: str) -> None:
    """A slip in our own settings closes no candidate's address, not even when theirs is odd as well."""
    for recipient in ("ada@candidate.test", "ada"):
        answer = await a_mailer(1).deliver(b"x: y\r\n\r\n", sender=odd, recipient=recipient)

        assert Delivery(status="configuration", reason="the sender's address is none") == answer


async def test_a_mail_arrives_as_it_was_made() -> None:
    """What the candidate's server gets is what we composed, to the byte."""
    mail = compose(a_draft())
    got: list[Envelope] = []

    async def keep(envelope: Envelope) -> None:
        got.append(envelope)

    sink = await start_sink("127.0.0.1", 0, keep)
    mailer = a_mailer(sink.port)
    first = await mailer.deliver(mail.raw, sender=mail.envelope_sender, recipient=mail.recipient)
    second = await deliver(mailer, raw=b"Subject: dots\r\n\r\n.\r\n..two\r\n.x")
    await sink.close()

    assert [first.status, second.status] == ["accepted", "accepted"]
    assert [mail.raw, b"Subject: dots\r\n\r\n.\r\n..two\r\n.x\r\n"] == [envelope.raw for envelope in got]
    assert (mail.envelope_sender, (mail.recipient,)) == (got[0].sender, got[0].recipients)
    assert [1, 2] == [envelope.number for envelope in got]


async def test_one_connection_serves_a_hundred_mails() -> None:
    """Relays like few connections; after a hundred mails a new one is opened."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await hanging_up_at("dot", {"dot": "250 ok"})(reader, writer)

    async with serving(talk) as port:
        mailer = a_mailer(port)
        answers = [
            await mailer.deliver(b"x: y\r\n\r\n", sender="b@bounces.test", recipient="ada@candidate.test")
            for _ in range(101)
        ]
        await mailer.close()

    assert {answer.status for answer in answers} == {"accepted"}
    assert connections == 2


async def test_mails_at_the_same_time_do_not_mix() -> None:
    """Two walks that send at once share the connection politely."""
    got: list[str] = []

    async def keep(envelope: Envelope) -> None:
        got.extend(envelope.recipients)

    sink = await start_sink("127.0.0.1", 0, keep, misbehave=True)
    mailer = a_mailer(sink.port)
    people = [*(f"p{number}@candidate.test" for number in range(20)), "nobody@candidate.test"]
    answers = await asyncio.gather(
        *(mailer.deliver(b"x: y\r\n\r\nz", sender="b@bounces.test", recipient=person) for person in people)
    )
    await mailer.close()
    await sink.close()

    assert sorted(people[:-1]) == sorted(got)
    assert [*["accepted"] * 20, "hard"] == [answer.status for answer in answers]


async def test_a_canceled_mail_does_not_spoil_the_next() -> None:
    """A worker that is stopped in the middle of a mail starts the next one on a fresh line."""
    reached = asyncio.Event()
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            writer.write(b"220 test\r\n")
            await reader.readline()
            reached.set()
            await reader.read()
            return
        await hanging_up_at("dot", {"dot": "250 ok"})(reader, writer)

    async with serving(talk) as port:
        mailer = a_mailer(port, timeout=30)
        stuck = asyncio.create_task(mailer.deliver(b"x: y\r\n\r\n", sender="b@b.test", recipient="ada@candidate.test"))
        await reached.wait()
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
        answer = await asyncio.wait_for(deliver(mailer), 5)

    assert answer.status == "accepted"


async def test_an_address_in_another_script_needs_a_server_that_takes_it() -> None:
    """`jürgen@…` goes through servers with SMTPUTF8, and is no dead address elsewhere but not reachable from here."""
    got: list[Envelope] = []

    async def keep(envelope: Envelope) -> None:
        got.append(envelope)

    sink = await start_sink("127.0.0.1", 0, keep)
    taken = await deliver(a_mailer(sink.port), "jürgen@candidate.test")
    await sink.close()
    async with serving(hanging_up_at("dot", {"dot": "250 ok"})) as port:
        refused = await deliver(a_mailer(port), "jürgen@candidate.test")

    assert taken.status == "accepted"
    assert ("jürgen@candidate.test",) == got[0].recipients
    assert refused.reason == "the relay takes no such address"


def test_dots_at_line_starts_are_doubled() -> None:
    """A line with a single dot cannot end a mail early."""
    assert dotted(b".a\r\n.\r\nb.") == b"..a\r\n..\r\nb.\r\n"


async def test_a_dry_run_writes_files(tmp_path: Path) -> None:
    """Every mail of a dry run is one file that tells nobody's name by its own."""
    mail = compose(a_draft())
    outbox = Outbox(tmp_path / "outbox")
    for _ in range(2):
        await outbox.deliver(mail.raw, sender=mail.envelope_sender, recipient=mail.recipient)

    files = list((tmp_path / "outbox").iterdir())
    assert [mail.raw] == [file.read_bytes() for file in files]
    assert "ada" not in files[0].name
