"""Temporal as the API's pages need it: connected when first asked, and never the reason why the API does not start."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from rapport.errors import TemporaryFailure
from rapport.settings import Settings
from workflows.client import Walks
from workflows.connection import connect

_PATIENCE = timedelta(seconds=1)


class LiveWalks:
    """The running walks, for whoever looks at one."""

    def __init__(self, client: Client) -> None:
        """Share the connection."""
        self._client = client
        self._walks = Walks(client)

    @classmethod
    async def connect(cls, settings: Settings) -> "LiveWalks":
        """Prepare a connection; nobody needs to listen there yet."""
        return cls(await connect(address=settings.temporal_address, namespace=settings.temporal_namespace, lazy=True))

    async def ready(self) -> None:
        """Return when Temporal serves; raises what it says otherwise."""
        if not await self._client.service_client.check_health(timeout=_PATIENCE):
            raise TemporaryFailure("Temporal does not serve.", hint="Look at it with `rapport doctor`.")

    async def position(self, enrollment: str) -> Mapping[str, Any]:
        """Where a walk is now; empty when Temporal does not know it."""
        found = await self._walks.position(enrollment, patience=_PATIENCE)
        return {} if found is None else dataclasses.asdict(found)
