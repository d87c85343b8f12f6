"""Next steps for programs: where a hint names a command, an answer names the route that does the same."""

import re
from collections.abc import Mapping
from typing import Final

_COMMAND: Final = re.compile(r"`rapport ([^`]+)`")
# By how the command begins; the longest beginning that fits holds. What only operators can do has no route.
ROUTES: Final[Mapping[str, str]] = {
    "candidates": "GET /v1/candidates",
    "consent": "POST /v1/candidates/{candidate}/consents",
    "enroll": "POST /v1/bulk-enrollments",
    "erase": "POST /v1/candidates/{candidate}/erase",
    "events": "GET /v1/calendar",
    "holds": "GET /v1/holds",
    "import": "POST /v1/imports",
    "merge": "POST /v1/candidates/{candidate}/merge",
    "pools": "GET /v1/pools",
    "sends": "GET /v1/sends",
    "sends drop": "POST /v1/sends/{send}/drop",
    "show": "GET /v1/enrollments",
    "tasks": "GET /v1/tasks",
    "walks cancel": "POST /v1/enrollments/{sequence}/{candidate}/{n}/cancel",
}


def in_routes(text: str) -> str:
    """The text with routes in the place of commands, as far as there are some."""
    return _COMMAND.sub(lambda found: f"`{_route(found[1]) or 'rapport ' + found[1]}`", text)


def _route(command: str) -> str | None:
    fitting = (known for known in ROUTES if f"{command} ".startswith(f"{known} "))
    return ROUTES.get(max(fitting, key=len, default=""))
