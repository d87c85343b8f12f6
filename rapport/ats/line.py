"""A line to one ATS: one request at a time through the gate, with a login that is fresh, and errors in our words."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import httpx

from rapport.ats.answers import EXPIRED, NO_SUCH, Throttled, checked, json_of
from rapport.ats.limits import said_by
from rapport.ats.reachable import place_of
from rapport.crm.call_limits import CallLimits
from rapport.errors import TemporaryFailure
from rapport.ports import CallGate

# An ATS answers in a second or two; an activity of two minutes has room for several calls.
_TIMEOUT = timedelta(seconds=15)
# A window of ten seconds is waited for; a longer pause is a timer of the walk.
_PATIENCE = timedelta(seconds=12)
# A page of 500 people with all of their fields is some megabytes.
_LARGEST_ANSWER = 32 * 1024 * 1024
# An answer that asks for a pause is not given for ever: the gate would have said so before.
_MOST_TURNS = 3


class Login(Protocol):
    """What proves to an ATS who we are."""

    async def headers(self, *, anew: bool) -> Mapping[str, str]:
        """The headers of a request; `anew` after the ATS has refused the last ones."""
        ...

    @property
    def may_renew(self) -> bool:
        """Whether asking anew can lead to something else."""
        ...


@dataclass(frozen=True, slots=True)
class FixedLogin:
    """A login that never changes, such as an API key."""

    values: Mapping[str, str] = field(repr=False)

    async def headers(self, *, anew: bool) -> Mapping[str, str]:  # noqa: ARG002  # there is no other
        """The same ones."""
        return self.values

    @property
    def may_renew(self) -> bool:
        """It cannot."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an ATS is. `is_ours`: the address is a vendor's own; another one is looked at before each call."""

    url: str
    is_ours: bool = True
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the vendor's: how often it may be called, and below which prefix its headers say so."""

    who: str
    limits: CallLimits
    prefix: str | None = None


class Line:
    """Requests to an ATS of one connection; `path` is below the site's address, or a whole address on it."""

    def __init__(
        self, site: Site, *, login: Login, terms: Terms, gate: CallGate, connection: str, timeout: timedelta = _TIMEOUT
    ) -> None:
        """Connect with the first call."""
        self.site, self.who, self.connection = site, terms.who, connection
        self._login, self._terms, self._gate = login, terms, gate
        self._client = client_of(timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON of an address; None when there is no such thing."""
        given = {key: value for key, value in query.items() if value is not None}
        # An empty query would take away the one that the address has.
        answer = await self.ask("GET", path, params=given or None)
        if answer.status_code == NO_SUCH:
            return None
        return json_of(checked(answer, who=self.who), who=self.who)

    async def write(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Change something, with an answer that says it was done; whether it was, only looking says."""
        return checked(await self.ask(method, path, json=body, params=query or None), who=self.who)

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Whatever the ATS answers; a login that has expired is renewed once."""
        answer = await self._paced(method, path, await self._login.headers(anew=False), options)
        if answer.status_code == EXPIRED and self._login.may_renew:
            answer = await self._paced(method, path, await self._login.headers(anew=True), options)
        return answer

    async def _paced(
        self, method: str, path: str, login: Mapping[str, str], options: Mapping[str, Any]
    ) -> httpx.Response:
        """Wait for the gate, ask, and tell the gate what the answer says; a refusal for being too fast is no answer."""
        left, pause = _PATIENCE, timedelta(0)
        for _ in range(_MOST_TURNS):
            left = await self._admitted(left)
            answer = await self._request(method, path, login, options)
            said = said_by(answer, self._terms.limits, prefix=self._terms.prefix)
            await self._gate.learn(self.connection, self._terms.limits, said)
            if said.pause is None:
                return answer
            pause = said.pause
            if pause > left:
                break
        raise Throttled(who=self.who, pause=pause)

    async def _admitted(self, left: timedelta) -> timedelta:
        """Wait until a call may go; how much patience is left."""
        while wait := await self._gate.take(self.connection, self._terms.limits):
            if wait > left:
                raise Throttled(who=self.who, pause=wait)
            await asyncio.sleep(wait.total_seconds())
            left -= wait
        return left

    async def _request(
        self, method: str, path: str, login: Mapping[str, str], options: Mapping[str, Any]
    ) -> httpx.Response:
        url = path if "://" in path else f"{self.site.url}{path}"
        headers, extensions = dict(login), {}
        if not self.site.is_ours:
            place = await place_of(url, who=self.who, allow_private=self.site.allow_private)
            url, extensions = place.url, {"sni_hostname": place.name}
            headers["host"] = place.host
        request = self._client.build_request(method, url, headers=headers, extensions=extensions, **options)
        return await sent(self._client, request, who=self.who)


def client_of(timeout: timedelta = _TIMEOUT) -> httpx.AsyncClient:
    """A client that follows nobody elsewhere and knows no proxies of the environment."""
    return httpx.AsyncClient(
        timeout=timeout.total_seconds(), follow_redirects=False, trust_env=False, headers={"user-agent": "rapport"}
    )


async def sent(client: httpx.AsyncClient, request: httpx.Request, *, who: str) -> httpx.Response:
    """The whole answer; TemporaryFailure when it does not come, ends too early or does not end."""
    try:
        answer = await client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_ANSWER:
                    raise TemporaryFailure(f"{who} answers without an end.", hint="Look at its address.")
        finally:
            await answer.aclose()
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise TemporaryFailure(
            f"{who} cannot be reached ({type(error).__name__}).", hint="Look at its address and its status page."
        ) from error
    # The body was decoded already: the headers that say how it was packed would unpack it twice.
    headers = [(key, value) for key, value in answer.headers.multi_items() if key not in _PACKING]
    return httpx.Response(answer.status_code, headers=headers, content=bytes(body), request=request)


_PACKING = ("content-encoding", "content-length", "transfer-encoding")
