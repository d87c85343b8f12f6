"""What ops find in the log of a worker and of the API."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from cli.log_lines import log_as_lines

_ADA = "ada@people.test"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of a process, and afterwards the loggers as they were."""
    stream, ours = io.StringIO(), ("activities", "api", "cli", "rapport", "worker", "workflows")
    levels = {name: logging.getLogger(name).level for name in ours}
    handler = log_as_lines(stream)
    yield stream
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """The events, each of them one line."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_holds_the_word_and_the_ids_that_the_documents_name(log: io.StringIO) -> None:
    """Ops look for `visit_lost`, not for a sentence; a line break in a text makes no second line."""
    logging.getLogger("api.set_aside").error("Visit\nlost", extra={"action": "visit_lost", "reason": "OSError"})

    [line] = lines(log)

    assert ("Visit\nlost", "visit_lost", "OSError") == (line["message"], line["action"], line["reason"])
    assert {"at", "level", "logger", "message", "action", "reason"} == line.keys()
    assert ("error", "api.set_aside") == (line["level"], line["logger"])


def _refuse(address: str) -> None:
    message = f"550 no such user {address}"
    raise ValueError(message)


def test_the_words_of_an_exception_stay_out(log: io.StringIO) -> None:
    """A mail server repeats the address that it refuses; where it was in the code is enough to find it."""
    try:
        _refuse(_ADA)
    except ValueError:
        logging.getLogger("somebody.else").exception("Failed")

    [line] = lines(log)

    assert line["fault"].startswith("ValueError\n")
    assert "test_log_lines.py" in line["fault"]
    assert "_refuse" in line["fault"]
    assert "ada@" not in log.getvalue()


def test_others_are_heard_from_warnings_on(log: io.StringIO) -> None:
    """An HTTP client would name every path, and a path may hold an address."""
    logging.getLogger("httpx").info("GET /candidates?email=ada@people.test")
    logging.getLogger("worker.run").info("Worker started", extra={"action": "worker_started"})

    assert ["worker_started"] == [line["action"] for line in lines(log)]
