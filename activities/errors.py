"""The one place that says what a failure looks like in a history, and whether it is tried again.

Histories hold no personal data, and the text of an error may: a mail server's 550 echoes the address, a database
error the parameters. So a failure is a class name and a place in our code; causes and foreign texts stay out.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from rapport.errors import BadInput, ConfigurationError, NotFound, RapportError, Refused

log = logging.getLogger(__name__)

# A person has to change something first; ten minutes after that the walk goes on by itself.
_AFTER_REPAIR = timedelta(minutes=10)
_NEEDS_REPAIR = (ConfigurationError, NotFound, Refused, BadInput)
# Rows of walks are never deleted, also not by an erasure: what a walk looks for is in the store that it began in.
_OTHER_STORE = (
    "This database does not know the walk. Correct RAPPORT_DATABASE_URL and restart the worker: the walk goes on by "
    "itself. If the database was restored from an older backup, terminate the workflow."
)
_OURS = ("rapport", "activities")


@contextmanager
def failures_as_codes() -> Iterator[None]:
    """Let nothing out of an activity but failures that a history may hold."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # whatever escaped would be written into the history with its text
        failure = failure_of(error)
        frames = "".join(traceback.format_tb(error.__traceback__))  # lines of code, no values
        log.warning("%s\n%s", failure.message, frames, extra={"action": "activity_failed", "failure": failure.type})
        raise failure from None


def failure_of(error: Exception) -> ApplicationError:
    """The failure that stands for an error; none is final, for a repair, a release or the right database helps."""
    return ApplicationError(
        f"{_words(error)} at {_place(error)}",
        type=_kind(error),
        next_retry_delay=_AFTER_REPAIR if isinstance(error, _NEEDS_REPAIR) else None,
    )


def without_addresses(text: str) -> str:
    """The text with every word that may be an address left out; a last guard, not a license."""
    return " ".join("…" if "@" in word else word for word in text.split(" "))


def _kind(error: Exception) -> str:
    """The class of our tree for our own errors, so that policies can name it; else the foreign class."""
    if not isinstance(error, RapportError):
        return type(error).__name__
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__base__ in (RapportError, Exception))


def _words(error: Exception) -> str:
    """The class name, and of what the installation has to repair a text: that one speaks of settings, not of people."""
    name = type(error).__name__
    match error:
        case ConfigurationError():
            return f"{name}: {without_addresses(str(error))}"
        case NotFound(kind="enrollment"):
            return f"{name}: {_OTHER_STORE}"
        case NotFound(kind=kind):
            return f"{name}: {kind}"
        case _:
            return name


def _place(error: Exception) -> str:
    """Module and line where it came from, as deep in our own code as it goes."""
    places = [(str(frame.f_globals.get("__name__")), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [place for place in places if place[0].partition(".")[0] in _OURS]
    module, line = (ours or places or [("?", 0)])[-1]
    return f"{module}:{line}"
