"""Lever's API, version 1, as far as its documentation and recordings say."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

CREDENTIALS = "lever-key@user-1"
_NOW = 1_772_442_000_000
_DATES = {
    "updated_at_start": ("updatedAt",),
    "created_at_start": ("createdAt",),
    "advanced_at_start": ("lastAdvancedAt",),
    "archived_at_start": ("archived", "archivedAt"),
}
_FILTERS = {"limit", "offset", "email", "contact_id", "expand", *_DATES}


@dataclass(slots=True)
class FakeLever:
    """Opportunities by their contacts; `now` moves by a second with each change."""

    opportunities: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    postings: list[dict[str, Any]] = field(default_factory=list)
    now: int = _NOW
    largest_page: int = 100

    def tick(self) -> int:
        """A second later."""
        self.now += 1000
        return self.now

    def opportunity(self, contact: str, **fields: Any) -> str:
        """A new opportunity; its id."""
        number = f"opp-{len(self.opportunities) + 1}"
        stamp = self.tick()
        plain: dict[str, Any] = {
            "id": number,
            "contact": contact,
            "name": "Ana Lima",
            "emails": [],
            "tags": [],
            "links": [],
            "sources": [],
            "stage": "lead-new",
            "origin": "sourced",
            "archived": None,
            "applications": [],
            "createdAt": stamp,
            "updatedAt": None,
            "lastAdvancedAt": stamp,
            "owner": None,
            "isAnonymized": False,
        }
        self.opportunities.append(plain | fields)
        return number

    def find(self, number: str) -> dict[str, Any]:
        """An opportunity."""
        return next(row for row in self.opportunities if row["id"] == number)

    def archive(self, number: str, reason: str) -> None:
        """Archive an opportunity."""
        self.find(number)["archived"] = {"reason": reason, "archivedAt": self.tick()}

    def person(self, email: str, **fields: Any) -> str:
        """A contact with one opportunity, and an older, archived one that nobody looks at."""
        contact = f"contact-{len(self.opportunities) + 1}"
        self.opportunity(contact, emails=[email], archived={"reason": "r-old", "archivedAt": self.now}, **fields)
        self.opportunity(contact, emails=[email], **fields)
        return contact

    def _theirs(self, contact: str) -> list[dict[str, Any]]:
        return [row for row in self.opportunities if row["contact"] == contact]

    def tags_of(self, person: str) -> list[str]:
        """All tags of a contact, pools among them."""
        return [tag for row in self._theirs(person) for tag in row["tags"] if not tag.startswith("pool:")]

    def pools_of(self, person: str) -> list[str]:
        """The pools, which are tags."""
        tags = [tag for row in self._theirs(person) for tag in row["tags"]]
        return [tag.removeprefix("pool: ") for tag in tags if tag.startswith("pool: ")]

    def notes_of(self, person: str) -> list[str]:
        """The texts of the notes."""
        return [note["fields"][0]["value"] for row in self._theirs(person) for note in self.notes.get(row["id"], [])]

    def people_with(self, email: str) -> list[str]:
        """The contacts with an address, once for each opportunity."""
        return [row["contact"] for row in self.opportunities if email in row["emails"]]

    def app(self) -> ASGIApp:
        """The ASGI application."""
        one = "/v1/opportunities/{number}"
        return Starlette(
            routes=[
                Route("/v1/opportunities", self._list, methods=["GET"]),
                Route("/v1/opportunities", self._create, methods=["POST"]),
                Route(one, self._one),
                Route(f"{one}/notes", self._notes, methods=["GET", "POST"]),
                Route(one + "/{how}", self._tag, methods=["POST"]),
                Route("/v1/contacts/{number}", self._nothing),
                Route("/v1/users/{number}", self._user),
                Route("/v1/archive_reasons", self._all_reasons),
                Route("/v1/stages", self._stages),
                Route("/v1/postings", self._all_postings),
                Route("/v1/postings/{number}", self._posting),
            ]
        )

    def _refusal(self, request: Request) -> Response | None:
        right = "Basic " + base64.b64encode(b"lever-key:").decode()
        if request.headers.get("authorization") != right:
            return JSONResponse({"code": "Unauthorized", "message": "Invalid key"}, 401)
        return None

    async def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        if set(query) - _FILTERS:
            return JSONResponse({"code": "BadRequest", "message": "unknown"}, 400)
        found = [row for row in reversed(self.opportunities) if _matches(row, query)]
        return self._refusal(request) or self._paged(found, query)

    def _paged(self, found: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Response:
        start = 0
        if "offset" in query:
            spelled = [quote(json.dumps([at, _NOW, "x"], separators=(",", ":"))) for at in range(len(found))]
            if query["offset"] not in spelled:
                return JSONResponse({"code": "BadRequest", "message": "offset"}, 400)
            start = spelled.index(query["offset"])
        end = start + min(int(query.get("limit", 100)), self.largest_page)
        page: dict[str, Any] = {"data": found[start:end], "hasNext": end < len(found)}
        if page["hasNext"]:
            page["next"] = quote(json.dumps([end, _NOW, "x"], separators=(",", ":")))
        return JSONResponse(page)

    async def _create(self, request: Request) -> Response:
        body = await request.json()
        if request.query_params.get("perform_as") != "user-1":
            return JSONResponse({"code": "BadRequest", "message": "perform_as"}, 400)
        known = next((row["contact"] for row in self.opportunities if set(body["emails"]) & set(row["emails"])), None)
        number = self.opportunity(known or f"contact-{len(self.opportunities) + 1}", **body)
        return JSONResponse({"deduped": known is not None, "data": {"id": number, "name": "", "emails": []}}, 201)

    async def _one(self, request: Request) -> Response:
        found = [row for row in self.opportunities if row["id"] == request.path_params["number"]]
        return JSONResponse({"data": found[0]}) if found else _missing()

    async def _notes(self, request: Request) -> Response:
        kept = self.notes.setdefault(request.path_params["number"], [])
        if request.method == "GET":
            return self._paged(kept, dict(request.query_params))
        if request.query_params.get("perform_as") != "user-1":
            return JSONResponse({"code": "BadRequest", "message": "perform_as"}, 400)
        value = (await request.json())["value"]
        kept.append({"id": str(self.tick()), "fields": [{"type": "note", "text": "Comment", "value": value}]})
        return JSONResponse({"data": kept[-1]}, 201)

    async def _tag(self, request: Request) -> Response:
        tags = (await request.json())["tags"]
        row = self.find(request.path_params["number"])
        adds = request.path_params["how"] == "addTags"
        row["tags"] = [*row["tags"], *tags] if adds else [tag for tag in row["tags"] if tag not in tags]
        return JSONResponse({"data": {}})

    async def _nothing(self, request: Request) -> Response:  # noqa: ARG002  # nobody is without an opportunity
        return _missing()

    async def _user(self, request: Request) -> Response:
        return JSONResponse({"data": {"id": request.path_params["number"], "email": "anna@acme.example"}})

    async def _all_reasons(self, request: Request) -> Response:
        return self._paged(self.reasons, dict(request.query_params))

    async def _stages(self, request: Request) -> Response:
        return self._paged([{"id": "s-1", "text": "On-site interview"}], dict(request.query_params))

    async def _all_postings(self, request: Request) -> Response:
        return self._paged(self.postings, dict(request.query_params))

    async def _posting(self, request: Request) -> Response:
        found = [row for row in self.postings if row["id"] == request.path_params["number"]]
        return JSONResponse({"data": found[0]}) if found else _missing()


def _matches(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    for key, path in _DATES.items():
        if key in query:
            value: Any = row
            for name in path:
                value = (value or {}).get(name)
            if value is None or value < int(query[key]):
                return False
    if "contact_id" in query and row["contact"] != query["contact_id"]:
        return False
    return "email" not in query or query["email"] in row["emails"]


def _missing() -> Response:
    return JSONResponse({"code": "ResourceNotFound", "message": "not found"}, 404)
