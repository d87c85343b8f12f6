"""From schema errors to problems in plain words; one mistake is one problem."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from rapport.dsl.build import VERBS
from rapport.dsl.compose import Route
from rapport.dsl.events import ATS_EVENTS, EVENT_EVENTS, KINDS, MAIL_EVENTS
from rapport.dsl.layout.mends import names_for_steps, renamed, respelled, with_id
from rapport.dsl.loader import Loaded
from rapport.dsl.meant import advice_on, meant_value
from rapport.dsl.mistake import Mistake, extra_keys, keys_beside, owner_of, rule_of, verbs_of, wanted
from rapport.dsl.problem import Edit, Problem, Span, in_order
from rapport.dsl.wording import did_you_mean, listed, nearest, quoted, spoken

# One more than a check shows of one file, so that it knows of the rest.
_MOST = 101
# What a pattern stands for, by rule.
_IS_NOT = {
    "bad-duration": "is not a length of time",
    "bad-time": "is not a time of day",
    "bad-date": "is not a date",
    "bad-day": "is not a day",
    "bad-name": "cannot be a name",
    "bad-share": "is not a share",
    "bad-zone": "is not a time zone",
    "unknown-field": "is not a field",
    "secret-in-file": "does not belong into a file",
    "url-in-webhook": "does not belong into a file",
}
_PLACEHOLDER = {
    "id": "welcome",
    "schema": "1",
    "if_late": "go_on",
    "due": "3 business days",
    "share": "50%",
    "day": "enrolled_at",
    "within": "7 days",
}
# Events that may be about anything.
_ABOUT_ANYTHING = {*MAIL_EVENTS, *ATS_EVENTS, *EVENT_EVENTS, "rejected"}
_MORE_EVENTS = "; `when`, `goal` and `exit` take a list of events"
# How programmers join conditions; as a key they would be taken for a field.
_JOINS = {"and": "all", "or": "any", "not": "none", "then": "", "else": ""}


class Phrases:
    """Turns the mistakes of one file into problems; it looks at all of them, so that none is said twice."""

    def __init__(self, loaded: Loaded, mistakes: Sequence[Mistake]) -> None:
        """Note the unknown keys of every mapping: they explain the keys that seem to be missing."""
        self._loaded = loaded
        self._mistakes = mistakes
        self._unknown: dict[Route, list[str]] = defaultdict(list)
        for mistake in mistakes:
            if mistake.keyword == "additionalProperties" and "x-verb" not in mistake.schema:
                self._unknown[mistake.route] += extra_keys(mistake)
        self._misspelled_verbs = {
            mistake.route: verb
            for mistake in mistakes
            if mistake.keyword == "anyOf" and rule_of(mistake) == "unknown-step" and (verb := self._verb(mistake.route))
        }

    def problems(self) -> tuple[Problem, ...]:
        """Every mistake, said once."""
        phrased = (problem for mistake in self._mistakes for problem in self._phrase(mistake))
        return in_order(islice(phrased, _MOST))

    def _phrase(self, mistake: Mistake) -> Iterator[Problem]:
        phrase = _PHRASES.get(mistake.keyword)
        if phrase is not None:
            yield from phrase(self, mistake)

    @cached_property
    def _names(self) -> dict[Route, str]:
        """What the steps without an id may be called."""
        return names_for_steps(self._loaded.tree)

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
            fix = renamed(self._loaded.key((*route, key)), key, free)
            hint = "" if _belongs(route, key) else did_you_mean(key, allowed)
            yield self._at_key((*route, key), rule, message + hint, step, fix)

    def _misplaced_keys(self, mistake: Mistake, route: Route) -> Iterator[Problem]:
        verbs = verbs_of(mistake.instance)
        if len(verbs) > 1:
            message = f"a step does one thing; this one has {listed(map(quoted, verbs))}"
            yield self._at_key(
                (*route, verbs[1]), "two-verbs", message, f"move {quoted(verbs[1])} to a step of its own"
            )
            return
        verb = mistake.schema["x-verb"]
        beside = [key for key in mistake.schema["properties"] if key not in {"id", "renamed", verb}]
        for key in set(extra_keys(mistake)) - set(self._unknown.get(route, [])):
            message = f"{quoted(key)} does not belong to a {verb} step"
            step = f"beside {verb} there may be {listed(beside)}; remove it" if beside else "remove it"
            yield self._at_key((*route, key), "unknown-key", message, step)

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
            fix = with_id(self._names.get(route), self._head(route), self._loaded.value(route))
            yield self._problem(self._head(route), "missing-id", "this step has no id", step, fix)
            return
        example = _PLACEHOLDER.get(key, "…")
        yield self._problem(self._head(route), "missing-key", f'{owner} needs "{key}"', f"add `{key}: {example}`")

    def none_of(self, mistake: Mistake) -> Iterator[Problem]:
        """No verb, or no time limit."""
        route, unknown = mistake.route, self._unknown.get(mistake.route, [])
        if rule_of(mistake) == "no-time-limit":
            if not any(nearest(key, ("within", "until")) for key in unknown):
                yield self._time_limit(route)
        elif key := self._misspelled_verbs.get(route):
            message = f"no step is called {quoted(key)}{did_you_mean(key, VERBS)}"
            fix = renamed(self._loaded.key((*route, key)), key, VERBS)
            yield self._at_key((*route, key), "unknown-step", message, f"use one of {listed(VERBS)}", fix)
        elif verb := self._torn_off(route):
            step = f"delete the dash before `{verb}` below, so that it belongs to this step"
            yield self._problem(self._head(route), "unknown-step", "this step does nothing", step)
        else:
            step = f"add one of {listed(VERBS)}"
            yield self._problem(self._head(route), "unknown-step", "this step does nothing", step)

    def _torn_off(self, route: Route) -> str | None:
        """The verb of the next step, if a dash too many has torn it off a step that has nothing but an id."""
        step = self._at(route)
        if not isinstance(route[-1], int) or set(step) != {"id"}:
            return None
        following = self._at(route[:-1])[route[-1] + 1 :][:1]
        return next((key for item in following if isinstance(item, dict) and "id" not in item for key in item), None)

    def _was_torn_off(self, route: Route) -> bool:
        if not route or not isinstance(route[-1], int) or route[-1] == 0:
            return False
        before = (*route[:-1], route[-1] - 1)
        return isinstance(self._at(before), dict) and self._torn_off(before) is not None

    def both_of(self, mistake: Mistake) -> Iterator[Problem]:
        """Keys that exclude each other."""
        route, rule = mistake.route, rule_of(mistake)
        keys = listed(map(quoted, mistake.limit.get("required", [])))
        second = mistake.limit.get("required", ["", ""])[1]
        message = mistake.schema.get("errorMessage", f"{keys} exclude each other")
        if rule == "no-time-limit":
            message = f"a wait_for has one time limit; this one has {keys}"
        yield self._at_key((*route, second), rule, message, "keep one of them")

    def _time_limit(self, route: Route) -> Problem:
        message = "a wait_for needs a time limit: `within: 7 days` or `until: {day: …, offset: …, at: …}`"
        return self._at_key((*route, "wait_for"), "no-time-limit", message, "write one of the two below wait_for")

    def wrong_type(self, mistake: Mistake) -> Iterator[Problem]:
        """A number for a text, a text for a list, and the like."""
        route, rule = mistake.route, rule_of(mistake, "bad-value")
        if joined := next(
            (place for place, part in enumerate(route) if part in _JOINS and "if" in route[:place]), None
        ):
            yield self._joined(route[: joined + 1])
            return
        subject = f'"{route[-1]}"' if route and isinstance(route[-1], str) else "this"
        if mistake.instance is None:
            yield self._problem(self._loaded.key(route), "bad-value", f"{subject} is empty", self._filled(mistake))
            return
        rule = "bad-value" if rule.startswith("unknown-") else rule
        hint = _did_you_mean_value(rule, mistake)
        message = f"{subject} cannot be {spoken(mistake.instance)}{hint}"
        yield self._problem(self._loaded.value(route), rule, message, wanted(mistake))

    def _joined(self, route: Route) -> Problem:
        """`or` between conditions, or a branch that has slipped under the condition."""
        word = str(route[-1])
        if meant := _JOINS[word]:
            message, step = f"no field is called {quoted(word)}", f"write `{meant}:` and a list of conditions"
        else:
            message, step = f"{quoted(word)} stands inside the condition", "begin it in the column of `if`"
        return self._at_key(route, "unknown-field", message, step)

    def _filled(self, mistake: Mistake) -> str:
        """What to write where nothing stands; a # may have swallowed it."""
        key, span = mistake.route[-1] if mistake.route else "", self._loaded.key(mistake.route)
        after = self._loaded.source.line(span.line)[span.column - 1 + span.width :]
        if after.removeprefix(":").lstrip().startswith("#"):
            return "put the text in quotes: # begins a comment"
        return f"write `{key}: any`" if key in _ABOUT_ANYTHING else wanted(mistake)

    def wrong_word(self, mistake: Mistake) -> Iterator[Problem]:
        """A word that is not in the list of allowed ones."""
        allowed = [str(word) for word in mistake.limit]
        rule = rule_of(mistake, "bad-value")
        start = "no event is called " if rule == "unknown-event" else ""
        ending = "" if start else " cannot stand here"
        message = f"{start}{quoted(mistake.instance)}{ending}{did_you_mean(mistake.instance, allowed)}"
        fix = renamed(self._token(mistake), str(mistake.instance), allowed)
        yield self._problem(self._token(mistake), rule, message, f"use one of {listed(allowed)}", fix)

    def wrong_constant(self, mistake: Mistake) -> Iterator[Problem]:
        """A value that can be one thing only."""
        step = mistake.schema.get("errorMessage", f"write {mistake.limit}")
        subject = f'"{mistake.route[-1]}"' if mistake.route and isinstance(mistake.route[-1], str) else "this"
        message = f"{subject} cannot be {spoken(mistake.instance)}"
        yield self._problem(self._token(mistake), rule_of(mistake, "bad-value"), message, step)

    def wrong_shape(self, mistake: Mistake) -> Iterator[Problem]:
        """A text of another form."""
        rule = rule_of(mistake, "bad-value")
        hint = _did_you_mean_value(rule, mistake)
        # What may be a secret is not shown once more.
        shown = "this" if rule in {"secret-in-file", "url-in-webhook"} else quoted(mistake.instance)
        message = f"{shown} {_IS_NOT.get(rule, 'cannot stand here')}{hint}"
        step = advice_on(rule, mistake.instance) or mistake.schema.get("patternErrorMessage", "write it anew")
        fix = respelled(self._token(mistake), mistake.instance, mistake.limit) if rule == "bad-duration" else None
        yield self._problem(self._token(mistake), rule, message, step, fix)

    def wrong_size(self, mistake: Mistake) -> Iterator[Problem]:
        """Too much or too little of something."""
        limit = mistake.limit
        says = {
            "minimum": f"{spoken(mistake.instance)} is less than {limit}",
            "maximum": f"{spoken(mistake.instance)} is more than {limit}",
            "minLength": "this text is empty",
            "maxLength": f"this text is longer than {limit} characters",
            "minItems": f"this list needs {limit} or more entries",
            "maxItems": f"this list may have {limit} entries",
            "uniqueItems": "this list says something twice",
        }
        step = mistake.schema.get("errorMessage", "change it, or remove it")
        yield self._problem(self._token(mistake), rule_of(mistake, "bad-value"), says[mistake.keyword], step)

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
            where = self._loaded.value(route)
        else:
            keys, most = list(mistake.instance), mistake.limit
            few = f"one {noun or 'thing'} at a time" if most == 1 else f"{most} at most"
            message = f"{few}; here are {listed(map(quoted, keys), most=3)}"
            where = self._loaded.key((*route, keys[most]))
        step = f"use one of {listed(allowed)}" if allowed else "write one more, or do without it"
        if mistake.keyword == "maxProperties":
            step = f"keep one of them{_MORE_EVENTS if noun == 'event' else ''}"
        yield self._problem(where, "bad-value", message, step)

    def _token(self, mistake: Mistake) -> Span:
        """The wrong value, or the wrong key where a schema is about keys."""
        route = mistake.route
        if mistake.about_key:
            return self._loaded.key((*route, mistake.instance))
        return self._loaded.value(route)

    def _head(self, route: Route) -> Span:
        """The token that stands for a mapping: its key, or for an item of a list its first key."""
        if route and isinstance(route[-1], str):
            return self._loaded.key(route)
        value = self._at(route)
        first = next(iter(value), None) if isinstance(value, Mapping) else None
        return self._loaded.key((*route, first)) if first is not None else self._loaded.value(route)

    def _at(self, route: Route) -> Any:
        value = self._loaded.tree
        for part in route:
            value = value[part]
        return value

    def _at_key(self, route: Route, rule: str, message: str, step: str, fix: Edit | None = None) -> Problem:
        return self._problem(self._loaded.key(route), rule, message, step, fix)

    def _problem(self, span: Span, rule: str, message: str, step: str, fix: Edit | None = None) -> Problem:
        return replace(self._loaded.source.problem(span, rule, message, step), fix=fix)


_PHRASES: dict[str, Callable[[Phrases, Mistake], Iterator[Problem]]] = {
    "additionalProperties": Phrases.unknown_keys,
    "required": Phrases.missing_key,
    "anyOf": Phrases.none_of,
    "not": Phrases.both_of,
    "type": Phrases.wrong_type,
    "enum": Phrases.wrong_word,
    "const": Phrases.wrong_constant,
    "pattern": Phrases.wrong_shape,
    **dict.fromkeys(
        ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        Phrases.wrong_size,
    ),
    **dict.fromkeys(("minProperties", "maxProperties"), Phrases.wrong_count),
}


def _did_you_mean_value(rule: str, mistake: Mistake) -> str:
    meant = meant_value(rule, mistake.instance, mistake.schema.get("pattern"))
    return f' — did you mean "{meant}"?' if meant else ""


def _belongs(route: Route, key: str) -> str | None:
    """Where a key belongs that stands one place too high."""
    if route == () and key in VERBS:
        return f"write it as a step: under `steps`, `- {{id: …, {key}: …}}`"
    if route == ("start",) and key in KINDS:
        return f"write it under `when`: `when: {{{key}: …}}`"
    return None
