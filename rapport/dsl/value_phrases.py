"""In plain words: values that cannot stand where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.dsl.compose import Route
from rapport.dsl.events import ATS_EVENTS, EVENT_EVENTS, MAIL_EVENTS
from rapport.dsl.layout.mends import renamed, respelled
from rapport.dsl.meant import advice_on, meant_value
from rapport.dsl.mistake import Mistake, rule_of, wanted
from rapport.dsl.phrase_places import Places
from rapport.dsl.problem import Problem
from rapport.dsl.wording import did_you_mean, listed, quoted, spoken

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
# Events that may be about anything.
_ABOUT_ANYTHING = {*MAIL_EVENTS, *ATS_EVENTS, *EVENT_EVENTS, "rejected"}
# How programmers join conditions; as a key they would be taken for a field.
_JOINS = {"and": "all", "or": "any", "not": "none", "then": "", "else": ""}


@dataclass(frozen=True, slots=True)
class ValuePhrases:
    """About the values of one file."""

    _places: Places

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
            yield self._places.problem(
                self._places.loaded.key(route), "bad-value", f"{subject} is empty", self._filled(mistake)
            )
            return
        rule = "bad-value" if rule.startswith("unknown-") else rule
        hint = _did_you_mean_value(rule, mistake)
        message = f"{subject} cannot be {spoken(mistake.instance)}{hint}"
        yield self._places.problem(self._places.loaded.value(route), rule, message, wanted(mistake))

    def _joined(self, route: Route) -> Problem:
        """`or` between conditions, or a branch that has slipped under the condition."""
        word = str(route[-1])
        if meant := _JOINS[word]:
            message, step = f"no field is called {quoted(word)}", f"write `{meant}:` and a list of conditions"
        else:
            message, step = f"{quoted(word)} stands inside the condition", "begin it in the column of `if`"
        return self._places.at_key(route, "unknown-field", message, step)

    def _filled(self, mistake: Mistake) -> str:
        """What to write where nothing stands; a # may have swallowed it."""
        key, span = mistake.route[-1] if mistake.route else "", self._places.loaded.key(mistake.route)
        after = self._places.loaded.source.line(span.line)[span.column - 1 + span.width :]
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
        fix = renamed(self._places.token(mistake), str(mistake.instance), allowed)
        yield self._places.problem(self._places.token(mistake), rule, message, f"use one of {listed(allowed)}", fix)

    def wrong_constant(self, mistake: Mistake) -> Iterator[Problem]:
        """A value that can be one thing only."""
        step = mistake.schema.get("errorMessage", f"write {mistake.limit}")
        subject = f'"{mistake.route[-1]}"' if mistake.route and isinstance(mistake.route[-1], str) else "this"
        message = f"{subject} cannot be {spoken(mistake.instance)}"
        yield self._places.problem(self._places.token(mistake), rule_of(mistake, "bad-value"), message, step)

    def wrong_shape(self, mistake: Mistake) -> Iterator[Problem]:
        """A text of another form."""
        rule = rule_of(mistake, "bad-value")
        hint = _did_you_mean_value(rule, mistake)
        # What may be a secret is not shown once more.
        shown = "this" if rule in {"secret-in-file", "url-in-webhook"} else quoted(mistake.instance)
        message = f"{shown} {_IS_NOT.get(rule, 'cannot stand here')}{hint}"
        step = advice_on(rule, mistake.instance) or mistake.schema.get("patternErrorMessage", "write it anew")
        fix = (
            respelled(self._places.token(mistake), mistake.instance, mistake.limit) if rule == "bad-duration" else None
        )
        yield self._places.problem(self._places.token(mistake), rule, message, step, fix)

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
        yield self._places.problem(
            self._places.token(mistake), rule_of(mistake, "bad-value"), says[mistake.keyword], step
        )


def _did_you_mean_value(rule: str, mistake: Mistake) -> str:
    meant = meant_value(rule, mistake.instance, mistake.schema.get("pattern"))
    return f' — did you mean "{meant}"?' if meant else ""
