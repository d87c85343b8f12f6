"""The `PrivacyDesk` of a store."""

from pathlib import Path

from rapport.clock import Clock
from rapport.ports import SweepStanding
from rapport.store.database import Store
from rapport.usecases.erasing import Finishing
from rapport.usecases.retention_sweep import sweep_page


class StorePrivacyDesk:
    """Finishes erasures, and sweeps."""

    def __init__(self, store: Store, clock: Clock, *, pepper: bytes, inbox: Path | None = None) -> None:
        """Share the store; `pepper` is the key of the hashes that stay, `inbox` the folder of mails that are caught."""
        self._store, self._clock = store, clock
        self._finishing = Finishing(store=store, clock=clock, pepper=pepper, inbox=inbox)

    async def settle_erasure(self, request: str) -> int:
        """Do what is left of an erasure, as far as it can be done now; how many walks have still to end."""
        return await self._finishing.settle(request)

    async def sweep_page(self, behind: str, *, sweep: str) -> SweepStanding:
        """Judge the next people behind an id by the retention policy; a second time, nothing happens to them anew."""
        return await sweep_page(self._store, self._clock, behind, sweep=sweep)
