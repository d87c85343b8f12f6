"""docker-compose.yml, read as Compose reads it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.acceptance.processes import ROOT

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<rule>[?-])(?P<text>[^}]*))?\}")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# What Compose refuses to start without.
DEMANDED = {found["name"] for found in VARIABLE.finditer(json.dumps(COMPOSE)) if found["rule"] == "?"}
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    if "=" in line and not line.startswith("#")
)


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """A text with its variables filled in."""

    def value(match: re.Match[str]) -> str:
        return given.get(match["name"]) or (match["text"] if match["rule"] == "-" else "")

    return VARIABLE.sub(value, text)
