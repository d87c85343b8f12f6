"""Against a real Dovecot: our reader takes what is there, waits as the server allows, and touches nothing."""

import asyncio
import smtplib
import time
from collections.abc import Callable
from functools import partial

import pytest

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.mail.inbound_account import read_accounts
from rapport.mail.inbound_imap import ImapFolder
from tests.mta.servers import PASSWORD, MailServers

pytestmark = pytest.mark.timeout(60)
_MEGABYTE = 1_000_000


def opened(servers: MailServers, user: str, password: str = PASSWORD) -> ImapFolder:
    """Somebody's mailbox."""
    [account] = read_accounts(servers.account(user))
    return ImapFolder(account, lambda: password)


def deliver(servers: MailServers, user: str, raw: bytes) -> None:
    """Hand a mail in."""
    with smtplib.SMTP("127.0.0.1", servers.smtp_port) as smtp:
        smtp.sendmail("ada@dev.test", [f"{user}@dev.test"], raw)


def when(look: Callable[[], object]) -> None:
    """Wait until something is there."""
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end
        time.sleep(0.05)


def has(folder: ImapFolder, number: int) -> bool:
    """Whether so many mails are there."""
    return len(folder.newer_than(0)) == number


def test_mails_are_found_by_number_and_by_day(servers: MailServers) -> None:
    """Nothing above the last one means nothing, though a server always names one."""
    folder = opened(servers, "numbers")
    for number, word in enumerate((b"one", b"two"), 1):
        deliver(servers, "numbers", b"Subject: %b\r\n\r\nhi" % word)
        when(partial(has, folder, number))

    first, second = folder.newer_than(0)
    mail = folder.fetch(second)
    assert [second] == list(folder.newer_than(first))
    assert [] == list(folder.newer_than(second))
    assert b"Subject: two\r\n" in mail.raw
    assert mail.received_at is not None
    assert [first, second] == list(folder.received_since(mail.received_at))
    assert b"" == folder.fetch(second + 7).raw
    folder.close()


def test_the_server_tells_of_news_at_once(servers: MailServers) -> None:
    """IDLE: a reply is read when it comes, not at the next look."""
    folder = opened(servers, "idle")

    async def inside() -> tuple[bool, float]:
        waiting = asyncio.create_task(asyncio.to_thread(folder.wait, 20))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await asyncio.to_thread(deliver, servers, "idle", b"Subject: now\r\n\r\nhi")
        return await waiting, time.monotonic() - began

    told, seconds = asyncio.run(inside())
    when(lambda: folder.newer_than(0))
    folder.close()
    assert told
    assert seconds < 5


def test_of_a_huge_mail_the_beginning_is_taken(servers: MailServers) -> None:
    """A video is nobody's answer; who wrote it, to which mail, stands at the top."""
    body = b"\r\n".join([b"x" * 900] * (12 * _MEGABYTE // 900))
    folder = opened(servers, "huge")
    # Put there directly: a mail server would refuse it before it came to us.
    folder._client.append("INBOX", b"Subject: huge\r\nTo: r+x@reply.dev.test\r\n\r\n" + body)
    [uid] = folder.newer_than(0)

    mail = folder.fetch(uid)

    assert 65_536 == len(mail.raw)
    assert mail.raw.startswith(b"Subject: huge\r\n")
    folder.close()


def test_a_wrong_password_is_ours_to_repair(servers: MailServers) -> None:
    """The error names the variable and not the person."""
    with pytest.raises(ConfigurationError, match="MTA_PASSWORD"):
        opened(servers, "wrong", "not it")


def test_a_folder_that_is_not_there_is_named(servers: MailServers) -> None:
    """A slip in the settings."""
    [account] = read_accounts(servers.account("nofolder").replace("/INBOX", "/Nowhere"))

    with pytest.raises(TemporaryFailure, match="nofolder"):
        ImapFolder(account, lambda: PASSWORD)
