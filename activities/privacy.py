"""What erasures and the retention sweep do; both hand ids around, and nothing about anybody."""

from dataclasses import dataclass

from temporalio import activity

from activities.errors import failures_as_codes
from activities.heartbeat import alive
from rapport.ports import PrivacyDesk, SweepStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where the sweep of this name goes on: behind this id of a candidate. Optional fields only may be added."""

    behind: str
    sweep: str = ""


class PrivacyActivities:
    """The activities around people's rights, with one desk."""

    def __init__(self, desk: PrivacyDesk) -> None:
        """Take the desk that wiring built."""
        self._desk = desk

    @activity.defn(name="settle_erasure")
    async def settle_erasure(self, request: str) -> int:
        """Do what is left of an erasure; how many walks have still to end."""
        async with alive():
            with failures_as_codes():
                return await self._desk.settle_erasure(request)

    @activity.defn(name="sweep_page")
    async def sweep_page(self, page: Page) -> SweepStanding:
        """Judge the next people by the retention policy, and do what it asks for."""
        async with alive():
            with failures_as_codes():
                return await self._desk.sweep_page(page.behind, sweep=page.sweep)
