"""The log of a process that keeps running: one JSON object on a line for one event, with its ids."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Final, TextIO

_OURS: Final = ("activities", "api", "cli", "rapport", "worker", "workflows")
# What every record has; whatever else is on it was said by the one who logged.
_USUAL: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "color_message"})


class LogLines(logging.Formatter):
    """Writes `at`, `level`, `logger`, `message` and what was said beside it, such as `action`.

    Of an exception it keeps the kind and the lines of code: its words may hold an address.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info and record.exc_info[1]:
            fault = record.exc_info[1]
            frames = "".join(traceback.format_tb(fault.__traceback__))
            said["fault"] = f"{type(fault).__name__}\n{frames}"
        return json.dumps(said, ensure_ascii=False, default=str)


def log_as_lines(stream: TextIO) -> logging.Handler:
    """Log our own steps and the warnings of everybody else to a stream.

    Others say addresses at lower levels: an HTTP client names every path that it asks for.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogLines())
    logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    return handler
