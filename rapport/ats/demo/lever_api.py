"""Lever's API, version 1, in front of the demo ATS, as far as its documentation and recordings say."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rapport.ats.demo import lever_rows
from rapport.ats.demo.guard import Endpoint, guarded, tree_in
from rapport.ats.demo.limits import Bucket
from rapport.ats.demo.logins import LEVER_USER, basic
from rapport.ats.demo.world import DemoWorld

_DATES = {
    "updated_at_start": ("updatedAt",),
    "created_at_start": ("createdAt",),
    "advanced_at_start": ("lastAdvancedAt",),
    "archived_at_start": ("archived", "archivedAt"),
}
_FILTERS = {"limit", "offset", "email", "contact_id", "expand", *_DATES}


@dataclass(slots=True)
class LeverApi:
    """Opportunities, their tags and notes, postings and lists; `bucket` is how often it may be called."""

    world: DemoWorld
    bucket: Bucket | None = None
    largest_page: int = 100

    def routes(self) -> list[Route]:
        """Where it answers, below its prefix."""
        one = "/v1/opportunities/{number}"
        return [
            Route("/v1/opportunities", self._behind(self._list), methods=["GET"]),
            Route("/v1/opportunities", self._behind(self._create), methods=["POST"]),
            Route("/v1/opportunities/deleted", self._behind(self._deleted), methods=["GET"]),
            Route(one, self._one(lever_rows.opportunities), methods=["GET"]),
            Route(f"{one}/notes", self._behind(self._notes), methods=["GET"]),
            Route(f"{one}/notes", self._behind(self._note), methods=["POST"]),
            Route(f"{one}/notes/{{note}}", self._behind(self._unnote), methods=["DELETE"]),
            Route(f"{one}/addTags", self._behind(self._add_tags), methods=["POST"]),
            Route(f"{one}/removeTags", self._behind(self._remove_tags), methods=["POST"]),
            # Whoever is here has an opportunity, and is read by it.
            Route("/v1/contacts/{number}", self._one(lambda _: [])),
            Route("/v1/users/{number}", self._one(lever_rows.users)),
            Route("/v1/postings/{number}", self._one(lever_rows.postings)),
            Route("/v1/postings", self._all(lever_rows.postings)),
            Route("/v1/archive_reasons", self._all(lever_rows.reasons)),
            Route("/v1/stages", self._all(lever_rows.stages)),
        ]

    def _behind(self, endpoint: Endpoint) -> Endpoint:
        return guarded(endpoint, refusal=self._refusal, wrong=_wrong("Invalid request"), missing=_missing())

    def _refusal(self, request: Request) -> Response | None:
        if self.bucket is not None and not self.bucket.admit():
            return JSONResponse({"code": "TooManyRequests", "message": "Too many requests"}, 429)
        if request.headers.get("authorization") != basic("demo-key", ""):
            return JSONResponse({"code": "Unauthorized", "message": "Invalid key"}, 401)
        return None

    def _all(self, rows: Callable[[DemoWorld], list[dict[str, Any]]]) -> Endpoint:
        async def answer(request: Request) -> Response:
            query = dict(request.query_params)
            return self._paged([row for row in rows(self.world) if _matches(row, query)], query)

        return self._behind(answer)

    def _one(self, rows: Callable[[DemoWorld], list[dict[str, Any]]]) -> Endpoint:
        async def answer(request: Request) -> Response:
            found = [row for row in rows(self.world) if row["id"] == request.path_params["number"]]
            return JSONResponse({"data": found[0]}) if found else _missing()

        return self._behind(answer)

    async def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        if set(query) - _FILTERS:
            return _wrong("Unknown parameter")
        newest = sorted(lever_rows.opportunities(self.world), key=lambda row: -int(row["createdAt"]))
        return self._paged([row for row in newest if _matches(row, query)], query)

    async def _deleted(self, request: Request) -> Response:
        query = dict(request.query_params)
        if "deleted_at_start" not in query:
            return _wrong("deleted_at_start is required")
        since = int(query["deleted_at_start"])
        found = [{"id": number, "deletedAt": at} for number, at in lever_rows.deleted(self.world) if at >= since]
        return self._paged(found, query)

    def _paged(self, found: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Response:
        start = 0
        if "offset" in query:
            spelled = [_offset(at) for at in range(len(found))]
            if query["offset"] not in spelled:
                return _wrong("Invalid offset")
            start = spelled.index(query["offset"])
        end = start + max(1, min(int(query.get("limit", 100)), self.largest_page))
        page: dict[str, Any] = {"data": found[start:end], "hasNext": end < len(found)}
        return JSONResponse(page | ({"next": _offset(end)} if page["hasNext"] else {}))

    async def _create(self, request: Request) -> Response:
        body = await tree_in(request)
        if request.query_params.get("perform_as") != LEVER_USER:
            return _wrong("perform_as")
        emails = [str(email) for email in body["emails"]]
        known = [name for name, person in self.world.present() if set(emails) & set(person.emails)]
        first, _, last = str(body["name"]).partition(" ")
        fields = {"emails": emails, "first_name": first, "last_name": last, "source": next(iter(body["sources"]), None)}
        name = known[0] if known else self.world.new_person(**fields)
        person = self.world.people[name]
        person.sourced = True
        self.world.tag(name, [*person.tags, *(tag for tag in body.get("tags", []) if tag not in person.tags)])
        # The answer leaves out what was just told.
        return JSONResponse({"deduped": bool(known), "data": {"id": f"lead-{name}", "name": "", "emails": []}}, 201)

    async def _notes(self, request: Request) -> Response:
        name = lever_rows.person_of(self.world, request.path_params["number"])
        kept = [_note(at, note) for at, note in enumerate(self.world.people[name].notes)]
        return self._paged(kept, dict(request.query_params))

    async def _note(self, request: Request) -> Response:
        if request.query_params.get("perform_as") != LEVER_USER:
            return _wrong("perform_as")
        notes = self.world.people[lever_rows.person_of(self.world, request.path_params["number"])].notes
        # As many names as there are is a name that nothing has yet.
        number = f"n-{self.world.number('note', str(len(self.world.names)))}"
        notes.append({"id": number, "text": str((await tree_in(request))["value"])})
        return JSONResponse({"data": _note(len(notes) - 1, notes[-1])}, 201)

    async def _unnote(self, request: Request) -> Response:
        person = self.world.people[lever_rows.person_of(self.world, request.path_params["number"])]
        kept = [note for at, note in enumerate(person.notes) if _note(at, note)["id"] != request.path_params["note"]]
        if len(kept) == len(person.notes):
            return _missing()
        person.notes = kept
        return Response(status_code=204)

    async def _add_tags(self, request: Request) -> Response:
        name = lever_rows.person_of(self.world, request.path_params["number"])
        there, given = self.world.people[name].tags, (await tree_in(request))["tags"]
        self.world.tag(name, [*there, *(tag for tag in given if tag not in there)])
        return JSONResponse({"data": {}})

    async def _remove_tags(self, request: Request) -> Response:
        name = lever_rows.person_of(self.world, request.path_params["number"])
        given = (await tree_in(request))["tags"]
        self.world.tag(name, [tag for tag in self.world.people[name].tags if tag not in given])
        return JSONResponse({"data": {}})


def _note(at: int, note: Mapping[str, str]) -> dict[str, Any]:
    """A note; one that came by another door is numbered by its place."""
    fields = [{"type": "note", "text": "Comment", "value": note.get("text", "")}]
    return {"id": note.get("id") or f"n-{at}", "fields": fields}


def _offset(at: int) -> str:
    """Lever's own: a small array, encoded, that is handed back the way it came."""
    return quote(json.dumps([at, "demo"], separators=(",", ":")))


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
    return "email" not in query or query["email"].lower() in [email.lower() for email in row["emails"]]


def _wrong(why: str) -> Response:
    return JSONResponse({"code": "BadRequest", "message": why}, 400)


def _missing() -> Response:
    return JSONResponse({"code": "ResourceNotFound", "message": "not found"}, 404)
