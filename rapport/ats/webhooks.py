"""Calls to a company's own webhooks: signed after the Standard Webhooks rules, and only where they may lead."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import httpx

from rapport.ats.answers import checked
from rapport.ats.reachable import Place, place_of
from rapport.clock import Clock
from rapport.dsl.project import WebhookTarget
from rapport.errors import ConfigurationError, NotFound, TemporaryFailure

Targets: TypeAlias = Callable[[], Awaitable[Mapping[str, WebhookTarget]]]

_TIMEOUT = timedelta(seconds=15)
_PREFIX = "whsec_"


class HttpWebhooks:
    """A Webhooks that knows targets by name; addresses and secrets come from the environment, never from files.

    `allow_private` also lets calls into private networks: for development only.
    """

    def __init__(
        self, targets: Targets, *, environ: Mapping[str, str], clock: Clock, allow_private: bool = False
    ) -> None:
        """Connect with the first call."""
        self._targets, self._environ, self._clock = targets, environ, clock
        self._allow_private = allow_private
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT.total_seconds(), follow_redirects=False, trust_env=False, headers={"user-agent": "rapport"}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(self, target: str, data: Mapping[str, Any], *, key: str) -> None:
        """POST signed JSON; a second call has the same id, so that the receiver can drop it."""
        found = (await self._targets()).get(target)
        if found is None:
            raise NotFound(kind="webhook", name=target, hint="Add it below webhooks: in project.yaml.")
        who = f"The webhook {target}"
        place = await place_of(self._variable(target, found.url), who=who, allow_private=self._allow_private)
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "idempotency-key": key, "webhook-id": key}
        if found.secret is not None:
            headers |= signature(self._variable(target, found.secret), key=key, at=self._clock.now(), body=body)
        checked(await self._post(place, headers, body, who), who=who)

    async def _post(self, place: Place, headers: Mapping[str, str], body: bytes, who: str) -> httpx.Response:
        """Connect to the very address that was looked at: a name may lead somewhere else a moment later."""
        try:
            return await self._client.post(
                place.url,
                content=body,
                headers={**headers, "host": place.host},
                extensions={"sni_hostname": place.name},
            )
        except httpx.TransportError as error:
            raise TemporaryFailure(
                f"{who} cannot be reached ({type(error).__name__}).", hint="Look at its address and its logs."
            ) from error

    def _variable(self, target: str, name: str) -> str:
        value = self._environ.get(name, "")
        if not value:
            raise ConfigurationError(f"The webhook {target} needs {name}, which is not set.", hint=f"Set {name}.")
        return value


def signature(secret: str, *, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a call is ours: HMAC-SHA256 over `id.timestamp.body`."""
    timestamp = str(int(at.timestamp()))
    signed = hmac.digest(_key(secret), f"{key}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode('ascii')}",
    }


def _key(secret: str) -> bytes:
    """A secret as the standard writes it (`whsec_` and base64), or any other text as it is."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError as error:
        raise ConfigurationError(
            "The secret of a webhook begins with whsec_ and is not base64.", hint="Copy it again."
        ) from error
