"""In plain words: keys that should not be there, and keys that are missing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from rapport.dsl.build import VERBS
from rapport.dsl.compose import Route
from rapport.dsl.events import KINDS
from rapport.dsl.layout.mends import names_for_steps, renamed, with_id
from rapport.dsl.mistake import Mistake, extra_keys, keys_beside, owner_of, rule_of, verbs_of
from rapport.dsl.phrase_places import Places
from rapport.dsl.problem import Problem
from rapport.dsl.wording import did_you_mean, listed, nearest, quoted

# Of one mapping, as many unknown keys are looked at as a check shows problems.
_MOST = 101
_PLACEHOLDER = {
    "id": "welcome",
    "schema": "1",
    "if_late": "go_on",
    "due": "3 business days",
    "share": "50%",
    "day": "enrolled_at",
    "within": "7 days",
}
_MORE_EVENTS = "; `when`, `goal` and `exit` take a list of events"


class KeyPhrases:
    """About the keys of one file; it looks at all mistakes, so that none is said twice."""

    def __init__(self, places: Places, mistakes: Sequence[Mistake]) -> None:
        """Note the unknown keys of every mapping: they explain the keys that seem to be missing."""
        self._places = places
        self._unknown: dict[Route, list[str]] = defaultdict(list)
        for mistake in mistakes:
            if mistake.keyword == "additionalProperties" and "x-verb" not in mistake.schema:
                self._unknown[mistake.route] += extra_keys(mistake)
        self._misspelled_verbs = {
            mistake.route: verb
            for mistake in mistakes
            if mistake.keyword == "anyOf" and rule_of(mistake) == "unknown-step" and (verb := self._verb(mistake.route))
        }

    @cached_property
    def _names(self) -> dict[Route, str]:
        """What the steps without an id may be called."""
        return names_for_steps(self._places.loaded.tree)

    def _verb(self, route: Route) -> str | None:
        """The unknown key that was meant as the verb: the one most like a verb, else the first."""
        keys = self._unknown.get(route, [])[:_MOST]
        likely = [key for key in keys if nearest(key, VERBS)]
        return next(iter([*likely, *keys]), None)

    def unknown_keys(self, mistake: Mistake) -> Iterator[Problem]:
        """Keys that a mapping does not have."""
        route = mistake.route
        if "x-verb" in mistake.schema:
            yield from self._misplaced_keys(mistake, route)
            return
        noun, allowed = mistake.schema.get("x-noun"), list(mistake.schema.get("properties", {}))
        rule = rule_of(mistake, "unknown-key") if noun != "step" else "unknown-key"
        for key in extra_keys(mistake):
            if self._misspelled_verbs.get(route) == key:
                continue
            if rule in {"unknown-event", "unknown-operator"}:
                message, step = f"no {noun} is called {quoted(key)}", f"use one of {listed(allowed)}"
            else:
                message = f"{quoted(key)} is not a key of {owner_of(route, noun)}"
                step = _belongs(route, key) or f"use one of {listed(keys_beside(mistake, allowed))}, or remove it"
            free = [name for name in keys_beside(mistake, allowed) if name not in mistake.instance]
            fix = renamed(self._places.loaded.key((*route, key)), key, free)
            hint = "" if _belongs(route, key) else did_you_mean(key, allowed)
            yield self._places.at_key((*route, key), rule, message + hint, step, fix)

    def _misplaced_keys(self, mistake: Mistake, route: Route) -> Iterator[Problem]:
        verbs = verbs_of(mistake.instance)
        if len(verbs) > 1:
            message = f"a step does one thing; this one has {listed(map(quoted, verbs))}"
            yield self._places.at_key(
                (*route, verbs[1]), "two-verbs", message, f"move {quoted(verbs[1])} to a step of its own"
            )
            return
        verb = mistake.schema["x-verb"]
        beside = [key for key in mistake.schema["properties"] if key not in {"id", "renamed", verb}]
        for key in set(extra_keys(mistake)) - set(self._unknown.get(route, [])):
            message = f"{quoted(key)} does not belong to a {verb} step"
            step = f"beside {verb} there may be {listed(beside)}; remove it" if beside else "remove it"
            yield self._places.at_key((*route, key), "unknown-key", message, step)

    def missing_key(self, mistake: Mistake) -> Iterator[Problem]:
        """A key that must be there."""
        route, key = mistake.route, mistake.name
        if any(nearest(unknown, [key]) for unknown in self._unknown.get(route, [])):
            return
        if key == "id" and self._was_torn_off(route):
            return
        owner = owner_of(route, mistake.schema.get("x-noun"))
        if key == "id":
            step = "write `id:` and a short name; figures and tests hang on it"
            fix = with_id(self._names.get(route), self._places.head(route), self._places.loaded.value(route))
            yield self._places.problem(self._places.head(route), "missing-id", "this step has no id", step, fix)
            return
        example = _PLACEHOLDER.get(key, "…")
        yield self._places.problem(
            self._places.head(route), "missing-key", f'{owner} needs "{key}"', f"add `{key}: {example}`"
        )

    def none_of(self, mistake: Mistake) -> Iterator[Problem]:
        """No verb, or no time limit."""
        route, unknown = mistake.route, self._unknown.get(mistake.route, [])
        if rule_of(mistake) == "no-time-limit":
            if not any(nearest(key, ("within", "until")) for key in unknown):
                yield self._time_limit(route)
        elif key := self._misspelled_verbs.get(route):
            message = f"no step is called {quoted(key)}{did_you_mean(key, VERBS)}"
            fix = renamed(self._places.loaded.key((*route, key)), key, VERBS)
            yield self._places.at_key((*route, key), "unknown-step", message, f"use one of {listed(VERBS)}", fix)
        elif verb := self._torn_off(route):
            step = f"delete the dash before `{verb}` below, so that it belongs to this step"
            yield self._places.problem(self._places.head(route), "unknown-step", "this step does nothing", step)
        else:
            step = f"add one of {listed(VERBS)}"
            yield self._places.problem(self._places.head(route), "unknown-step", "this step does nothing", step)

    def _torn_off(self, route: Route) -> str | None:
        """The verb of the next step, if a dash too many has torn it off a step that has nothing but an id."""
        step = self._places.at(route)
        if not isinstance(route[-1], int) or set(step) != {"id"}:
            return None
        following = self._places.at(route[:-1])[route[-1] + 1 :][:1]
        return next((key for item in following if isinstance(item, dict) and "id" not in item for key in item), None)

    def _was_torn_off(self, route: Route) -> bool:
        if not route or not isinstance(route[-1], int) or route[-1] == 0:
            return False
        before = (*route[:-1], route[-1] - 1)
        return isinstance(self._places.at(before), dict) and self._torn_off(before) is not None

    def both_of(self, mistake: Mistake) -> Iterator[Problem]:
        """Keys that exclude each other."""
        route, rule = mistake.route, rule_of(mistake)
        keys = listed(map(quoted, mistake.limit.get("required", [])))
        second = mistake.limit.get("required", ["", ""])[1]
        message = mistake.schema.get("errorMessage", f"{keys} exclude each other")
        if rule == "no-time-limit":
            message = f"a wait_for has one time limit; this one has {keys}"
        yield self._places.at_key((*route, second), rule, message, "keep one of them")

    def _time_limit(self, route: Route) -> Problem:
        message = "a wait_for needs a time limit: `within: 7 days` or `until: {day: …, offset: …, at: …}`"
        return self._places.at_key(
            (*route, "wait_for"), "no-time-limit", message, "write one of the two below wait_for"
        )

    def wrong_count(self, mistake: Mistake) -> Iterator[Problem]:
        """A mapping with too many or too few keys."""
        route = mistake.route
        allowed = list(mistake.schema.get("properties", {}))
        noun = mistake.schema.get("x-noun")
        if mistake.keyword == "minProperties":
            message = (
                f"{owner_of(route, noun)} is empty"
                if not mistake.instance
                else f"{owner_of(route, noun)} needs {mistake.limit} or more"
            )
            where = self._places.loaded.value(route)
        else:
            keys, most = list(mistake.instance), mistake.limit
            few = f"one {noun or 'thing'} at a time" if most == 1 else f"{most} at most"
            message = f"{few}; here are {listed(map(quoted, keys), most=3)}"
            where = self._places.loaded.key((*route, keys[most]))
        step = f"use one of {listed(allowed)}" if allowed else "write one more, or do without it"
        if mistake.keyword == "maxProperties":
            step = f"keep one of them{_MORE_EVENTS if noun == 'event' else ''}"
        yield self._places.problem(where, "bad-value", message, step)


def _belongs(route: Route, key: str) -> str | None:
    """Where a key belongs that stands one place too high."""
    if route == () and key in VERBS:
        return f"write it as a step: under `steps`, `- {{id: …, {key}: …}}`"
    if route == ("start",) and key in KINDS:
        return f"write it under `when`: `when: {{{key}: …}}`"
    return None
