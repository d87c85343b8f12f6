"""The box: mails as files in a folder, the newest few thousand of them, there again after a restart."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

_KEPT = 2_000  # a demo sends some 300; beyond that a person looks no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What the list shows of a mail; `number` counts all mails of this box from 1."""

    number: int
    at: str
    sender: str
    recipient: str
    subject: str


class Box:
    """A folder of `.eml` files, each with its slip beside it."""

    def __init__(self, folder: Path, *, kept: int = _KEPT) -> None:
        """Open the box; the folder is made when there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._kept = folder, kept
        slips = [Slip(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.json")]
        self._slips = {slip.number: slip for slip in sorted(slips, key=lambda slip: slip.number)}
        self._last = max(self._slips, default=0)

    def slips(self, *, to: str = "") -> Sequence[Slip]:
        """The slips, the newest first; `to` narrows them to recipients that contain it."""
        wanted, there = to.lower(), {path.stem for path in self._folder.glob("*.eml")}
        slips = (slip for slip in reversed(self._slips.values()) if f"{slip.number:08d}" in there)
        return [slip for slip in slips if wanted in slip.recipient.lower()]

    def slip(self, number: int) -> Slip | None:
        """One slip; None when there is no such mail, or no longer."""
        slip = self._slips.get(number)
        # Erasing somebody drops their mails from the folder, in another process.
        return slip if slip is not None and self._path(number, "eml").exists() else None

    async def raw(self, number: int) -> bytes:
        """The bytes of a mail, as they came."""
        return await asyncio.to_thread(self._path(number, "eml").read_bytes)

    async def put(self, raw: bytes, *, recipient: str, sender: str, subject: str, at: datetime) -> Slip:
        """Keep a mail; it is on disk when this returns."""
        self._last += 1
        slip = Slip(number=self._last, at=at.isoformat(), sender=sender, recipient=recipient, subject=subject)
        await asyncio.to_thread(self._write, slip, raw)
        self._slips[slip.number] = slip
        await asyncio.to_thread(self._drop_oldest)
        return slip

    def _write(self, slip: Slip, raw: bytes) -> None:
        self._path(slip.number, "eml").write_bytes(raw)
        # Last, since a mail without a slip is not seen, while a slip without a mail would be broken.
        self._path(slip.number, "json").write_text(json.dumps(asdict(slip)), encoding="utf-8")

    def _drop_oldest(self) -> None:
        for number in list(self._slips)[: -self._kept]:
            del self._slips[number]
            self._path(number, "json").unlink(missing_ok=True)
            self._path(number, "eml").unlink(missing_ok=True)

    def _path(self, number: int, kind: str) -> Path:
        return self._folder / f"{number:08d}.{kind}"
