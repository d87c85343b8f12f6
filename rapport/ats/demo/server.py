"""The demo ATS: its own API and those of three vendors over real HTTP, with a page to click on, and signed webhooks."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rapport.ats.demo.courier import Courier, Hook
from rapport.ats.demo.deeds import applied, merged, press, removed
from rapport.ats.demo.greenhouse_api import GreenhouseApi
from rapport.ats.demo.guard import form_in
from rapport.ats.demo.kept import remember, text_of, write
from rapport.ats.demo.lever_api import LeverApi
from rapport.ats.demo.limits import Bucket, Window
from rapport.ats.demo.logins import PREFIXES
from rapport.ats.demo.page import page
from rapport.ats.demo.workable_api import WorkableApi
from rapport.ats.demo.world import DemoWorld, Person, numbered, shown

_PER_PAGE = 50
# What headers say where the demo has no limits: more than anybody calls.
_MANY = 100_000
_SEE_OTHER = 303


@dataclass(slots=True)
class DemoAts(DemoWorld):
    """The demo ATS: fill `people`, read `log`, and queue `bad_answers` as (status, headers).

    `deliver` tells each of `hooks` of what has changed, in the form of its vendor. With `limits_by`, a clock, the
    vendors' APIs have the limits that are documented.
    """

    log: list[tuple[str, str]] = field(default_factory=list)
    bad_answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    hooks: list[Hook] = field(default_factory=list)
    limits_by: Callable[[], datetime] | None = None
    file: Path | None = None
    greenhouse: GreenhouseApi = field(init=False)
    lever: LeverApi = field(init=False)
    workable: WorkableApi = field(init=False)
    courier: Courier = field(init=False)
    _kept: str = ""

    def __post_init__(self) -> None:
        """Open the vendors' APIs, with limits or with none that anybody meets."""
        self.courier = Courier(self, self.moment, hooks=self.hooks)
        now = self.limits_by
        many = Window(calls=_MANY, seconds=30, now=self.moment)
        self.greenhouse = GreenhouseApi(self, Window(calls=50, seconds=30, now=now) if now else many)
        self.lever = LeverApi(self, Bucket(burst=20, per_second=10, now=now) if now else None)
        self.workable = WorkableApi(self, Window(calls=10, seconds=10, now=now) if now else many)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that wanted to change something."""
        return [entry for entry in self.log if entry[0] != "GET"]

    async def deliver(self) -> int:
        """Send what is due to whoever is told of it; how many deliveries were accepted. The rest is tried again."""
        return await self.courier.deliver()

    def keep(self) -> None:
        """Write the world to its file, if it has one and is another world than before."""
        if self.file is None:
            return
        text = text_of(self, self.courier)
        if text != self._kept:
            write(text, self.file)
            self._kept = text

    def app(self) -> ASGIApp:
        """The ASGI application; what its file holds is remembered first."""
        if self.file is not None:
            remember(self, self.courier, self.file)
        routes = {
            "greenhouse": self.greenhouse.routes(),
            "lever": self.lever.routes(),
            "workable": self.workable.routes(),
        }
        vendors = [Mount(PREFIXES[vendor], routes=found) for vendor, found in routes.items()]
        return _Moody(FastAPI(routes=[*self._own_routes(), *vendors], openapi_url=None), self)

    def _own_routes(self) -> list[Route]:
        person = "/candidates/{candidate}"
        return [
            Route("/", self._page),
            Route("/apply", self._apply, methods=["POST"]),
            Route("/applications/{application}/{deed}", self._press, methods=["POST"]),
            Route("/people/{candidate}/{deed}", self._press_person, methods=["POST"]),
            Route("/deliveries", self._hurry, methods=["POST"]),
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

    async def _page(self, request: Request) -> Response:  # noqa: ARG002  # one page
        return page(self, self.courier.waiting)

    async def _press(self, request: Request) -> Response:
        named = request.path_params
        return await self._told(press(self, named["application"], named["deed"], await form_in(request)))

    async def _press_person(self, request: Request) -> Response:
        named = request.path_params
        match named["deed"]:
            case "delete":
                return await self._told(removed(self, named["candidate"]))
            case "merge":
                return await self._told(merged(self, named["candidate"], await form_in(request)))
            case _:
                return _missing()

    async def _apply(self, request: Request) -> Response:
        return await self._told(applied(self, await form_in(request)))

    async def _hurry(self, request: Request) -> Response:  # noqa: ARG002  # everything that waits
        await self.courier.deliver(at_once=True)
        return RedirectResponse("/", status_code=_SEE_OTHER)

    async def _told(self, answer: Response) -> Response:
        await self.deliver()
        return answer

    async def _search(self, request: Request) -> Response:
        if request.method == "POST":
            return JSONResponse({"id": self.new_person(**await request.json())}, status_code=201)
        wanted = request.query_params.get("email", "").lower()
        found = [
            shown(person, known)
            for person, known in self.people.items()
            if wanted in [each.lower() for each in known.emails]
        ]
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
            note = await request.json()
            # A key has one note: what was written by it before is replaced.
            person.notes = [*(each for each in person.notes if each.get("key") != note.get("key")), note]
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
        if scope["type"] == "http":
            self._ats.keep()


def _filed(person: str, known: Person) -> list[dict[str, Any]]:
    return [{**row, "id": number, "person": person} for number, row in numbered(person, known)]


def _missing() -> Response:
    return JSONResponse({"error": "not found"}, status_code=404)
