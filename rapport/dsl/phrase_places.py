"""Where in a file a mistake is shown, and the problem that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rapport.dsl.compose import Route
from rapport.dsl.loader import Loaded
from rapport.dsl.mistake import Mistake
from rapport.dsl.problem import Edit, Problem, Span


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one file."""

    loaded: Loaded

    def token(self, mistake: Mistake) -> Span:
        """The wrong value, or the wrong key where a schema is about keys."""
        route = mistake.route
        if mistake.about_key:
            return self.loaded.key((*route, mistake.instance))
        return self.loaded.value(route)

    def head(self, route: Route) -> Span:
        """The token that stands for a mapping: its key, or for an item of a list its first key."""
        if route and isinstance(route[-1], str):
            return self.loaded.key(route)
        value = self.at(route)
        first = next(iter(value), None) if isinstance(value, Mapping) else None
        return self.loaded.key((*route, first)) if first is not None else self.loaded.value(route)

    def at(self, route: Route) -> Any:
        """What stands at a place."""
        value = self.loaded.tree
        for part in route:
            value = value[part]
        return value

    def at_key(self, route: Route, rule: str, message: str, step: str, fix: Edit | None = None) -> Problem:
        """A problem with the key of a place."""
        return self.problem(self.loaded.key(route), rule, message, step, fix)

    def problem(self, span: Span, rule: str, message: str, step: str, fix: Edit | None = None) -> Problem:
        """A problem with these words."""
        return replace(self.loaded.source.problem(span, rule, message, step), fix=fix)
