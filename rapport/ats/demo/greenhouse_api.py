"""Greenhouse's Harvest API, version 3, in front of the demo ATS, as far as its documentation says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rapport.ats.demo.greenhouse_rows import table
from rapport.ats.demo.guard import Endpoint, form_in, guarded, tree_in
from rapport.ats.demo.limits import Window
from rapport.ats.demo.logins import basic
from rapport.ats.demo.world import DemoWorld

_IDS = {
    "ids": "id",
    "candidate_ids": "candidate_id",
    "application_ids": "application_id",
    "job_ids": "job_id",
    "job_post_ids": "job_post_id",
}
_FILTERS = {*_IDS, "email", "updated_at", "last_activity_at", "per_page"}
_MOST_IDS = 50
_VISIBILITIES = ("admin_only", "private", "public")
_ONE_HOUR = 3600


@dataclass(slots=True)
class GreenhouseApi:
    """Tokens, lists by cursor, and writes; `window` is how often it may be called, None for as often as one likes."""

    world: DemoWorld
    window: Window | None = None
    tokens: int = 0
    cursors: dict[str, tuple[str, dict[str, str], int]] = field(default_factory=dict)
    largest_page: int = 500

    def routes(self) -> list[Route]:
        """Where it answers, below its prefix."""
        return [
            Route("/token", self._open(self._token), methods=["POST"]),
            Route("/v3/{table}", self._behind(self._list), methods=["GET"]),
            Route("/v3/{table}", self._behind(self._create), methods=["POST"]),
            Route("/v3/candidates/{number:int}", self._behind(self._patch), methods=["PATCH"]),
            Route("/v3/applied_candidate_tags/{number:int}", self._behind(self._untag), methods=["DELETE"]),
        ]

    def _behind(self, endpoint: Endpoint) -> Endpoint:
        return guarded(endpoint, refusal=self._refusal, wrong=_wrong("Invalid body params"), missing=_missing())

    def _open(self, endpoint: Endpoint) -> Endpoint:
        return guarded(endpoint, refusal=lambda _: None, wrong=_wrong("Invalid"), missing=_missing())

    async def _token(self, request: Request) -> Response:
        if request.headers.get("authorization") != basic("demo-client", "demo-secret"):
            return JSONResponse({"error": "invalid_client"}, 401)
        if (await form_in(request)).get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unauthorized_client"}, 400)
        self.tokens += 1
        return JSONResponse({"access_token": f"t{self.tokens}", "expires_in": _ONE_HOUR})

    def _refusal(self, request: Request) -> Response | None:
        if self.window is not None and not self.window.admit():
            # Whoever waits until the window ends is not refused again.
            pause = {"retry-after": str(self.window.seconds)}
            return JSONResponse({"errors": ["Too many requests"]}, 429, {**self._limits(), **pause})
        if request.headers.get("authorization") not in {f"Bearer t{number + 1}" for number in range(self.tokens)}:
            return JSONResponse({"errors": ["Unauthorized"]}, 401)
        return None

    def _limits(self) -> dict[str, str]:
        return self.window.headers("x-ratelimit") if self.window else {}

    async def _list(self, request: Request) -> Response:
        query, name, start = dict(request.query_params), request.path_params["table"], 0
        if "cursor" in query:
            if len(query) > 1:
                return _wrong("When passing a cursor, do not include other query params.")
            if query["cursor"] not in self.cursors:
                return _wrong("Invalid cursor")
            name, query, start = self.cursors[query["cursor"]]
        unknown = set(query) - _FILTERS
        if unknown:
            return _wrong(f"Invalid query params: {', '.join(sorted(unknown))}")
        if any(len(query[key].split(",")) > _MOST_IDS for key in _IDS if key in query):
            return _wrong("Too many ids")
        try:
            everything = table(self.world, name)
        except KeyError:
            return _missing()
        rows = sorted((row for row in everything if _matches(row, query)), key=lambda row: -int(row["id"]))
        return self._page(name, query, start, rows)

    def _page(self, name: str, query: dict[str, str], start: int, rows: list[dict[str, Any]]) -> Response:
        end = start + max(1, min(int(query.get("per_page", 100)), self.largest_page))
        headers = self._limits()
        if end < len(rows):
            cursor = f"c{len(self.cursors)}"
            self.cursors[cursor] = (name, query, end)
            headers["link"] = f'<https://harvest.greenhouse.io/v3/{name}?cursor={cursor}>; rel="next"'
        return JSONResponse(rows[start:end], 200, headers)

    async def _create(self, request: Request) -> Response:
        makers: Mapping[str, Callable[[dict[str, Any]], Response]] = {
            "candidates": self._candidate,
            "applications": self._application,
            "candidate_tags": self._new_tag,
            "applied_candidate_tags": self._tag,
            "notes": self._note,
        }
        maker = makers.get(request.path_params["table"])
        return _missing() if maker is None else maker(await tree_in(request))

    def _candidate(self, body: dict[str, Any]) -> Response:
        application = body["application"]
        name = self.world.new_person(
            first_name=body["first_name"], last_name=body["last_name"], emails=_values(body["email_addresses"])
        )
        self.world.tag(name, [str(tag) for tag in body.get("tags", [])])
        self._filed(name, application)
        return JSONResponse({"candidate": {"id": self.world.number("person", name)}, "application": {}}, 201)

    def _application(self, body: dict[str, Any]) -> Response:
        self._filed(self.world.named("person", body["candidate_id"]), body)
        return JSONResponse({}, 201)

    def _filed(self, name: str, body: Mapping[str, Any]) -> None:
        person = self.world.people[name]
        if body.get("prospect") is not True:
            self.world.apply(name, self.world.named("job", body["job_id"]))
        elif body.get("prospect_pool_id") is not None:
            key = self.world.named("pool", body["prospect_pool_id"])
            person.pools += [pool for pool in self.world.pools if pool.casefold() == key and pool not in person.pools]
        else:
            person.sourced = True

    def _new_tag(self, body: dict[str, Any]) -> Response:
        name = str(body["name"])
        if name.lower() in [row["name"].lower() for row in table(self.world, "candidate_tags")]:
            return _wrong("Name has already been taken")
        self.world.tags.append(name)
        return JSONResponse({"id": self.world.number("tag", name)}, 201)

    def _tag(self, body: dict[str, Any]) -> Response:
        if set(body) != {"candidate_id", "candidate_tag_id"}:
            return _wrong("Invalid body params")
        name = self.world.named("person", body["candidate_id"])
        tag = self.world.named("tag", body["candidate_tag_id"])
        there = self.world.people[name].tags
        self.world.tag(name, [*there, *([] if tag in there else [tag])])
        return JSONResponse({"id": self.world.number("applied", f"{name}/{tag}")}, 201)

    def _note(self, body: dict[str, Any]) -> Response:
        if body.get("visibility") not in _VISIBILITIES or not body.get("user_id"):
            return _wrong("visibility is missing")
        name = self.world.named("person", body["candidate_id"])
        notes = self.world.people[name].notes
        notes.append({"text": str(body["body"])})
        return JSONResponse({"id": self.world.number("note", f"{name}/{len(notes) - 1}")}, 201)

    async def _patch(self, request: Request) -> Response:
        body = await tree_in(request)
        name = self.world.named("person", request.path_params["number"])
        fields: dict[str, Any] = {key: body[key] for key in ("first_name", "last_name") if key in body}
        if "email_addresses" in body:
            fields["emails"] = _values(body["email_addresses"])
        self.world.add_person(name, **fields)
        return Response(status_code=204)

    async def _untag(self, request: Request) -> Response:
        name, _, tag = self.world.named("applied", request.path_params["number"]).partition("/")
        self.world.tag(name, [each for each in self.world.people[name].tags if each != tag])
        return Response(status_code=204)


def _matches(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    for key, column in _IDS.items():
        if key in query and str(row.get(column)) not in query[key].split(","):
            return False
    for key in ("updated_at", "last_activity_at"):
        if key in query and datetime.fromisoformat(row[key]) < datetime.fromisoformat(query[key].removeprefix("gte|")):
            return False
    return "email" not in query or query["email"].lower() in [
        email.lower() for email in _values(row.get("email_addresses", []))
    ]


def _values(addresses: list[Mapping[str, str]]) -> list[str]:
    return [str(address["value"]) for address in addresses]


def _wrong(why: str) -> Response:
    return JSONResponse({"errors": [why]}, 422)


def _missing() -> Response:
    return JSONResponse({"errors": ["Not found"]}, 404)
