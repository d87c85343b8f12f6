"""A login to Greenhouse: OAuth client credentials for a token that lasts for a while."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from rapport.ats.answers import checked, json_of
from rapport.ats.credentials import Credentials
from rapport.ats.line import Site, client_of, sent
from rapport.ats.reachable import place_of
from rapport.ats.told import moment
from rapport.clock import Clock
from rapport.errors import ConfigurationError

_WHO = "Greenhouse"
_NO_LOGIN = (400, 401, 403)
# A token that ends within a minute would end on the way.
_SPARE = timedelta(minutes=1)
# An hour is what such tokens last; asking a little too early costs one call.
_UNSAID = timedelta(minutes=30)
_LONGEST_SECONDS = 24 * 3600


class TokenLogin:
    """Bearer tokens, asked for when there is none, when one is about to end, and once when one is refused."""

    may_renew = True

    def __init__(self, credentials: Credentials, *, site: Site, clock: Clock) -> None:
        """Ask for nothing yet."""
        self._credentials, self._site, self._clock = credentials, site, clock
        self._token, self._until = "", clock.now()
        self._asking = asyncio.Lock()
        self._client = client_of()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def headers(self, *, anew: bool) -> Mapping[str, str]:
        """The token; ConfigurationError when Greenhouse does not accept our client."""
        seen = self._token
        async with self._asking:
            # Somebody else may have renewed it while we waited.
            if (anew and self._token == seen) or self._clock.now() >= self._until:
                self._token, self._until = await self._ask()
        return {"authorization": f"Bearer {self._token}"}

    async def _ask(self) -> tuple[str, datetime]:
        form = {"grant_type": "client_credentials"}
        if self._credentials.acting is not None:
            form["sub"] = self._credentials.acting
        url, headers, extensions = self._site.url, {"authorization": self._credentials.basic()}, {}
        if not self._site.is_ours:
            place = await place_of(url, who=_WHO, allow_private=self._site.allow_private)
            url, extensions = place.url, {"sni_hostname": place.name}
            headers["host"] = place.host
        request = self._client.build_request("POST", url, data=form, headers=headers, extensions=extensions)
        answer = await sent(self._client, request, who=_WHO)
        if answer.status_code in _NO_LOGIN:
            raise ConfigurationError(
                f"Greenhouse refuses our client ({answer.status_code}).",
                hint="Look at its id, its secret and the user it acts for, and make them anew if need be.",
            )
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> tuple[str, datetime]:
        tree = json_of(checked(answer, who=_WHO), who=_WHO)
        token = tree.get("access_token") if isinstance(tree, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ConfigurationError("Greenhouse answers without a token.", hint="Look at the address of its login.")
        seconds = tree.get("expires_in")
        lasts = timedelta(seconds=min(seconds, _LONGEST_SECONDS)) if isinstance(seconds, int) else _UNSAID
        until = moment(tree, "expires_at") or self._clock.now() + lasts
        return token, until - _SPARE
