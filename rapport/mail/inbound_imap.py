"""Reads one folder of an IMAP server, and leaves everything in it as it is: nothing is marked, moved or deleted."""

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import (  # type: ignore[import-untyped]  # it ships no types
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
)

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.mail.inbound_account import Account, Key, OAuth2Key
from rapport.mail.parsed import LARGEST_MAIL

_TIMEOUT = SocketTimeout(connect=10, read=60)
# Of a larger mail this much is taken: its headers, and more text than anybody looks at.
_FIRST_PART = 65_536
# Where the server does not tell us by itself: a reply is in the store within a minute all the same.
_POLL_EVERY = 20.0
_NAP = 1.0


class FetchFailed(Exception):
    """The server has the mail and cannot give it; it may give all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One mail as it came; `raw` is empty when it is gone by now."""

    uid: int
    raw: bytes = field(repr=False)
    received_at: datetime | None


class ImapFolder:
    """One folder, opened for looking only; every call may block, so that it belongs into a thread."""

    def __init__(self, account: Account, key: Key) -> None:
        """Connect, sign in and open the folder; ConfigurationError or TemporaryFailure when that does not work."""
        self._account = account
        self._idling = False
        secret = key()
        with self._in_our_words(), _forgotten_when_refused(key):
            self._client = self._connected()
            try:
                self._prepare(account)
                self._sign_in(secret)
                status: Any = self._client.select_folder(account.folder, readonly=True)
            except BaseException:
                self._client.shutdown()
                raise
        self.uidvalidity = int(status[b"UIDVALIDITY"])
        self.next_uid = int(status.get(b"UIDNEXT", 1))
        self._tells = b"IDLE" in self._client.capabilities()

    def newer_than(self, uid: int) -> Sequence[int]:
        """The UIDs above this one, in order; a server gives at least the last one for `n:*`."""
        return self._search(["UID", f"{uid + 1}:*"], above=uid)

    def received_since(self, at: datetime) -> Sequence[int]:
        """The UIDs of mails that came on this day or later, in order."""
        return self._search(["SINCE", at.astimezone(UTC).date()], above=0)

    def fetch(self, uid: int) -> Fetched:
        """Read one mail without marking it; of one beyond 10 MB the first 64 kB. FetchFailed if only this one fails."""
        with self._in_our_words():
            self._stop_idling()
            try:
                about = self._client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid, {})
                if not about:
                    return Fetched(uid=uid, raw=b"", received_at=None)
                small = int(about.get(b"RFC822.SIZE", 0)) <= LARGEST_MAIL
                what = "BODY.PEEK[]" if small else f"BODY.PEEK[]<0.{_FIRST_PART}>"
                found = self._client.fetch([uid], [what]).get(uid, {})
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise FetchFailed from error
        raw = next((value for name, value in found.items() if name.startswith(b"BODY[]")), b"") or b""
        return Fetched(uid=uid, raw=raw, received_at=_aware(about.get(b"INTERNALDATE")))

    def wait(self, seconds: float) -> bool:
        """Wait for news, as the server tells of them; True when it is time to look, after `seconds` at the latest."""
        if not self._tells:
            time.sleep(min(seconds, _NAP))
            return time.monotonic() - self._looked >= _POLL_EVERY
        with self._in_our_words():
            if not self._idling:
                self._client.idle()
                self._idling = True
            return bool(self._client.idle_check(timeout=seconds))

    def close(self) -> None:
        """Say goodbye; a server that does not answer any more gets none."""
        with suppress(IMAPClientError, OSError):
            self._stop_idling()
            self._client.logout()

    def _connected(self) -> IMAPClient:
        account = self._account
        context = ssl.create_default_context() if account.tls == "implicit" else None
        client = IMAPClient(
            account.host, account.port, ssl=account.tls == "implicit", ssl_context=context, timeout=_TIMEOUT
        )
        client.normalise_times = False  # else it gives local times without saying so
        return client

    def _prepare(self, account: Account) -> None:
        if account.tls == "starttls":
            self._client.starttls(ssl.create_default_context())

    def _sign_in(self, secret: str) -> None:
        if self._account.sign_in == "oauth2":
            self._client.oauth2_login(self._account.user, secret)
        else:
            self._client.login(self._account.user, secret)

    def _search(self, criteria: list[Any], *, above: int) -> Sequence[int]:
        with self._in_our_words():
            self._stop_idling()
            self._client.noop()
            self._looked = time.monotonic()
            return sorted(uid for uid in self._client.search(criteria) if uid > above)

    def _stop_idling(self) -> None:
        if self._idling:
            self._idling = False
            self._client.idle_done()

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """Errors that name settings and no person: what a server says may hold an address."""
        where = f"The mailbox {self._account.name!r}"
        try:
            yield
        except LoginError as error:
            raise ConfigurationError(
                f"{where} refuses our login.", hint=f"Correct RAPPORT_MAILBOXES or {self._account.variable}."
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise ConfigurationError(
                f"{where} shows a certificate that is not trusted.", hint="Use the name that is in its certificate."
            ) from error
        except (IMAPClientAbortError, OSError) as error:
            raise TemporaryFailure(
                f"{where} does not answer ({type(error).__name__}).", hint="It is asked again in a while."
            ) from error
        except IMAPClientError as error:
            raise TemporaryFailure(
                f"{where} refuses what we ask ({type(error).__name__}).", hint="Is the folder of that name there?"
            ) from error


@contextmanager
def _forgotten_when_refused(key: Key) -> Iterator[None]:
    """A token may end before its time; the next look asks for another one."""
    try:
        yield
    except LoginError:
        if isinstance(key, OAuth2Key):
            key.forget()
        raise


def _aware(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
