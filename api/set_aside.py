"""Clicks that the store could not take: one small file each, until it can. They may be late, and are not lost."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from api.fault import where
from rapport.crm.visit_verdict import Verdict
from rapport.errors import ConfigurationError, TemporaryFailure

_LOG = logging.getLogger(__name__)
FOLDER: Final = "clicks"
# What time or a repaired setting heals; anything else is a fault of ours, and would be one again.
STORE_IS_AWAY: Final = (TemporaryFailure, ConfigurationError)
# An hour's clicks of a large campaign, 4 MB; more than that, and somebody floods us with links of ours.
AT_MOST: Final = 10_000
_LOOK_EVERY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request for a link or a pixel of ours, seen `at` real time."""

    token: str = field(repr=False)  # it acts
    at: datetime
    verdict: Verdict
    agent: str = field(repr=False)
    method: str = "GET"
    preparing: str = ""
    network: str = field(default="", repr=False)


Take: TypeAlias = Callable[[Visit], Awaitable[None]]


class SetAside:
    """A folder of visits; the processes of one machine may share it, and whoever comes first hands them in."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before it is needed."""
        self._folder = folder

    async def put(self, visit: Visit) -> bool:
        """Keep a visit on disk; False, and a line in the log, when that is not possible.

        While it waits, a second one by the same link and the same kind of visitor is the same visit.
        """
        try:
            kept, reason = await asyncio.to_thread(self._keep, visit), "too many wait"
        except OSError as error:
            kept, reason = False, type(error).__name__
        if not kept:
            _LOG.error("Visit lost", extra={"action": "visit_lost", "reason": reason})
        return kept

    def waiting(self) -> Sequence[Path]:
        """What waits; visits that are made while we look may be missing."""
        return sorted(self._folder.glob("[!.]*.json"))

    async def hand_in(self, take: Take) -> int:
        """Hand in each visit; how many there were. What `take` raises while the store is away ends it."""
        files = await asyncio.to_thread(self.waiting)
        for file in files:
            await _hand_in(file, take)
        return len(files)

    async def keep_handing_in(self, take: Take) -> None:
        """Look again and again, until cancelled; a store that is still away is asked at the next look."""
        while True:
            try:
                handed = await self.hand_in(take)
            except (*STORE_IS_AWAY, OSError) as error:
                _LOG.info("Visits still wait", extra={"action": "visits_wait", "reason": type(error).__name__})
            else:
                if handed:
                    _LOG.info("Visits handed in", extra={"action": "visits_handed_in", "visits": handed})
            await asyncio.sleep(_LOOK_EVERY.total_seconds())

    def _keep(self, visit: Visit) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = hashlib.sha256(f"{visit.token} {visit.verdict}".encode()).hexdigest()[:32]
        place = self._folder / f"{name}.json"
        if place.exists():
            return True
        if len(self.waiting()) >= AT_MOST:
            return False
        unfinished = self._folder / f".{name}.{os.getpid()}"
        _write(unfinished, _text(visit))
        unfinished.replace(place)
        _sync(self._folder)
        return True


async def _hand_in(file: Path, take: Take) -> None:
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
        await take(_visit(text))
    except FileNotFoundError:  # another process was first
        return
    except STORE_IS_AWAY:
        raise
    except Exception as fault:  # noqa: BLE001  # it would be the same the next time, and the others must go on
        _LOG.error("Visit lost", extra={"action": "visit_lost", "reason": where(fault)})
    await asyncio.to_thread(file.unlink, missing_ok=True)


def _text(visit: Visit) -> str:
    return json.dumps({**asdict(visit), "at": visit.at.isoformat()})


def _visit(text: str) -> Visit:
    told = json.loads(text)
    return Visit(**{**told, "at": datetime.fromisoformat(told["at"])})


def _write(place: Path, text: str) -> None:
    """Write for good: a redirect tells the visitor that the click has counted."""
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
