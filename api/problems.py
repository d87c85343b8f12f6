"""Every error as problem+json (RFC 9457): what is wrong, where, and what to do next."""

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.fault import where
from api.in_routes import in_routes
from api.misfits import misfits
from rapport.errors import BadInput, ConfigurationError, NotFound, RapportError, Refused, TemporaryFailure

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)
_RETRY_AFTER = timedelta(seconds=5)  # a server that was restarted is back by then
_REPEAT = "Repeat the call with the same Idempotency-Key: however often it is sent, it has one effect."
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_TITLES = {
    400: "The request cannot be read",
    401: "A key is needed",
    403: "Not believed",
    404: "Not found",
    405: "Not possible with this method",
    406: "Not taken, and not to be sent again",
    409: "Not allowed now",
    411: "The length is missing",
    413: "The body is too large",
    415: "Not this kind of content",
    422: "Something in the request does not fit",
    500: "A fault on our side",
    503: "Not available now",
}


class Place(BaseModel):
    """One thing that does not fit."""

    place: str = Field(description="Where: a JSON pointer into the body, or the name of a parameter.")
    message: str = Field(description="What is wrong there.")


class Trouble(BaseModel):
    """An error as RFC 9457 writes it."""

    type: str = Field(description="Stable name of this kind of error.", examples=["urn:rapport:refused"])
    title: str = Field(description="The kind of error in words.", examples=["Not allowed now"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(description="What went wrong this time, and the next step.")
    reason: str | None = Field(default=None, description="Why it was refused, as a stable word.", examples=["once"])
    errors: list[Place] | None = Field(default=None, description="All places that do not fit.")


def trouble(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    reason: str | None = None,
    errors: Sequence[Place] = (),
) -> Trouble:
    """Write a problem; `kind` is its stable name, the status in words unless given."""
    title = _TITLES.get(status, "The request failed")
    name = kind or title.lower().replace(" ", "-")
    return Trouble(
        type=f"urn:rapport:{name}",
        title=title,
        status=status,
        detail=detail,
        reason=reason,
        errors=list(errors) or None,
    )


def respond(problem: Trouble, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with a problem."""
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, problem.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def of_error(error: RapportError) -> Trouble:
    """Translate one of our errors."""
    said = in_routes(str(error))
    match error:
        case NotFound():
            return trouble(404, said, kind="not-found")
        case Refused():
            return trouble(409, said, kind="refused", reason=error.reason)
        case BadInput():
            return trouble(422, said, kind="invalid", errors=[Place(place=error.place, message=error.message)])
        case TemporaryFailure():
            return trouble(503, said, kind="unavailable")
        case ConfigurationError():
            return trouble(503, said, kind="not-configured")
        case _:
            return trouble(500, said, kind="fault")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for OpenAPI."""
    return {
        status: {"model": Trouble, "description": _TITLES[status], "content": {MEDIA_TYPE: {}}}
        for status in sorted(statuses)
    }


def handle_problems(app: FastAPI) -> None:
    """Make every error of an app a problem."""
    app.add_exception_handler(RapportError, _rapport_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


def retry_after(error: RapportError) -> dict[str, str]:
    """The header that says when to call again: when the error says so, soon otherwise."""
    pause = getattr(error, "pause", None) or _RETRY_AFTER
    return {"Retry-After": str(math.ceil(pause.total_seconds()))}


async def _rapport_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RapportError)  # noqa: S101  # registered for this class only
    problem = of_error(error)
    if problem.status != 503:  # noqa: PLR2004  # HTTP's own number
        return respond(problem)
    _LOG.warning("Not available", extra={"action": "unavailable", "fault": where(error)})
    if isinstance(error, TemporaryFailure) and "idempotency-key" in request.headers:
        problem.detail = f"{problem.detail} {_REPEAT}"
    return respond(problem, retry_after(error))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class only
    found = error.errors()
    for item in found:
        if item["type"] == "json_invalid":
            detail = f"The body is no JSON: {item['ctx']['error']} at character {item['loc'][-1]}. Correct it."
            return respond(trouble(400, detail, kind="unreadable"))
    if not _is_json(request) and any(item["loc"] == ("body",) and item["type"] != "missing" for item in found):
        return respond(trouble(415, "The body is not said to be JSON. Send it with `Content-Type: application/json`."))
    places = [Place(place=place, message=message) for place, message in misfits(found, error.body)]
    count = f"{len(places)} places do" if len(places) > 1 else "One place does"
    return respond(trouble(422, f"{count} not fit. Correct what `errors` names.", kind="invalid", errors=places))


def _is_json(request: Request) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media.endswith(("/json", "+json"))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this class only
    details = {
        404: f"There is nothing at {request.url.path}. Look at /docs.",
        405: f"{request.method} does not work here. Use a method that the header `Allow` names.",
        400: "The body cannot be read: it is broken, or nested too deeply. Correct it.",
    }
    kind = "unreadable" if error.status_code == 400 else None  # noqa: PLR2004  # HTTP's own number
    detail = details.get(error.status_code, str(error.detail))
    headers = _allowing(request) if error.status_code == 405 else error.headers  # noqa: PLR2004  # HTTP's own number
    return respond(trouble(error.status_code, detail, kind=kind), headers)


def _allowing(request: Request) -> dict[str, str]:
    """Every method that works at this path; Starlette names those of the first route that it comes to."""
    routes = request.app.routes
    works = (name for name in _METHODS if any(_fits(route, {**request.scope, "method": name}) for route in routes))
    return {"Allow": ", ".join(works)}


def _fits(route: BaseRoute, scope: Scope) -> bool:
    return route.matches(scope)[0] is Match.FULL


class Unbroken:
    """Answers 500 to whatever nobody handled, and logs where it was but not what it said: that may be an address."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as fault:
            if scope["type"] != "http":
                raise
            _LOG.error("Request failed", extra={"action": "request_failed", "fault": where(fault)})
            if not begun:
                problem = trouble(500, "Something broke. It was logged; try again, or tell the operator.", kind="fault")
                await respond(problem)(scope, receive, send)
