"""Which errors of a database mean "try again later": the one place that decides, for every door and every process."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from rapport.errors import ConfigurationError, RapportError, TemporaryFailure
from rapport.store.writing import PATIENCE_SECONDS

Cause: TypeAlias = Literal["busy", "away", "full", "unreadable", "read-only", "broken"]

_PAUSE = timedelta(seconds=PATIENCE_SECONDS)
_WORDS: Final[Mapping[Cause, str]] = {
    "busy": f"The store is busy: it had no turn for us within {PATIENCE_SECONDS} s.",
    "away": "The store does not answer.",
    "full": "The store cannot be written: its disk is full.",
    "unreadable": "The store's file cannot be opened.",
    "read-only": "The store cannot be written: it takes reads only.",
    "broken": "The store's disk does not work.",
}
# https://www.sqlite.org/rescode.html; the low byte is the primary code. PROTOCOL is a lock as well, that of the WAL.
_SQLITE: Final[Mapping[int, Cause]] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "unreadable",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "broken",
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html; a code that begins so.
_POSTGRES: Final[Mapping[str, Cause]] = {
    "55P03": "busy",  # the lock timeout of a writer that waits for its turn
    "57014": "busy",  # a statement timeout
    "25P03": "busy",  # an idle transaction was ended
    "40": "busy",  # rolled back for the sake of another one
    "53100": "full",
    "25006": "read-only",  # after a failover, the server that used to be the first
    "08": "away",  # no connection
    "53": "away",  # no memory, or too many connections
    "57P": "away",  # shut down, crashed, or starting
    "58": "broken",
}
_REFUSED_LOGIN = ("28", "3D")  # credentials, and the name of the database


class StoreAway(TemporaryFailure):
    """The store is busy or away; nothing is known to have been changed, and the same call may work later."""

    def __init__(self, cause: Cause) -> None:
        """Say what is the matter, without a word of the database's own."""
        self.cause = cause
        hint = "Try again in a few seconds"
        more = "." if cause == "busy" else "; if that does not help, `rapport doctor` says what is wrong."
        super().__init__(_WORDS[cause], hint=hint + more, pause=_PAUSE)


@contextmanager
def in_our_words(*, connecting: bool = False) -> Iterator[None]:
    """Raise StoreAway for what passes by itself or by repair of the machine; whatever else is raised stays as it is.

    While `connecting`, every error of the operating system is one of the way to the database.
    """
    try:
        yield
    except RapportError:
        raise
    except Exception as error:
        ours = _ours(error, connecting=connecting)
        if ours is None:
            raise
        raise ours from error


def _ours(error: Exception, *, connecting: bool) -> RapportError | None:
    codes = list(_codes(error))
    for code in codes:
        if isinstance(code, str) and code.startswith(_REFUSED_LOGIN):
            return ConfigurationError("The database refuses us.", hint="Correct RAPPORT_DATABASE_URL.")
        cause = _cause(code)
        if cause is not None:
            return StoreAway(cause)
    if isinstance(error, NoFreeConnection):
        return StoreAway("busy")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return StoreAway("away") if lost or isinstance(error, OSError if connecting else ConnectionError) else None


def _codes(error: BaseException | None) -> Iterator[int | str]:
    """What the drivers say: a wrapped error has the driver's as `orig`, and that one its own as cause."""
    while error is not None:
        for name in ("sqlite_errorcode", "sqlstate"):
            code = getattr(error, name, None)
            if code is not None:
                yield code
        error = getattr(error, "orig", None) or error.__cause__


def _cause(code: int | str) -> Cause | None:
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)
    return next((cause for start, cause in _POSTGRES.items() if code.startswith(start)), None)
