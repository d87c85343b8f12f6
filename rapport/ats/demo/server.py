"""A small ATS for demos and tests: real HTTP on loopback, with a page to click on, signed webhooks, and bad days."""

import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rapport.ats.demo.page import page, press
from rapport.ats.demo.world import DemoWorld, Person, numbered, shown

SIGNATURE = "demo-signature"
_PER_PAGE = 50


@dataclass(slots=True)
class DemoAts(DemoWorld):
    """The demo ATS: fill `people`, read `log`, and queue `bad_answers` as (status, headers).

    With `webhook` and `secret`, `deliver` tells that address of what has changed.
    """

    log: list[tuple[str, str]] = field(default_factory=list)
    bad_answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    webhook: str = ""
    secret: str = field(default="", repr=False)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that wanted to change something."""
        return [entry for entry in self.log if entry[0] != "GET"]

    async def deliver(self) -> int:
        """Send what is due to the webhook, in order; how many deliveries were accepted. The rest stays due."""
        accepted = 0
        async with httpx.AsyncClient(trust_env=False) as client:
            while self.due and self.webhook:
                body = json.dumps(self.due[0]).encode()
                answer = await client.post(self.webhook, content=body, headers=signed(body, self.secret))
                if not answer.is_success:
                    break
                self.due.popleft()
                accepted += 1
        return accepted

    def app(self) -> ASGIApp:
        """The ASGI application."""
        person = "/candidates/{candidate}"
        routes = [
            Route("/", self._page),
            Route("/applications/{application}/{deed}", self._press, methods=["POST"]),
            Route("/candidates", self._search, methods=["GET", "POST"]),
            Route(person, self._read, methods=["GET", "PUT"]),
            Route(f"{person}/applications", self._applications),
            Route(f"{person}/tags", self._tags, methods=["GET", "POST"]),
            Route(f"{person}/tags/{{tag:path}}", self._untag, methods=["DELETE"]),
            Route(f"{person}/notes", self._notes, methods=["GET", "POST"]),
            Route(f"{person}/pools", self._pools),
            Route(f"{person}/pools/{{pool:path}}", self._to_pool, methods=["PUT"]),
            Route("/applications/{application}", self._application),
            Route("/jobs/{job}", self._job),
            Route("/changes", self._changes),
        ]
        return _Moody(Starlette(routes=routes), self)

    async def _page(self, request: Request) -> Response:  # noqa: ARG002  # one page
        return page(self)

    async def _press(self, request: Request) -> Response:
        answer = press(self, request.path_params["application"], request.path_params["deed"])
        await self.deliver()
        return answer

    async def _search(self, request: Request) -> Response:
        if request.method == "POST":
            person = f"p-{len(self.people) + 1}"
            self.add_person(person, **await request.json())
            return JSONResponse({"id": person}, status_code=201)
        wanted = request.query_params.get("email", "").lower()
        found = [shown(person, known) for person, known in self.people.items() if wanted in _addresses(known)]
        return JSONResponse(found)

    async def _read(self, request: Request) -> Response:
        candidate = request.path_params["candidate"]
        if request.method == "PUT":
            self.add_person(candidate, **await request.json())
        person = self.people.get(candidate)
        return _missing() if person is None else JSONResponse(shown(candidate, person))

    async def _applications(self, request: Request) -> Response:
        candidate = request.path_params["candidate"]
        person = self.people.get(candidate)
        return _missing() if person is None else JSONResponse(_filed(candidate, person))

    async def _application(self, request: Request) -> Response:
        number = request.path_params["application"]
        found = [row for person, known in self.people.items() for row in _filed(person, known) if row["id"] == number]
        return JSONResponse(found[0]) if found else _missing()

    async def _job(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["job"])
        return _missing() if job is None else JSONResponse(job)

    async def _changes(self, request: Request) -> Response:
        start = int(request.query_params.get("after", "0"))
        some = self.changed[start : start + _PER_PAGE]
        people = [shown(name, self.people[name]) for kind, name in some if kind != "job" and name in self.people]
        filed = [row for name, known in self.people.items() for row in _filed(name, known)]
        wanted = {name for kind, name in some if kind == "application"}
        end = start + len(some)
        return JSONResponse(
            {
                "people": people,
                "applications": [row for row in filed if row["id"] in wanted],
                "jobs": [self.jobs[name] for kind, name in some if kind == "job"],
                "next": end,
                "more": end < len(self.changed),
            }
        )

    async def _tags(self, request: Request) -> Response:
        person = self._known(request)
        if request.method == "POST":
            person.tags.append((await request.json())["tag"])
        return JSONResponse(person.tags)

    async def _untag(self, request: Request) -> Response:
        person = self._known(request)
        person.tags = [tag for tag in person.tags if tag != request.path_params["tag"]]
        return JSONResponse(person.tags)

    async def _notes(self, request: Request) -> Response:
        person = self._known(request)
        if request.method == "POST":
            person.notes.append(await request.json())
        return JSONResponse(person.notes)

    async def _pools(self, request: Request) -> Response:
        return JSONResponse(self._known(request).pools)

    async def _to_pool(self, request: Request) -> Response:
        person = self._known(request)
        person.pools = [request.path_params["pool"]]
        return JSONResponse(person.pools)

    def _known(self, request: Request) -> Person:
        """Writing makes a person known, so that a demo needs no preparation."""
        return self.people.setdefault(request.path_params["candidate"], Person())


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "content-type": "application/json",
        SIGNATURE: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


class _Moody:
    """Notes every request, and answers with what was queued instead."""

    def __init__(self, inner: ASGIApp, ats: DemoAts) -> None:
        self._inner, self._ats = inner, ats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._ats.log.append((scope["method"], scope["path"]))
            if self._ats.bad_answers:
                status, headers = self._ats.bad_answers.popleft()
                await JSONResponse({"error": status}, status_code=status, headers=headers)(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def _addresses(known: Person) -> list[str]:
    listed = known.fields.get("emails") or [known.fields.get("email")]
    return [email.lower() for email in listed if isinstance(email, str)]


def _filed(person: str, known: Person) -> list[dict[str, Any]]:
    return [{**row, "id": number, "person": person} for number, row in numbered(person, known)]


def _missing() -> Response:
    return JSONResponse({"error": "not found"}, status_code=404)
