"""/docs: the OpenAPI document as one page to read, without scripts and without anything from elsewhere."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

router = APIRouter(include_in_schema=False)
Json = Mapping[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TEMPLATES = Environment(loader=PackageLoader("api", "layouts"), autoescape=True, undefined=StrictUndefined)
_STYLE = (Path(__file__).parent / "layouts" / "reference.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """Show every call and every shape."""
    document = request.app.openapi()
    page = _TEMPLATES.get_template("reference.html").render(
        info=document["info"],
        document=request.app.openapi_url,
        tags=[{**tag, "calls": list(_calls(document, tag["name"], str(request.base_url)))} for tag in document["tags"]],
        shapes=[_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())],
        style=Markup(_STYLE),  # noqa: S704  # our own file
    )
    return HTMLResponse(page, headers=_HEADERS)


def _words(text: str) -> Markup:
    return Markup(_MARKDOWN.render(text))  # noqa: S704  # markdown without HTML


_TEMPLATES.filters["words"] = _words


def _calls(document: Json, tag: str, base: str) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _call(document, method.upper(), path, operation, base)


def _call(document: Json, method: str, path: str, operation: Json, base: str) -> Json:
    body = _name(operation.get("requestBody", {}))
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "parameters": [_parameter(item) for item in operation.get("parameters", [])],
        "body": body,
        "example": _example(document["components"]["schemas"].get(body, {}), f"{base.rstrip('/')}{path}"),
        "answers": [
            {"status": status, "description": answer["description"], "shape": _name(answer)}
            for status, answer in operation["responses"].items()
        ],
    }


def _name(content: Json) -> str:
    """The shape of a body or an answer; empty when it is no JSON of ours."""
    kinds = content.get("content", {})
    shapes = (kind.get("schema", {}).get("$ref") for kind in kinds.values())
    return next((str(shape).rpartition("/")[2] for shape in shapes if shape), "")


def _parameter(item: Json) -> Json:
    where = {"header": "header ", "query": "?", "path": ""}[item["in"]]
    return {
        "name": where + item["name"],
        "description": _words(item.get("description", "")),
        "type": _type(item["schema"]),
        "required": item["required"],
    }


def _shape(name: str, schema: Json) -> Json:
    required = schema.get("required", [])
    fields = [
        {
            "name": key,
            "description": _words(value.get("description", "")),
            "type": _type(value),
            "required": key in required,
        }
        for key, value in schema["properties"].items()
    ]
    return {"name": name, "description": schema.get("description", ""), "fields": fields}


def _type(schema: Json) -> str:
    """A type in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(item) for item in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " | ".join(str(word) for word in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _example(schema: Json, url: str) -> str:
    """A call to copy, for shapes that have an example of themselves."""
    if not schema.get("examples"):
        return ""
    body = json.dumps(schema["examples"][0])
    headers = ["Authorization: Bearer $KEY", "Idempotency-Key: 1", "Content-Type: application/json"]
    return " \\\n  ".join([f"curl {url}", *(f'-H "{header}"' for header in headers), f"-d '{body}'"])
