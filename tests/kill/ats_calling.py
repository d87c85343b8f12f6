"""A process that calls an ATS through the gate in its store; each line that it reads says where, and how often."""

import asyncio
import sys

from rapport.ats.answers import Throttled
from rapport.ats.demo.logins import LOGINS, PREFIXES
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.dsl.project import AtsConnection
from rapport.ports import AtsVendor
from rapport.store.ats_limits import StoreGate
from rapport.store.database import Store

VENDOR = "workable"


async def work(database: str, address: str) -> None:
    """Do what each line says, and answer how many calls were made and for how many seconds the next one has to wait."""
    store = Store.open(database)
    environ = {"LOGIN": LOGINS[VENDOR], "PLACE": address + PREFIXES[VENDOR]}
    registry = Registry(environ, gate=StoreGate(store, SystemClock()), clock=SystemClock())
    while line := await asyncio.to_thread(sys.stdin.readline):
        connection, times = line.split()
        vendor = registry.vendor_of(AtsConnection(key=connection, vendor=VENDOR, credentials="LOGIN", url="PLACE"))
        made, pause = await _called(vendor, int(times))
        sys.stdout.write(f"{made} {pause}\n")
        sys.stdout.flush()
        await vendor.close()
    await store.close()


async def _called(vendor: AtsVendor, times: int) -> tuple[int, int]:
    for made in range(times):
        try:
            await vendor.job("none")
        except Throttled as error:
            return made, round(error.pause.total_seconds()) if error.pause else 0
    return times, 0


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
