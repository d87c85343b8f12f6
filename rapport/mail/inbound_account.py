"""Mailboxes that we read, as RAPPORT_MAILBOXES names them, and what opens them."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.settings import is_loopback

_PORTS = {"imaps": 993, "imap": 143}
_NAME = re.compile(r"[a-z0-9-]{1,60}")
_PATIENCE = 20  # seconds that the server of tokens may take
_SAFETY = 120  # seconds before its end in which a token is not used any more
_HOUR = 3600
_REFUSED = (400, 401, 403)
_HINT = (
    "Write imaps://USER@HOST/INBOX?password=VARIABLE or ?oauth2=VARIABLES, several with spaces between them; "
    "an @ in USER is %40. See docs/mail.md."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One mailbox: where it is, and the name of the environment variable (or of several) with what opens it.

    `tls`: `implicit` from the first byte, `starttls` before signing in, `none` on this machine only.
    """

    name: str
    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    user: str = field(repr=False)
    folder: str
    sign_in: Literal["password", "oauth2"]
    variable: str


class Key(Protocol):
    """Gives what opens a mailbox now: its password, or an access token that is still good."""

    def __call__(self) -> str:
        """Give it; ConfigurationError where it is not set or refused, TemporaryFailure where it may come later."""
        ...


def read_accounts(text: str) -> tuple[Account, ...]:
    """Read RAPPORT_MAILBOXES; ConfigurationError says which entry is wrong, without repeating what may be secret."""
    accounts = tuple(_account(entry, number) for number, entry in enumerate(text.split(), 1))
    names = [account.name for account in accounts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _wrong(names.index(twice) + 1, f"two are called {twice!r}; add &name=… to one of them")
    return accounts


def key_of(account: Account, environ: Mapping[str, str]) -> Key:
    """What opens an account, by the variables that it names."""
    if account.sign_in == "oauth2":
        return OAuth2Key(prefix=account.variable, environ=environ)
    return lambda: _variable(environ, account.variable)


class OAuth2Key:
    """Access tokens by a refresh token, or by the client's own right where there is none.

    Reads `<prefix>_TOKEN_URL`, `<prefix>_CLIENT_ID`, and where they are set `<prefix>_CLIENT_SECRET`,
    `<prefix>_REFRESH_TOKEN` and `<prefix>_SCOPE`.
    """

    def __init__(self, *, prefix: str, environ: Mapping[str, str]) -> None:
        """Ask for no token before the first is needed."""
        self._prefix, self._environ = prefix, environ
        self._token, self._good_until = "", 0.0

    def __call__(self) -> str:
        """Give a token that is good for two minutes at least."""
        if time.monotonic() >= self._good_until:
            self._token, seconds = self._ask()
            self._good_until = time.monotonic() + seconds - _SAFETY
        return self._token

    def forget(self) -> None:
        """Use the token no more: the mail server has refused it, as after a change of password."""
        self._good_until = 0.0

    def _ask(self) -> tuple[str, float]:
        url = _variable(self._environ, f"{self._prefix}_TOKEN_URL")
        try:
            answer = httpx.post(url, data=self._form(), timeout=_PATIENCE)
        except httpx.HTTPError as error:
            raise TemporaryFailure(
                f"The server of tokens does not answer ({type(error).__name__}).", hint=f"See {self._prefix}_TOKEN_URL."
            ) from error
        if answer.status_code in _REFUSED:
            raise ConfigurationError(
                f"The server of tokens refuses us ({answer.status_code}).",
                hint=f"Renew {self._prefix}_REFRESH_TOKEN or {self._prefix}_CLIENT_SECRET.",
            )
        try:
            said = answer.raise_for_status().json()
            return str(said["access_token"]), float(said.get("expires_in", _HOUR))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise TemporaryFailure(
                f"The server of tokens gives none ({answer.status_code}).", hint="It is asked again in a while."
            ) from error

    def _form(self) -> dict[str, str]:
        refresh = self._environ.get(f"{self._prefix}_REFRESH_TOKEN", "")
        said = {
            "grant_type": "refresh_token" if refresh else "client_credentials",
            "client_id": _variable(self._environ, f"{self._prefix}_CLIENT_ID"),
            "client_secret": self._environ.get(f"{self._prefix}_CLIENT_SECRET", ""),
            "refresh_token": refresh,
            "scope": self._environ.get(f"{self._prefix}_SCOPE", ""),
        }
        return {name: value for name, value in said.items() if value}


def _account(entry: str, number: int) -> Account:
    try:
        url = urlsplit(entry)
        host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 0)
    except ValueError:
        raise _wrong(number, "it is no URL") from None
    asked = dict(parse_qsl(url.query))
    ways = [way for way in ("password", "oauth2") if asked.get(way)]
    user = unquote(url.username or "")
    name = asked.get("name") or re.sub(r"[^a-z0-9]+", "-", user.partition("@")[0].lower()).strip("-")
    problems = {
        "it begins with neither imaps:// nor imap://": url.scheme not in _PORTS,
        "it names no host": not host,
        "it names no user": not user,
        "a password belongs into an environment variable": url.password is not None,
        "it needs one of ?password= and ?oauth2=": len(ways) != 1,
        "its name needs small letters, digits and hyphens": not _NAME.fullmatch(name),
    }
    for problem, found in problems.items():
        if found:
            raise _wrong(number, problem)
    return Account(
        name=name,
        host=host,
        port=port,
        tls="implicit" if url.scheme == "imaps" else "none" if is_loopback(host) else "starttls",
        user=user,
        folder=unquote(url.path.strip("/")) or "INBOX",
        sign_in="password" if ways == ["password"] else "oauth2",
        variable=asked[ways[0]],
    )


def _wrong(number: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"Mailbox {number} of RAPPORT_MAILBOXES: {problem}.", hint=_HINT)


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigurationError(f"{name} is not set.", hint="RAPPORT_MAILBOXES names it: set it for the worker.")
    return value
