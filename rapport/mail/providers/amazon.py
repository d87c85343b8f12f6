"""Asking SNS's own servers: certificates, kept once they were fetched, and confirmations of subscriptions."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from rapport.errors import TemporaryFailure
from rapport.mail.providers.call import CallRefused
from rapport.mail.providers.proof import refused

_TIMEOUT = timedelta(seconds=5)
_LARGEST = 64 * 1024  # a certificate has 2 kB
_GONE = frozenset({400, 403, 404, 410})
_MOST_KEPT = 16  # SNS has one at a time for each region, and changes it once a year


class SnsServers:
    """Amazon over HTTPS; whoever calls has checked that an address is SNS's own."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Connect with the first question; `transport` is another way out, for tests."""
        self._transport = transport
        self._kept: dict[str, bytes] = {}
        # One at a time, so that a flood of calls becomes no flood of requests.
        self._asking = asyncio.Lock()

    async def certificate(self, url: str) -> bytes:
        """The certificate at this address; CallRefused when there is none, TemporaryFailure without an answer."""
        if url in self._kept:
            return self._kept[url]
        async with self._asking:
            if url not in self._kept:
                found = await self._get(url)
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[url] = found
            return self._kept[url]

    async def confirm(self, url: str) -> None:
        """Confirm a subscription; a second time changes nothing. TemporaryFailure when SNS does not answer."""
        async with self._asking:
            await self._get(url)

    async def _get(self, url: str) -> bytes:
        body = b""
        try:
            async with self._client() as client, client.stream("GET", url) as answer:
                answer.raise_for_status()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > _LARGEST:
                        raise refused("ses", "forged")
        except httpx.HTTPStatusError as error:
            raise _answered(url, error.response.status_code) from error
        except httpx.HTTPError as error:
            raise _away(url, type(error).__name__) from error
        return body

    def _client(self) -> httpx.AsyncClient:
        # A redirect would lead past the check of the address, and so would a proxy from the environment.
        return httpx.AsyncClient(
            timeout=_TIMEOUT.total_seconds(), follow_redirects=False, trust_env=False, transport=self._transport
        )


def _answered(url: str, status: int) -> CallRefused | TemporaryFailure:
    """What SNS's own server does not have was not named by SNS."""
    if status in _GONE:
        return refused("ses", "forged")
    return _away(url, f"it answers {status}")


def _away(url: str, what: str) -> TemporaryFailure:
    host = urlsplit(url).hostname
    return TemporaryFailure(f"{host} cannot be asked ({what}).", hint="Let this machine reach it over HTTPS.")
