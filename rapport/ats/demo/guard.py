"""What every door of the demo ATS does first: look at the login and the limits, and survive wrong input."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class NoSuchRecordError(Exception):
    """A request names something that is not there."""


def guarded(
    endpoint: Endpoint, *, refusal: Callable[[Request], Response | None], wrong: Response, missing: Response
) -> Endpoint:
    """The endpoint behind its guard; what it cannot read or find gets the vendor's answer for that."""

    async def answer(request: Request) -> Response:
        refused = refusal(request)
        if refused is not None:
            return refused
        try:
            return await endpoint(request)
        except NoSuchRecordError:
            return missing
        except (KeyError, ValueError, TypeError, AttributeError):
            return wrong

    return answer


async def tree_in(request: Request) -> dict[str, Any]:
    """The JSON object of a request; ValueError for anything else."""
    found = await request.json()
    if not isinstance(found, dict):
        message = "no JSON object"
        raise ValueError(message)  # noqa: TRY004  # every wrong body is the same to a guard
    return found


async def form_in(request: Request) -> dict[str, str]:
    """The fields of a form, each once."""
    return dict(parse_qsl((await request.body()).decode()))
