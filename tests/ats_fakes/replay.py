"""An ATS that says what was recorded."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from rapport.ats.demo.logins import PREFIXES
from tests.ats_fakes.payloads import Answers


class Replay:
    """An ATS that says what was recorded, whatever it is asked; lists that nobody recorded are empty."""

    def __init__(self, vendor: str, answers: Answers) -> None:
        """Know the answers by path."""
        self._prefix, self._answers = PREFIXES[vendor], answers

    def app(self) -> ASGIApp:
        """The ASGI application."""
        return Router([Mount(self._prefix, routes=[Route("/{path:path}", self._any, methods=["GET", "POST"])])])

    async def _any(self, request: Request) -> Response:
        path = "/" + request.path_params["path"]
        if path == "/token":
            return JSONResponse({"access_token": "t", "expires_in": 3600})
        empty: Any = [] if path.startswith("/v3/") else {"data": [], "hasNext": False}
        return JSONResponse(self._answers.get(path, empty))
