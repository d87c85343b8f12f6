"""Workable's API, version 3, as far as its documentation and recordings say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

CREDENTIALS = "acme:workable-token@m1"
_LEFT_OUT_OF_LISTS = ("tags", "disqualified_at", "withdrew")


@dataclass(slots=True)
class FakeWorkable:
    """Candidates by id; `clock` moves by a second with each change."""

    candidates: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, list[str]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    clock: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    largest_page: int = 100

    def tick(self) -> str:
        """A second later."""
        self.clock += timedelta(seconds=1)
        return self.clock.isoformat()

    def person(self, email: str, **fields: Any) -> str:
        """A candidate for a job."""
        number = f"{len(self.candidates) + 0x2727:x}"
        stamp = self.tick()
        self.candidates[number] = {
            "id": number,
            "firstname": "Ana",
            "lastname": "Lima",
            "name": "Ana Lima",
            "email": email,
            "tags": [],
            "job": {"shortcode": "J1", "title": "Backend Engineer"},
            "stage": "Interview",
            "stage_kind": "interview",
            "disqualified": False,
            "withdrew": False,
            "disqualified_at": None,
            "disqualification_reason": None,
            "hired_at": None,
            "created_at": stamp,
            "updated_at": stamp,
        } | fields
        return number

    def change(self, number: str, **fields: Any) -> None:
        """Other fields of a candidate."""
        self.candidates[number] |= {**fields, "updated_at": self.tick()}

    def tags_of(self, person: str) -> list[str]:
        """The tags, pools among them."""
        return [tag for tag in self.candidates[person]["tags"] if not tag.startswith("pool:")]

    def pools_of(self, person: str) -> list[str]:
        """The pools, which are tags."""
        tags = self.candidates[person]["tags"]
        return [tag.removeprefix("pool: ") for tag in tags if tag.startswith("pool: ")]

    def notes_of(self, person: str) -> list[str]:
        """The comments."""
        return self.comments.get(person, [])

    def people_with(self, email: str) -> list[str]:
        """The candidates with an address."""
        return [number for number, row in self.candidates.items() if row["email"] == email]

    def app(self) -> ASGIApp:
        """The ASGI application."""
        one = "/spi/v3/candidates/{number}"
        return Starlette(
            routes=[
                Route("/spi/v3/candidates", self._list),
                Route("/spi/v3/talent_pool/candidates", self._create, methods=["POST"]),
                Route(one, self._one),
                Route(f"{one}/tags", self._tags, methods=["PUT"]),
                Route(f"{one}/comments", self._comment, methods=["POST"]),
                Route(f"{one}/activities", self._activities),
                Route("/spi/v3/disqualification_reasons", self._reasons),
                Route("/spi/v3/jobs", self._jobs),
                Route("/spi/v3/jobs/{number}", self._job),
            ]
        )

    async def _list(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer workable-token":
            return JSONResponse({"error": "Not authorized"}, 401)
        query = request.query_params
        found = [row for row in self.candidates.values() if _matches(row, query)]
        size = min(int(query.get("limit", 50)), self.largest_page)
        page: dict[str, Any] = {"candidates": [_short(row) for row in found[:size]]}
        if len(found) > size:
            kept = {key: value for key, value in query.items() if key != "since_id"}
            page["paging"] = {"next": str(request.url.replace_query_params(**kept, since_id=found[size - 1]["id"]))}
        return JSONResponse(page)

    async def _create(self, request: Request) -> Response:
        body = await request.json()
        number = self.person(body["candidate"].pop("email"), job=None, sourced=body["sourced"], **body["candidate"])
        return JSONResponse({"status": "created", "candidate": {"id": number}}, 201)

    async def _one(self, request: Request) -> Response:
        found = self.candidates.get(request.path_params["number"])
        return JSONResponse({"candidate": found}) if found else _missing()

    async def _tags(self, request: Request) -> Response:
        self.change(request.path_params["number"], tags=(await request.json())["tags"])
        return JSONResponse({})

    async def _comment(self, request: Request) -> Response:
        body = await request.json()
        if body.get("member_id") != "m1":
            return JSONResponse({"error": "member"}, 422)
        self.comments.setdefault(request.path_params["number"], []).append(body["comment"]["body"])
        return JSONResponse({"id": "c1"}, 201)

    async def _activities(self, request: Request) -> Response:
        made = self.comments.get(request.path_params["number"], [])
        return JSONResponse(
            {"activities": [{"id": str(at), "action": "comment", "body": x} for at, x in enumerate(made)]}
        )

    async def _reasons(self, request: Request) -> Response:  # noqa: ARG002  # one list
        return JSONResponse(self.reasons)

    async def _jobs(self, request: Request) -> Response:  # noqa: ARG002  # one page
        return JSONResponse({"jobs": list(self.jobs.values())})

    async def _job(self, request: Request) -> Response:
        found = self.jobs.get(request.path_params["number"])
        return JSONResponse(found) if found else _missing()


def _matches(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    if "updated_after" in query and datetime.fromisoformat(row["updated_at"]) < datetime.fromisoformat(
        query["updated_after"]
    ):
        return False
    return query.get("email", row["email"]) == row["email"] and str(row["id"]) > query.get("since_id", "")


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _LEFT_OUT_OF_LISTS}


def _missing() -> Response:
    return JSONResponse({"error": "Not found"}, 404)
