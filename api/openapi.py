"""The OpenAPI document: what FastAPI writes, with every error as the problem that it really is."""

import copy
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, Trouble

_ERRORS = "45"
_PROBLEM = {"$ref": "#/components/schemas/Trouble"}
_FASTAPIS_SUCCESS = "Successful Response"
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_OTHER_BODY = {"description": "The body is not JSON.", "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
# Whatever is asked stands in the store, and a store may be busy or away.
_UNAVAILABLE = {
    "description": "Not available now: the store is busy or away. Call again after `Retry-After` seconds.",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
    "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
}


def describe_problems(app: FastAPI) -> None:
    """Correct the document of an app once it is first asked for."""
    write = app.openapi

    def corrected() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = write()
            _correct(document)
        assert app.openapi_schema is not None  # noqa: S101  # `write` has kept it
        return app.openapi_schema

    app.openapi = corrected  # type: ignore[method-assign]  # FastAPI's documented way


def _correct(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if path.startswith("/v1/"):
                operation["responses"].update(copy.deepcopy(_of_every_call(operation)))
            for status, response in operation["responses"].items():
                if response["description"] == _FASTAPIS_SUCCESS:
                    response["description"] = "Done."
                content = response.get("content", {})
                if status[0] in _ERRORS and content and not _is_other(content):
                    response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
    schemas = document["components"]["schemas"]
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    schemas.setdefault("Trouble", Trouble.model_json_schema(ref_template="#/components/schemas/{model}"))


def _of_every_call(operation: dict[str, Any]) -> dict[str, Any]:
    """The answers that come before a route is asked."""
    takes_json = "application/json" in operation.get("requestBody", {}).get("content", {})
    return {"503": _UNAVAILABLE, **({"415": _OTHER_BODY} if takes_json else {})}


def _is_other(content: dict[str, Any]) -> bool:
    """Whether an error is answered by something else, such as the report of a readiness probe."""
    named = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    return bool(named) and not named.endswith(("/Trouble", "/HTTPValidationError"))
