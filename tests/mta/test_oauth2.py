"""Against a real Dovecot: a mailbox is opened with OAuth2, as Google and Microsoft ask for it."""

from imaplib import IMAP4

import pytest

from rapport.errors import ConfigurationError
from rapport.mail.inbound_account import Key, key_of, read_accounts
from rapport.mail.inbound_imap import ImapFolder
from tests.mta.servers import MailServers
from tests.mta.test_mailbox import deliver, has, when
from tests.mta.tokens import REFRESH

pytestmark = pytest.mark.timeout(60)


def keyed(servers: MailServers, user: str, *, refresh: str = REFRESH) -> tuple[str, Key]:
    """A mailbox of the settings, and what opens it."""
    servers.tokens.user, servers.tokens.asked[:] = user, []
    account = servers.account(user).replace("password=MTA_PASSWORD", "oauth2=MTA")
    environ = {"MTA_TOKEN_URL": servers.tokens.url, "MTA_CLIENT_ID": "us", "MTA_REFRESH_TOKEN": refresh}
    return account, key_of(read_accounts(account)[0], environ)


def opened(account: str, key: Key) -> ImapFolder:
    """The folder."""
    return ImapFolder(read_accounts(account)[0], key)


def test_a_token_opens_the_mailbox(servers: MailServers) -> None:
    """The refresh token buys one; Dovecot asks whose it is, and lets us in. No password is anywhere."""
    account, key = keyed(servers, "withtoken")
    folder = opened(account, key)
    deliver(servers, "withtoken", b"Subject: hello\r\n\r\nhi")
    when(lambda: has(folder, 1))
    raw = folder.fetch(folder.newer_than(0)[0]).raw
    folder.close()
    opened(account, key).close()

    assert b"Subject: hello\r\n" in raw
    # One token for both looks, and Dovecot has asked about it.
    assert 1 == servers.tokens.asked.count("/token")
    assert "/introspect" in servers.tokens.asked


def test_a_token_that_was_revoked_is_replaced_at_the_next_look(servers: MailServers) -> None:
    """Somebody has ended all sessions: the look fails once, and the next one has a new token."""
    account, key = keyed(servers, "revoked")
    opened(account, key).close()
    servers.tokens.good.clear()
    with pytest.raises(ConfigurationError, match="MTA"):
        opened(account, key)
    opened(account, key).close()

    assert 2 == servers.tokens.asked.count("/token")


def test_the_token_of_somebody_else_opens_nothing(servers: MailServers) -> None:
    """A token is for one mailbox."""
    account, key = keyed(servers, "hers")
    servers.tokens.user = "his"

    with pytest.raises(ConfigurationError) as caught:
        opened(account, key)

    assert "token-" not in str(caught.value)


def test_a_refresh_token_that_is_over_is_for_a_person_to_renew(servers: MailServers) -> None:
    """Nobody even asks Dovecot."""
    account, key = keyed(servers, "expired", refresh="an-old-one")

    with pytest.raises(ConfigurationError, match="MTA_REFRESH_TOKEN"):
        opened(account, key)

    assert ["/token"] == servers.tokens.asked


def test_dovecot_takes_the_same_token_by_the_standard_way(servers: MailServers) -> None:
    """OAUTHBEARER (RFC 7628): what we send by XOAUTH2 is a token as the standard knows it, and no trick of ours."""
    _, key = keyed(servers, "standard")
    token = key()

    with IMAP4("127.0.0.1", servers.imap_port) as client:
        said = f"n,a=standard,\x01auth=Bearer {token}\x01\x01".encode()
        status, _ = client.authenticate("OAUTHBEARER", lambda _: said)

    assert "OK" == status
