"""The documentation says everything that a caller needs."""

import re
from typing import Any

import pytest

from tests.api.doors import Visitor


@pytest.fixture
async def operations(visitor: Visitor) -> dict[str, dict[str, Any]]:
    """Every operation by `METHOD path`."""
    document = (await visitor.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


async def test_every_operation_has_a_name_a_tag_and_words(operations: dict[str, dict[str, Any]]) -> None:
    """Generated clients get names that a person would choose."""
    bare = [
        name
        for name, operation in operations.items()
        if not (
            operation.get("tags") and operation.get("summary") and re.fullmatch("[a-z_]+", operation["operationId"])
        )
    ]

    assert [] == bare
    assert len(operations) == len({operation["operationId"] for operation in operations.values()})


async def test_every_operation_behind_a_key_says_so(operations: dict[str, dict[str, Any]]) -> None:
    """Callers see which calls need a key, and what happens without one."""
    silent = [
        name
        for name, operation in operations.items()
        if " /v1/" in name and not (operation.get("security") and "401" in operation["responses"])
    ]

    assert [] == silent


async def test_every_post_of_the_api_documents_its_key_and_errors(operations: dict[str, dict[str, Any]]) -> None:
    """The idempotency key is required, and refusals are described as problems."""
    posts = {name: operation for name, operation in operations.items() if name.startswith("POST /v1/")}

    for name, operation in posts.items():
        [key] = [item for item in operation["parameters"] if item["name"] == "Idempotency-Key"]
        assert key["required"], name
        assert {"401", "404", "409", "422", "503"} <= set(operation["responses"]), name
    assert posts


async def test_errors_are_described_as_problem_json(operations: dict[str, dict[str, Any]]) -> None:
    """One form for all errors, under its own media type."""
    described = [
        (name, status, set(response["content"]))
        for name, operation in operations.items()
        if " /v1/" in name
        for status, response in operation["responses"].items()
        if status >= "400"
    ]

    assert described
    assert [] == [item for item in described if item[2] != {"application/problem+json"}]


async def test_every_body_has_an_example(operations: dict[str, dict[str, Any]], visitor: Visitor) -> None:
    """A reader copies an example and changes it."""
    schemas = (await visitor.get("/openapi.json")).json()["components"]["schemas"]

    for shape in ("EnrollRequest", "EventRequest"):
        assert any("examples" in field for field in schemas[shape]["properties"].values()), shape
    assert operations
