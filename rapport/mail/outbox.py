"""A mailer for dry runs: every mail becomes an .eml file that any mail program opens."""

import asyncio
import hashlib
from pathlib import Path

from rapport.ports import Delivery


class Outbox:
    """A Mailer that writes into a folder and never reaches the network; the same mail again is the same file."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made with the first mail."""
        self._folder = folder

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Write the mail; its name says nothing about the person."""
        name = hashlib.sha256(b"\0".join([sender.encode(), recipient.encode(), raw])).hexdigest()[:24]
        await asyncio.to_thread(self._write, f"{name}.eml", raw)
        return Delivery(status="accepted", reason="written to the outbox")

    def _write(self, name: str, raw: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(raw)
