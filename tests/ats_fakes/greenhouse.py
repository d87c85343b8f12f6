"""Greenhouse's Harvest API, version 3, as far as its documentation says."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.ats_fakes.windows import Window

CREDENTIALS = "client:s3cret@7"
_LISTS = (
    "candidates",
    "applications",
    "candidate_tags",
    "applied_candidate_tags",
    "notes",
    "rejection_reasons",
    "rejection_details",
    "prospect_pools",
    "prospect_details",
    "jobs",
    "users",
)
_FILTERS = {"ids", "candidate_ids", "application_ids", "email", "updated_at", "last_activity_at", "per_page"}
_MOST_IDS = 50
_ONE = re.compile(r"\d+")


@dataclass(slots=True)
class FakeGreenhouse:
    """Tables by their names; `clock` moves by a second with each change."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _LISTS})
    clock: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    tokens: int = 0
    window: Window | None = None
    cursors: dict[str, tuple[str, dict[str, str], int]] = field(default_factory=dict)
    largest_page: int = 500

    def add(self, table: str, **fields: Any) -> int:
        """A new row; its id."""
        self.clock += timedelta(seconds=1)
        number = 100 + sum(len(rows) for rows in self.tables.values())
        stamp = self.clock.isoformat()
        dates = {"created_at": stamp, "updated_at": stamp, "last_activity_at": stamp}
        self.tables[table].append({"id": number, **dates, **fields})
        return number

    def change(self, table: str, number: int, **fields: Any) -> None:
        """Other fields of a row."""
        self.clock += timedelta(seconds=1)
        stamp = self.clock.isoformat()
        self.row(table, number).update(fields, updated_at=stamp, last_activity_at=stamp)

    def row(self, table: str, number: int) -> dict[str, Any]:
        """A row."""
        return next(row for row in self.tables[table] if row["id"] == number)

    def person(self, email: str, **fields: Any) -> str:
        """A candidate with an address; the id as text."""
        addresses = [{"value": email, "type": "personal"}] if email else []
        return str(
            self.add(
                "candidates",
                **{"first_name": "Ana", "last_name": "Lima", "tags": []} | fields,
                email_addresses=addresses,
            )
        )

    def reason(self, text: str, key: str) -> int:
        """A rejection reason."""
        return self.add("rejection_reasons", name=text, type={"id": 1, "key": key, "name": key.title()})

    def apply(self, person: str, **fields: Any) -> int:
        """An application in process."""
        plain = {"status": "in_process", "prospect": False, "stage_name": "Onsite", "job_id": None, "rejected_at": None}
        return self.add("applications", candidate_id=int(person), **plain | fields)

    def reject(self, application: int, reason: int | None) -> None:
        """A rejection with its detail."""
        self.change("applications", application, status="rejected", rejected_at=self.clock.isoformat())
        self.add("rejection_details", application_id=application, rejection_reason_id=reason)

    def tags_of(self, person: str) -> list[str]:
        """The tags that are applied."""
        applied = [row for row in self.tables["applied_candidate_tags"] if row["candidate_id"] == int(person)]
        return [self.row("candidate_tags", row["candidate_tag_id"])["name"] for row in applied]

    def notes_of(self, person: str) -> list[str]:
        """The bodies of the notes."""
        return [row["body"] for row in self.tables["notes"] if row["candidate_id"] == int(person)]

    def pools_of(self, person: str) -> list[str]:
        """The pools that somebody is a prospect in."""
        theirs = {row["id"] for row in self.tables["applications"] if row["candidate_id"] == int(person)}
        details = [row for row in self.tables["prospect_details"] if row["application_id"] in theirs]
        return [self.row("prospect_pools", row["pool_id"])["name"] for row in details if row["pool_id"]]

    def people(self, email: str) -> list[dict[str, Any]]:
        """The candidates with an address."""
        return [row for row in self.tables["candidates"] if email in _addresses(row)]

    def app(self) -> ASGIApp:
        """The ASGI application."""
        one = "/v3/{table}/{number}"
        return Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/v3/{table}", self._list, methods=["GET"]),
                Route("/v3/{table}", self._create, methods=["POST"]),
                Route(one, self._patch, methods=["PATCH"]),
                Route(one, self._delete, methods=["DELETE"]),
            ]
        )

    async def _token(self, request: Request) -> Response:
        right = "Basic " + base64.b64encode(b"client:s3cret").decode()
        if request.headers.get("authorization") != right:
            return JSONResponse({"error": "invalid_client"}, 401)
        if (await request.form()).get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unauthorized_client"}, 400)
        self.tokens += 1
        return JSONResponse({"access_token": f"t{self.tokens}", "expires_at": "2099-01-01T00:00:00Z"})

    def _refusal(self, request: Request) -> Response | None:
        if self.window is not None and not self.window.admit():
            return JSONResponse({"errors": ["Too many requests"]}, 429, {**self._limits(), "retry-after": "30"})
        if request.headers.get("authorization") not in [f"Bearer t{number + 1}" for number in range(self.tokens)]:
            return JSONResponse({"errors": ["Unauthorized"]}, 401)
        return None if request.path_params["table"] in self.tables else JSONResponse({"errors": ["Not found"]}, 404)

    def _limits(self) -> dict[str, str]:
        if self.window is None:
            return {}
        return {
            "x-ratelimit-limit": str(self.window.calls),
            "x-ratelimit-remaining": str(self.window.left),
            "x-ratelimit-reset": str(self.window.ends_at),
        }

    async def _list(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        query = dict(request.query_params)
        table, start = request.path_params["table"], 0
        if "cursor" in query:
            if len(query) > 1:
                return _wrong("When passing a cursor, do not include other query params.")
            if query["cursor"] not in self.cursors:
                return _wrong("Invalid cursor")
            table, query, start = self.cursors[query["cursor"]]
        unknown = set(query) - _FILTERS
        if unknown:
            return _wrong(f"Invalid query params: {', '.join(sorted(unknown))}")
        if any(len(query[key].split(",")) > _MOST_IDS for key in ("ids", "candidate_ids") if key in query):
            return _wrong("Too many ids")
        rows = sorted((row for row in self.tables[table] if _matches(row, query)), key=lambda row: -row["id"])
        size = min(int(query.get("per_page", 100)), self.largest_page)
        headers = self._limits()
        if start + size < len(rows):
            cursor = f"c{len(self.cursors)}"
            self.cursors[cursor] = (table, query, start + size)
            headers["link"] = f'<https://harvest.greenhouse.io/v3/{table}?cursor={cursor}>; rel="next"'
        return JSONResponse(rows[start : start + size], 200, headers)

    async def _create(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        return self._made(request.path_params["table"], await request.json())

    def _made(self, table: str, body: dict[str, Any]) -> Response:
        makers: Mapping[str, Callable[[dict[str, Any]], Response]] = {
            "candidates": self._make_candidate,
            "applications": self._make_application,
            "candidate_tags": self._make_tag,
            "applied_candidate_tags": self._apply_tag,
            "notes": self._make_note,
        }
        return makers[table](body)

    def _make_candidate(self, body: dict[str, Any]) -> Response:
        application = body.pop("application")
        number = self.add("candidates", **body)
        self._prospect(number, application)
        return JSONResponse({"candidate": {"id": number}, "application": {}}, 201)

    def _make_application(self, body: dict[str, Any]) -> Response:
        self._prospect(body.pop("candidate_id"), body)
        return JSONResponse({}, 201)

    def _prospect(self, candidate: int, body: Mapping[str, Any]) -> None:
        application = self.apply(str(candidate), prospect=body.get("prospect", False), stage_name=None)
        self.add("prospect_details", application_id=application, pool_id=body.get("prospect_pool_id"))

    def _make_tag(self, body: dict[str, Any]) -> Response:
        if body["name"].lower() in [row["name"].lower() for row in self.tables["candidate_tags"]]:
            return _wrong("Name has already been taken")
        return JSONResponse({"id": self.add("candidate_tags", name=body["name"])}, 201)

    def _apply_tag(self, body: dict[str, Any]) -> Response:
        if set(body) != {"candidate_id", "candidate_tag_id"}:
            return _wrong("Invalid body params")
        return JSONResponse({"id": self.add("applied_candidate_tags", **body)}, 201)

    def _make_note(self, body: dict[str, Any]) -> Response:
        if body.get("visibility") not in ("admin_only", "private", "public") or not body.get("user_id"):
            return _wrong("visibility is missing")
        return JSONResponse({"id": self.add("notes", **body)}, 201)

    async def _patch(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is None:
            self.change(request.path_params["table"], int(request.path_params["number"]), **await request.json())
        return refusal or Response(status_code=204)

    async def _delete(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is None:
            table, number = request.path_params["table"], int(request.path_params["number"])
            self.tables[table] = [row for row in self.tables[table] if row["id"] != number]
        return refusal or Response(status_code=204)


def _matches(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    ids = {"ids": "id", "candidate_ids": "candidate_id", "application_ids": "application_id"}
    for key, column in ids.items():
        if key in query and str(row.get(column)) not in query[key].split(","):
            return False
    for key in ("updated_at", "last_activity_at"):
        if key in query and datetime.fromisoformat(row[key]) < datetime.fromisoformat(query[key].removeprefix("gte|")):
            return False
    return "email" not in query or query["email"] in _addresses(row)


def _addresses(row: Mapping[str, Any]) -> list[str]:
    return [address["value"] for address in row.get("email_addresses", [])]


def _wrong(why: str) -> Response:
    return JSONResponse({"errors": [why]}, 422)
