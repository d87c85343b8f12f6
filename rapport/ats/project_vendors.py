"""The ATS of each connection in the project.yaml that is live, opened when it is first asked for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from rapport.dsl.project import AtsConnection
from rapport.errors import NotFound
from rapport.ports import AtsVendor

Connections: TypeAlias = Callable[[], Awaitable[Mapping[str, AtsConnection]]]
Opener: TypeAlias = Callable[[AtsConnection], AtsVendor]


class ProjectVendors:
    """Looks up the connection at each call, so that a published project holds at once."""

    def __init__(self, connections: Connections, opener: Opener) -> None:
        """`opener` makes the adapter of a connection; ConfigurationError when it is not set up."""
        self._connections, self._opener = connections, opener
        self._open: dict[str, tuple[AtsConnection, AtsVendor]] = {}

    async def of(self, connection: str) -> AtsVendor:
        """The ATS of a connection; one whose entry has changed is opened anew."""
        wanted = (await self._connections()).get(connection)
        if wanted is None:
            raise NotFound(kind="ATS connection", name=connection, hint="Add it below ats: in project.yaml.")
        known = self._open.get(connection)
        if known is not None and known[0] == wanted:
            return known[1]
        vendor = self._opener(wanted)
        self._open[connection] = wanted, vendor
        if known is not None:
            await known[1].close()
        return vendor

    async def close(self) -> None:
        """Close all connections."""
        opened, self._open = list(self._open.values()), {}
        for _, vendor in opened:
            await vendor.close()
