"""iCIMS's API, as far as its public pages say: single records, and a search that answers with ids only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

CREDENTIALS = "12:anna:pass:word"
_FIELDS = {"person.email": "email", "applicantworkflow.person.id": "person"}


@dataclass(slots=True)
class FakeIcims:
    """Records by kind and id."""

    records: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"people": {}, "jobs": {}, "applicantworkflows": {}}
    )

    def add(self, kind: str, number: str, **fields: Any) -> str:
        """A new record; its id."""
        self.records[kind][number] = {"updateddate": "2026-03-02T09:00:00Z"} | fields
        return number

    def apply(self, number: str, person: str, status: str) -> str:
        """A workflow of a person."""
        profiles = {"associatedprofile": {"id": int(person)}, "baseprofile": {"id": 9, "value": "Backend Engineer"}}
        return self.add("applicantworkflows", number, person=person, status={"value": status}, **profiles)

    def person(self, email: str) -> str:
        """Somebody with an address."""
        return self.add("people", self._next("people"), firstname="Ana", lastname="Lima", email=email)

    def applies(self, person: str) -> str:
        """Somebody applies."""
        return self.apply(self._next("applicantworkflows"), person, "Phone Interview")

    def end(self, number: str, how: str, *, reason: str) -> None:
        """A recruiter ends it; iCIMS has but a word for both."""
        self.apply(number, self.records["applicantworkflows"][number]["person"], f"{how} - {reason}")

    def pages_of(self, size: int) -> None:
        """Nothing: a search answers with every id."""

    def _next(self, kind: str) -> str:
        return str(len(self.records[kind]) + 1)

    def app(self) -> ASGIApp:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/customers/12/search/{kind}", self._search),
                Route("/customers/12/{kind}/{number}", self._record),
            ]
        )

    async def _record(self, request: Request) -> Response:
        found = self.records[request.path_params["kind"]].get(request.path_params["number"])
        return JSONResponse(found) if found else JSONResponse({"errors": []}, 404)

    async def _search(self, request: Request) -> Response:
        filters = json.loads(request.query_params["searchJson"])["filters"]
        kept = self.records[request.path_params["kind"]].items()
        ids = sorted((number for number, row in kept if _matches(number, row, filters)), key=int)
        return JSONResponse({"searchResults": [{"id": number, "self": "LINK"} for number in ids]})


def _matches(number: str, row: Mapping[str, Any], filters: list[Mapping[str, Any]]) -> bool:
    for each in filters:
        name, value = each["name"], each["value"][0]
        if name in _FIELDS:
            if row.get(_FIELDS[name]) != value:
                return False
        elif name.endswith(".updateddate"):
            if row["updateddate"] < datetime.strptime(value, "%Y-%m-%d %I:%M %p").isoformat():  # noqa: DTZ007  # as text
                return False
        elif int(number) <= int(value):
            return False
    return True
