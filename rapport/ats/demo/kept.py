"""Keeping the demo ATS's world in a file, so that its ids mean the same people after a restart."""

import json
import os
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rapport.ats.demo.courier import Courier, Waiting
from rapport.ats.demo.world import DemoWorld, Person
from rapport.errors import ConfigurationError

_PLAIN = ("jobs", "reasons", "tags", "pools", "names", "ticks")


def remember(world: DemoWorld, courier: Courier, file: Path) -> None:
    """Take over what the file holds; an absent one holds nothing, ConfigurationError for any other file."""
    if not file.exists():
        return
    try:
        tree: dict[str, Any] = json.loads(file.read_text())
        people = {name: Person(**fields) for name, fields in tree["people"].items()}
        plain = {name: tree[name] for name in _PLAIN}
        changed = [(str(kind), str(number)) for kind, number in tree["changed"]]
        due = deque(tree["due"])
        # Files of before the tries were counted have none.
        waiting = [Waiting(**fields) for fields in tree.get("waiting", [])]
        removed = [(str(number), str(at)) for number, at in tree.get("removed", [])]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(f"{file} is no world of the demo ATS.", hint="Move it away to begin anew.") from error
    world.people, world.changed, world.due, world.removed = people, changed, due, removed
    courier.waiting = waiting
    for name, value in plain.items():
        setattr(world, name, value)


def text_of(world: DemoWorld, courier: Courier) -> str:
    """The world as text."""
    people = {name: asdict(person) for name, person in world.people.items()}
    plain = {name: getattr(world, name) for name in _PLAIN}
    lists = {"changed": world.changed, "due": list(world.due), "removed": world.removed, "waiting": courier.rows()}
    return json.dumps({**plain, "people": people, **lists}, indent=1)


def write(text: str, file: Path) -> None:
    """Put the text in the place of the file in one step; others cannot read it, for it names people."""
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as there:
        there.write(text)
    new.replace(file)
