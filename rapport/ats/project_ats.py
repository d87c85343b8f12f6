"""The ATS that project.yaml names: one adapter per vendor, chosen when a step needs it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeAlias

from rapport.ats.http_ats import HttpAts
from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError
from rapport.ports import Ats

Connections: TypeAlias = Callable[[], Awaitable[Mapping[str, AtsConnection]]]

_DEMO = "demo"
_PREFERRED = "main"


class ProjectAts:
    """An Ats that looks up its connection at each call, so that a published project holds at once.

    `demo` is the address of the demo ATS, which stands in for every vendor; empty where there is none.
    """

    def __init__(
        self, connections: Connections, *, environ: Mapping[str, str], demo: str = "", others: Ats | None = None
    ) -> None:
        """Connect with the first call; `others` is asked where the connection's vendor is not `demo`."""
        self._connections, self._environ, self._demo, self._others = connections, environ, demo, others
        self._open: dict[str, HttpAts] = {}

    async def close(self) -> None:
        """Close all connections."""
        for ats in self._open.values():
            await ats.close()
        self._open.clear()

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """The application or person, from the ATS that is connected."""
        return await (await self._connected()).read(what, candidate=candidate)

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Write to the ATS that is connected."""
        await (await self._connected()).write(how, what, candidate=candidate, key=key, text=text)

    async def _connected(self) -> Ats:
        address = self._demo
        if not address:
            connection = _preferred(await self._connections())
            if connection.vendor != _DEMO and self._others is not None:
                return self._others
            address = self._address(connection)
        if address not in self._open:
            self._open[address] = HttpAts(address)
        return self._open[address]

    def _address(self, connection: AtsConnection) -> str:
        if connection.vendor != _DEMO:
            raise ConfigurationError(
                f"This release has no adapter for the ATS {connection.vendor!r}.",
                hint="Set RAPPORT_DEMO_ATS_URL to let the demo ATS stand in, or use vendor: demo.",
            )
        address = self._environ.get(connection.credentials, "")
        if not address:
            raise ConfigurationError(
                f"The ATS {connection.key} needs {connection.credentials}, which is not set.",
                hint=f"Set {connection.credentials} to its address.",
            )
        return address


def _preferred(connections: Mapping[str, AtsConnection]) -> AtsConnection:
    if not connections:
        raise ConfigurationError("No ATS is connected.", hint="Add one below ats: in project.yaml.")
    return connections.get(_PREFERRED) or next(iter(connections.values()))
