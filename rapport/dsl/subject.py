"""What a rule looks at: one file with the places of everything in it, and all that it may name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapport.dsl.catalogue import FIELDS, Kind, fields_with
from rapport.dsl.compose import Route
from rapport.dsl.conditions import GROUPS
from rapport.dsl.loader import Loaded
from rapport.dsl.mails import Mails
from rapport.dsl.outline import Placed, outline
from rapport.dsl.problem import Problem
from rapport.dsl.project import Project

_PATH = re.compile(r"[a-z_]+(?:\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class At:
    """A part of the file and its place; `step` is the step that it belongs to, if any."""

    value: Any
    route: Route
    step: Placed | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A sequence under check; `wrong` are the routes that the schema has refused and that rules pass over.

    `project` is None when nothing of project.yaml can be read; `unsure` are its sections with a mistake, which are
    empty in `project`. `sequences` are the names in the folder,
    `test_files` the test files of this sequence that have no errors.
    """

    name: str
    loaded: Loaded
    wrong: frozenset[Route] = frozenset()
    project: Project | None = None
    unsure: frozenset[str] = frozenset()
    mails: Mails = field(default_factory=Mails)
    sequences: Mapping[str, "Subject"] = field(default_factory=dict)
    test_files: tuple[Loaded, ...] = ()

    def declaring(self, section: str) -> Project | None:
        """The project; None where nobody can say what this section of project.yaml declares."""
        return None if section in self.unsure else self.project

    def sound(self, route: Route) -> bool:
        """Whether the schema has nothing against a value or anything in it."""
        return not any(route == wrong[: len(route)] for wrong in self.wrong)

    def top(self, *keys: str) -> At | None:
        """A value near the top of the file; None when it is absent or refused."""
        value: Any = self.loaded.tree
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return None if value is None or not self.sound(keys) else At(value, keys)

    @cached_property
    def outline(self) -> tuple[Placed, ...]:
        """Every step, those that the schema has refused included."""
        tree = self.loaded.tree
        return tuple(outline(tree.get("steps"))) if isinstance(tree, dict) else ()

    @cached_property
    def steps(self) -> tuple[Placed, ...]:
        """Every step whose own keys are sound; what is wrong in a branch does not count against it."""
        return tuple(placed for placed in self.outline if placed.verb and self._own_keys_sound(placed))

    def _own_keys_sound(self, placed: Placed) -> bool:
        depth = len(placed.route)
        return not any(
            wrong[:depth] == placed.route and not _in_branch(wrong[depth:], placed.step) for wrong in self._wrong_steps
        )

    @cached_property
    def _wrong_steps(self) -> tuple[Route, ...]:
        return tuple(route for route in self.wrong if route[:1] == ("steps",))

    def having(self, key: str) -> Iterator[At]:
        """The value of a key in every sound step that has it."""
        for placed in self.steps:
            if key in placed.step:
                yield At(placed.step[key], (*placed.route, key), placed)

    @cached_property
    def sends(self) -> Mapping[str, Placed]:
        """The send steps by id, and the steps whose verb is unknown: it may be a misspelled `send`."""
        return {placed.id: placed for placed in self.outline if placed.id and placed.verb in {"send", None}}

    @cached_property
    def readings(self) -> Mapping[str, Placed]:
        """The steps that read from the ATS, by the name that `as` gives."""
        named = ((placed.step.get("as"), placed) for placed in self.outline)
        return {name: placed for name, placed in reversed(list(named)) if isinstance(name, str)}

    @cached_property
    def fields(self) -> Mapping[str, Kind]:
        """Every field that this sequence may read, mails and readings included."""
        known = fields_with(self.project.custom_fields) if self.project else dict(FIELDS)
        return {**known, **{f"mail.{step}": Kind.MAIL for step in self.sends}}

    def reads(self, field: str) -> bool:
        """Whether a condition, an event or a text of this file is about a field, as far as the file can be read."""
        return field in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_words(self.loaded.tree))

    def events(self) -> Iterator[At]:
        """Every event that the file names, with its place."""
        for keys in (("start", "when"), ("goal",), ("exit",)):
            if found := self.top(*keys):
                yield from _one_or_more(found)
        yield from self.having("wait_for")

    def conditions(self) -> Iterator[At]:
        """Every condition of the file, with its place."""
        if found := self.top("start", "only_if"):
            yield found
        yield from self.having("if")
        yield from self.having("unless")

    def tests(self) -> Iterator[At]:
        """Every `field: test` of every condition; the field is the last part of the route."""
        for condition in self.conditions():
            yield from tests_in(condition)

    def at_key(self, at: At, rule: str, message: str, step: str) -> Problem:
        """A problem at the key of a value."""
        return self.loaded.source.problem(self.loaded.key(at.route), rule, message, step)

    def at_value(self, at: At, rule: str, message: str, step: str) -> Problem:
        """A problem at a value."""
        return self.loaded.source.problem(self.loaded.value(at.route), rule, message, step)


def tests_in(condition: At) -> Iterator[At]:
    """Every `field: test` of a condition, those inside `all`, `any` and `none` included."""
    for key, value in condition.value.items():
        route = (*condition.route, key)
        if key in GROUPS:
            for index, item in enumerate(value):
                yield from tests_in(At(item, (*route, index), condition.step))
        else:
            yield At(value, route, condition.step)


def _words(tree: Any) -> Iterator[str]:
    """Every key, every value, and every path of a field inside a text; what waits for a score reads it."""
    match tree:
        case dict():
            yield from ("candidate.score" if key == "score_reached" else str(key) for key in tree)
            yield from (word for value in tree.values() for word in _words(value))
        case list():
            yield from (word for value in tree for word in _words(value))
        case str():
            yield from _PATH.findall(tree)
        case _:
            pass


def _one_or_more(found: At) -> Iterator[At]:
    if isinstance(found.value, list):
        yield from (At(item, (*found.route, index)) for index, item in enumerate(found.value))
    else:
        yield found


def _in_branch(rest: Route, step: Mapping[str, Any]) -> bool:
    """Whether the rest of a route leads to a step inside a branch, so that it is another step's matter."""
    match rest:
        case ("then" | "else", int(), *_):
            return True
        case ("split", _, "do", int(), *_):
            return "split" in step
        case _:
            return False
