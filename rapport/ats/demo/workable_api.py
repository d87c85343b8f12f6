"""Workable's API, version 3, in front of the demo ATS, as far as its documentation and recordings say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rapport.ats.demo import workable_rows
from rapport.ats.demo.guard import Endpoint, guarded, tree_in
from rapport.ats.demo.limits import Window
from rapport.ats.demo.logins import WORKABLE_MEMBER
from rapport.ats.demo.world import DemoWorld

_LEFT_OUT_OF_LISTS = ("tags", "disqualified_at", "withdrew", "location")


@dataclass(slots=True)
class WorkableApi:
    """Candidates, the talent pool, tags, comments and jobs; `window` is how often it may be called."""

    world: DemoWorld
    window: Window | None = None
    largest_page: int = 100

    def routes(self) -> list[Route]:
        """Where it answers, below its prefix."""
        one = "/spi/v3/candidates/{number}"
        return [
            Route("/spi/v3/candidates", self._behind(self._list)),
            Route("/spi/v3/talent_pool/candidates", self._behind(self._create), methods=["POST"]),
            Route(one, self._behind(self._one)),
            Route(f"{one}/tags", self._behind(self._tags), methods=["PUT"]),
            Route(f"{one}/comments", self._behind(self._comment), methods=["POST"]),
            Route(f"{one}/activities", self._behind(self._activities)),
            Route("/spi/v3/disqualification_reasons", self._behind(self._reasons)),
            Route("/spi/v3/jobs", self._behind(self._jobs)),
            Route("/spi/v3/jobs/{number}", self._behind(self._job)),
        ]

    def _behind(self, endpoint: Endpoint) -> Endpoint:
        wrong = JSONResponse({"error": "Validation failed"}, 422)
        inner = guarded(endpoint, refusal=self._refusal, wrong=wrong, missing=_missing())

        async def limited(request: Request) -> Response:
            answer = await inner(request)
            answer.headers.update(self.window.headers("x-rate-limit") if self.window else {})
            return answer

        return limited

    def _refusal(self, request: Request) -> Response | None:
        if self.window is not None and not self.window.admit():
            return JSONResponse({"error": "Rate limit exceeded"}, 429)
        if request.headers.get("authorization") != "Bearer demo-token":
            return JSONResponse({"error": "Not authorized"}, 401)
        return None

    async def _list(self, request: Request) -> Response:
        everybody = sorted(workable_rows.candidates(self.world), key=lambda row: str(row["id"]))
        found = [_short(row) for row in everybody if _matches(row, request.query_params)]
        return self._paged(request, "candidates", found)

    def _paged(self, request: Request, of: str, found: list[dict[str, Any]]) -> Response:
        query = request.query_params
        size = max(1, min(int(query.get("limit", 50)), self.largest_page))
        page: dict[str, Any] = {of: found[:size], "paging": {}}
        if len(found) > size:
            page["paging"]["next"] = str(request.url.include_query_params(since_id=found[size - 1]["id"]))
        return JSONResponse(page)

    async def _create(self, request: Request) -> Response:
        given = (await tree_in(request))["candidate"]
        fields = {"emails": [given["email"]], "first_name": given["firstname"], "last_name": given.get("lastname")}
        name = self.world.new_person(**fields)
        self.world.people[name].sourced = True
        self.world.tag(name, [str(tag) for tag in given.get("tags", [])])
        return JSONResponse({"status": "created", "candidate": {"id": name}}, 201)

    async def _one(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = [row for row in workable_rows.candidates(self.world) if row["id"] == number]
        return JSONResponse({"candidate": found[0]}) if found else _missing()

    async def _tags(self, request: Request) -> Response:
        name = workable_rows.person_of(self.world, request.path_params["number"])
        self.world.tag(name, [str(tag) for tag in (await tree_in(request))["tags"]])
        return JSONResponse({})

    async def _comment(self, request: Request) -> Response:
        name, body = workable_rows.person_of(self.world, request.path_params["number"]), await tree_in(request)
        if body.get("member_id") != WORKABLE_MEMBER:
            return JSONResponse({"error": "member_id is invalid"}, 422)
        notes = self.world.people[name].notes
        notes.append({"text": str(body["comment"]["body"])})
        return JSONResponse({"id": f"c{len(notes)}"}, 201)

    async def _activities(self, request: Request) -> Response:
        notes = self.world.people[workable_rows.person_of(self.world, request.path_params["number"])].notes
        made = [{"id": f"c{at}", "action": "comment", "body": note["text"]} for at, note in enumerate(notes, 1)]
        since = request.query_params.get("since_id")
        at = next((at for at, row in enumerate(made, 1) if row["id"] == since), 0)
        return self._paged(request, "activities", made[at:])

    async def _reasons(self, request: Request) -> Response:  # noqa: ARG002  # one list
        return JSONResponse(workable_rows.reasons(self.world))

    async def _jobs(self, request: Request) -> Response:
        every = sorted(workable_rows.jobs(self.world), key=lambda row: str(row["id"]))
        return self._paged(request, "jobs", [row for row in every if _matches(row, request.query_params)])

    async def _job(self, request: Request) -> Response:
        found = [row for row in workable_rows.jobs(self.world) if row["id"] == request.path_params["number"]]
        return JSONResponse(found[0]) if found else _missing()


def _matches(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    since = query.get("updated_after")
    if since is not None and datetime.fromisoformat(row["updated_at"]) < datetime.fromisoformat(since):
        return False
    if "email" in query and str(row.get("email")).lower() != query["email"].lower():
        return False
    return str(row["id"]) > query.get("since_id", "")


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _LEFT_OUT_OF_LISTS}


def _missing() -> Response:
    return JSONResponse({"error": "Not found"}, 404)
