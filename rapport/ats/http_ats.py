"""The ATS of vendor `demo` over HTTP; what an adapter for a real one has to do, it does as well."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from rapport.ats.answers import NO_SUCH, Throttled, checked, json_of
from rapport.errors import BadInput, TemporaryFailure

# An ATS answers in a second or two; an activity has room for several calls.
_TIMEOUT = timedelta(seconds=15)
# One short pause is cheaper than a failed step; a longer one is a timer of the walk.
_WORTH_WAITING = timedelta(seconds=5)


class HttpAts:
    """An Ats at an HTTP address; it looks before it writes, so that a second call changes nothing.

    A user and password in the address become HTTP's basic authentication.
    """

    def __init__(self, address: str, *, timeout: timedelta = _TIMEOUT) -> None:
        """Connect with the first call."""
        self._client = httpx.AsyncClient(
            base_url=address, timeout=timeout.total_seconds(), follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        """Use it in a block that closes its connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """The person, or their latest application; empty when the ATS does not know it."""
        if what == "candidate":
            found = await self._get(_person(candidate))
            return found if isinstance(found, dict) else {}
        applications = await self._get(f"{_person(candidate)}/applications")
        latest = applications[0] if isinstance(applications, list) and applications else {}
        return latest if isinstance(latest, dict) else {}

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Add or remove a tag, add a note, move to a pool, unless that is so already."""
        person, name = _person(candidate), quote(what, safe="")
        request: tuple[str, str, Mapping[str, Any] | None]
        match how:
            case "add_tag":
                wanted, request = "tags", ("POST", f"{person}/tags", {"tag": what})
            case "remove_tag":
                wanted, request = "tags", ("DELETE", f"{person}/tags/{name}", None)
            case "add_note":
                wanted, request = "notes", ("POST", f"{person}/notes", {"text": text, "key": key})
            case "move_to_pool":
                wanted, request = "pools", ("PUT", f"{person}/pools/{name}", None)
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")
        there = await self._list(f"{person}/{wanted}")
        is_there = _holds_note(there, key) if how == "add_note" else what in there
        if is_there is (how == "remove_tag"):
            await self._send(*request, key=key)

    async def _list(self, path: str) -> list[Any]:
        found = await self._get(path)
        return found if isinstance(found, list) else []

    async def _get(self, path: str) -> Any:
        answer = await self._ask("GET", path)
        if answer.status_code == NO_SUCH:
            return None
        return json_of(checked(answer, who="The ATS"), who="The ATS")

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, *, key: str) -> None:
        checked(await self._ask(method, path, headers={"Idempotency-Key": key}, json=body), who="The ATS")

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, and a second one when the ATS asks for a short pause only."""
        answer = await self._request(method, path, **options)
        pause = Throttled.pause_of(answer)
        if pause is None or pause > _WORTH_WAITING:
            return answer
        await asyncio.sleep(pause.total_seconds())
        return await self._request(method, path, **options)

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise TemporaryFailure(
                f"The ATS cannot be reached ({type(error).__name__}).", hint="Look at its address and its status page."
            ) from error


def _person(candidate: str) -> str:
    return f"/candidates/{quote(candidate, safe='')}"


def _holds_note(notes: list[Any], key: str) -> bool:
    return any(isinstance(note, dict) and note.get("key") == key for note in notes)
