"""Mailboxes are named in one setting, and what opens them in others."""

import pytest

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.mail.inbound_account import key_of, read_accounts
from rapport.mail.inbound_imap import ImapFolder
from tests.unit.mail.token_server import TokenServer, a_token_server

GMAIL = "imaps://replies%40acme.example@imap.gmail.test/INBOX?oauth2=GMAIL"


def test_a_mailbox_is_a_url() -> None:
    """Where it is, who signs in, and which variable holds the password."""
    one, other, here = read_accounts(
        "imaps://replies%40acme.example@imap.acme.example/Talent/Replies?password=PASSWORD "
        "imap://b@mx.acme.example:1143?oauth2=MS&name=bounces imap://dev@127.0.0.1?password=P"
    )

    assert ("replies", "imap.acme.example", 993, "implicit") == (one.name, one.host, one.port, one.tls)
    assert ("replies@acme.example", "Talent/Replies", "password", "PASSWORD") == (
        one.user,
        one.folder,
        one.sign_in,
        one.variable,
    )
    assert ("bounces", 1143, "starttls", "INBOX", "oauth2") == (
        other.name,
        other.port,
        other.tls,
        other.folder,
        other.sign_in,
    )
    assert ("none", 143) == (here.tls, here.port)
    assert () == read_accounts("")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pop3://a@b?password=X", "neither imaps:// nor imap://"),
        ("imaps://a:secret-word@b?password=X", "environment variable"),
        ("imaps://a@b", "needs one of"),
        ("imaps://a@b?password=X&oauth2=Y", "needs one of"),
        ("imaps://@b?password=X", "no user"),
        ("imaps://a@?password=X", "no host"),
        ("imaps://a@b:notaport?password=X", "no URL"),
        ("imaps://a@b?password=X&name=A%20B", "small letters"),
        ("imaps://a@b?password=X imaps://a@c?password=Y", "called 'a'"),
    ],
)
def test_a_mistake_is_named_and_no_secret_repeated(text: str, problem: str) -> None:
    """Whoever writes the password into the address reads where it belongs."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        read_accounts(text)

    assert "secret-word" not in str(caught.value)


def test_a_variable_that_is_not_set_is_named() -> None:
    """The worker says which one."""
    [account] = read_accounts("imaps://a@b?password=REPLIES_PASSWORD")

    assert "x" == key_of(account, {"REPLIES_PASSWORD": "x"})()
    with pytest.raises(ConfigurationError, match="REPLIES_PASSWORD"):
        key_of(account, {})()


def test_a_server_that_is_away_is_asked_again() -> None:
    """No address is in what histories keep of it."""
    [account] = read_accounts("imap://ada%40people.example@127.0.0.1:1?password=X")

    with pytest.raises(TemporaryFailure) as caught:
        ImapFolder(account, lambda: "x")

    assert "people.example" not in str(caught.value)


def _variables(server: TokenServer, **more: str) -> dict[str, str]:
    return {"GMAIL_TOKEN_URL": server.url, "GMAIL_CLIENT_ID": "us", **more}


def test_a_refresh_token_buys_access_tokens_for_an_hour() -> None:
    """Google and Microsoft ask for this; the server of tokens is asked once, not at every look."""
    with a_token_server(200, {"access_token": "t-1", "expires_in": 3600}) as server:
        [account] = read_accounts(GMAIL)
        key = key_of(account, _variables(server, GMAIL_REFRESH_TOKEN="r", GMAIL_SCOPE="mail"))  # noqa: S106  # tests only
        tokens = [key(), key()]

    assert ["t-1", "t-1"] == tokens
    assert [{"grant_type": "refresh_token", "client_id": "us", "refresh_token": "r", "scope": "mail"}] == server.asked


def test_without_one_the_client_asks_in_its_own_name() -> None:
    """An application of Microsoft 365 may read a mailbox without a person; short tokens are asked for anew."""
    with a_token_server(200, {"access_token": "t-1", "expires_in": 60}) as server:
        [account] = read_accounts(GMAIL)
        key = key_of(account, _variables(server, GMAIL_CLIENT_SECRET="s"))  # noqa: S106  # tests only
        key()
        key()

    assert ["client_credentials", "client_credentials"] == [form["grant_type"] for form in server.asked]


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, {"error": "invalid_grant"}, ConfigurationError),
        (503, {}, TemporaryFailure),
        (200, {"token": "?"}, TemporaryFailure),
    ],
)
def test_a_refused_token_is_for_a_person_to_repair(
    status: int, answer: dict[str, object], error: type[Exception]
) -> None:
    """And an outage is not."""
    with a_token_server(status, answer) as server:
        [account] = read_accounts(GMAIL)
        with pytest.raises(error):
            key_of(account, _variables(server))()
