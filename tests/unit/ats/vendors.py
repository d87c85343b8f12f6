"""Each adapter in front of its vendor's fake, opened as the registry opens it."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from rapport.ats.demo.logins import LOGINS, PREFIXES
from rapport.ats.demo.serving import served
from rapport.ats.line import Line, Login, Site, Terms
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.crm.call_limits import CallLimits, LimitsSaid
from rapport.dsl.project import AtsConnection
from rapport.ports import AtsVendor, CallGate
from tests.ats_fakes.demo import Steered
from tests.ats_fakes.faults import Faulty
from tests.ats_fakes.icims import CREDENTIALS, FakeIcims

_HOOK = "HOOK"
_A_SHORT_WHILE = timedelta(milliseconds=300)
HOOK_KEY = "a webhook's secret"


class OpenGate:
    """A CallGate that lets everything go: what the limits do is tested on their own."""

    async def take(self, connection: str, limits: CallLimits) -> timedelta:  # noqa: ARG002  # nothing is counted
        """Now."""
        return timedelta(0)

    async def learn(self, connection: str, limits: CallLimits, said: LimitsSaid) -> None:
        """Nothing is kept."""


@dataclass(slots=True)
class Opened:
    """An adapter, the fake behind it, and what is put between them."""

    name: str
    vendor: AtsVendor
    fake: Any
    faults: Faulty

    def anew(self, script: Sequence[str]) -> None:
        """An empty ATS behind the same address and login, and what goes wrong there."""
        self.fake = EVERY[self.name][0]()
        self.faults.inner, self.faults.script = self.fake.app(), deque(script)


FAKES: Mapping[str, tuple[Callable[[], Any], str]] = {
    "demo": (Steered, ""),
    **{vendor: (partial(Steered, speaks=vendor), login) for vendor, login in LOGINS.items()},
}


# With those that are only read.
EVERY: Mapping[str, tuple[Callable[[], Any], str]] = {**FAKES, "icims": (FakeIcims, CREDENTIALS)}


class Hasty(Registry):
    """Opens adapters that give up an answer after so long as a test can wait."""

    def _line(self, connection: AtsConnection, site: Site, login: Login, terms: Terms) -> Line:
        gate = self._gate
        return Line(site, login=login, terms=terms, gate=gate, connection=connection.key, timeout=_A_SHORT_WHILE)


@asynccontextmanager
async def opened(
    vendor: str,
    *,
    gate: CallGate | None = None,
    fake: Any = None,
    login: str = "",
    by: type[Registry] = Registry,
) -> AsyncIterator[Opened]:
    """The fake on loopback, and the adapter that reaches it through faults that a test may script."""
    make, credentials = EVERY.get(vendor, (None, ""))
    fake = fake or (make() if make else None)
    faults = Faulty(fake.app())
    async with served(faults) as address:
        environ = {
            "LOGIN": login or credentials or address,
            "PLACE": address + PREFIXES.get(vendor, ""),
            "HOOK": HOOK_KEY,
        }
        connection = AtsConnection(key="main", vendor=vendor, credentials="LOGIN", webhook_secret=_HOOK, url="PLACE")
        registry = by(environ, gate=gate or OpenGate(), clock=SystemClock())
        adapter = registry.vendor_of(connection)
        try:
            yield Opened(vendor, adapter, fake, faults)
        finally:
            await adapter.close()
