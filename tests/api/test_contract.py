"""The schema file that other systems read is the API that they call."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from api.contract import PLACE, as_text, event_schema
from api.event_shapes import EventRequest
from api.shapes import EnrollRequest
from tests.api.doors import Visitor

ANA: dict[str, Any] = {"kind": "applied", "candidate": "c_ana"}
FAIR: dict[str, Any] = {"id": "fair", "starts_at": "2026-04-01T10:00", "zone": "Europe/Berlin"}


def _taken(body: Any) -> bool:
    try:
        EventRequest.model_validate(body)
    except ValidationError:
        return False
    return True


def test_the_schema_of_events_is_what_the_api_reads() -> None:
    """Whoever changes the one and forgets the other is told: `.venv/bin/python -m api.contract` writes it anew."""
    assert as_text(event_schema()) == PLACE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "right"),
    [
        (ANA, True),
        ({"kind": "applied", "email": "ada@example.com"}, True),
        ({"kind": "applied", "candidate": "c_ana", "email": None}, True),
        ({**ANA, "id": "a-1", "at": "2026-03-02T10:00:00+01:00", "detail": {"job": "x", "n": 1, "tags": ["a"]}}, True),
        ({**ANA, "kind": "erased"}, True),
        ({**ANA, "kind": "registered_for_event", "event": FAIR}, True),
        ({"kind": "event_cancelled", "event": FAIR}, True),
        ({**ANA, "kind": "score_reached", "detail": {"score": 40}}, True),
        ({**ANA, "kind": "out_of_office", "detail": {"until": "2026-03-09"}}, True),
        ({**ANA, "kind": "clicked", "enrollment": "w/c_ana/1", "step": "hello", "link": "jobs"}, True),
        ({"kind": "event_cancelled"}, False),
        ({**ANA, "kind": "attended"}, False),
        ({**ANA, "kind": "clicked", "enrollment": None}, False),
        ({**ANA, "kind": "custom", "detail": {"name": ""}}, False),
        ({**ANA, "kind": "score_reached", "detail": {"score": "40"}}, False),
        ({**ANA, "kind": "out_of_office", "detail": {"until": "soon"}}, False),
        ({**ANA, "kind": "replied", "step": "hello"}, False),
        ({"kind": "attended", "event": FAIR}, False),
        ({"kind": "applied"}, False),
        ({"kind": "applied", "candidate": None}, False),
        ({**ANA, "email": "ada@example.com"}, False),
        ({"candidate": "c_ana"}, False),
        ({**ANA, "kind": "danced"}, False),
        ({**ANA, "candidate": ""}, False),
        ({**ANA, "candidate": 7}, False),
        ({**ANA, "at": 1_772_442_000}, False),
        ({**ANA, "more": 1}, False),
        ({**ANA, "detail": {"x": {"y": 1}}}, False),
        ({**ANA, "detail": {str(n): n for n in range(51)}}, False),
        ({**ANA, "event": {"title": "without an id"}}, False),
        ([], False),
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_schema_and_api_say_the_same_of_a_body(body: Any, *, right: bool) -> None:
    """What passes the one passes the other."""
    assert (right, right) == (Draft202012Validator(event_schema()).is_valid(body), _taken(body))


@pytest.mark.parametrize("shape", [EventRequest, EnrollRequest])
def test_the_examples_can_be_copied(shape: type[EventRequest] | type[EnrollRequest]) -> None:
    """What the documentation shows is taken."""
    examples = shape.model_json_schema()["examples"]

    assert [shape.model_validate(example) for example in examples]


async def test_the_documentation_needs_nothing_from_elsewhere(visitor: Visitor) -> None:
    """It can be read in a network without a way out, and runs no script."""
    page = await visitor.get("/docs")

    assert 200 == page.status_code
    assert "default-src 'none'; style-src 'sha256-" in page.headers["content-security-policy"]
    assert not any(word in page.text for word in ("<script", "src=", "<link", "@import", "url("))


async def test_the_documentation_shows_every_call_and_every_shape(visitor: Visitor) -> None:
    """What is in the OpenAPI document is on the page, under its name."""
    document = (await visitor.get("/openapi.json")).json()
    page = (await visitor.get("/docs")).text

    calls = [call["operationId"] for methods in document["paths"].values() for call in methods.values()]
    missing = [name for name in (*calls, *document["components"]["schemas"]) if f'id="{name}"' not in page]

    assert calls
    assert [] == missing
