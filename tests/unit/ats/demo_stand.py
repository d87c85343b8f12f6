"""A demo ATS that stands in for every vendor, and whoever it tells."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapport.ats.demo.logins import LOGINS
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.dsl.project import AtsConnection
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import HOOK_KEY, OpenGate

VENDORS = ("demo", *LOGINS)


@dataclass(slots=True)
class Receiver:
    """Whoever is told by the ATS."""

    status: int = 200
    seen: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def app(self) -> Starlette:
        """The receiver."""
        return Starlette(routes=[Route("/in", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        if self.status == httpx.codes.OK:
            self.seen.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)


@dataclass(slots=True)
class Standing:
    """A demo ATS that stands in for every vendor, each with its own adapter."""

    ats: DemoAts
    address: str
    adapters: Mapping[str, AtsVendor]


@asynccontextmanager
async def standing(ats: DemoAts, **environ: str) -> AsyncIterator[Standing]:
    """Serve it, and open an adapter for each vendor as RAPPORT_DEMO_ATS_URL does."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(ats.app()))
        known = {"HOOK": HOOK_KEY, **environ}
        registry = Registry(known, gate=OpenGate(), clock=SystemClock(), demo=address)
        adapters = {vendor: registry.vendor_of(_connection(vendor)) for vendor in VENDORS}
        for adapter in adapters.values():
            stack.push_async_callback(adapter.close)
        yield Standing(ats, address, adapters)


def _connection(vendor: str) -> AtsConnection:
    return AtsConnection(key="main", vendor=vendor, credentials="OURS", webhook_secret="HOOK")  # noqa: S106
