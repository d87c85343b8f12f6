"""schemas/event.schema.json: the body of `POST /v1/events`, written from the code that reads it.

`.venv/bin/python -m api.contract` writes the file anew; a test compares the two.
"""

import json
from pathlib import Path
from typing import Any, Final

from api.event_shapes import EventRequest

PLACE: Final = Path(__file__).parents[1] / "schemas" / "event.schema.json"


def event_schema() -> dict[str, Any]:
    """The schema of an event that another system posts."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": PLACE.name,
        "x-noun": "event",
        **EventRequest.model_json_schema(ref_template="#/$defs/{model}"),
        "title": "An event that another system posts",
    }


def as_text(schema: dict[str, Any]) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    PLACE.write_text(as_text(event_schema()), encoding="utf-8")
