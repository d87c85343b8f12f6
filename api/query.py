"""What stands behind the `?` of a call: a name that nobody reads is a slip, and is said."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from rapport.errors import BadInput

_OURS = "/v1/"  # links in mails come back with whatever a mail program has added to them


def known_parameters(request: Request) -> None:
    """Refuse a parameter that the call does not have: `?dryrun=true` would import, `?sate=` list everything."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.path.startswith(_OURS):
        return
    known = sorted({*_names(route.dependant)})
    for name in request.query_params:
        if name not in known:
            hint = f"There are: {', '.join(known)}." if known else "This call has none."
            raise BadInput(place=name[:200], message="there is no such parameter.", hint=hint)


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)
