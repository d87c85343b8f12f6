"""What does not fit in a request, in our words: pydantic's are for who wrote the model."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_INSTANT: Final = "an instant with its offset, like 2026-03-02T10:00:00+01:00"
# What a field takes, by the kind of error that something else in it is.
_TAKES: Final[Mapping[str, str]] = {
    "string_type": "a text",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "`true` or `false`"),
    "list_type": "a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "an object"),
    **dict.fromkeys(("date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"), "a day like 2026-03-02"),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"), _INSTANT),
}
_SAID: Final[Mapping[str, str]] = {
    "missing": "it is missing; send it",
    "extra_forbidden": "there is no such field; leave it out",
    "literal_error": "no such word is known; send {expected}",
    "string_too_short": "it is too short; send {min_length} or more characters",
    "string_too_long": "it is too long; send {max_length} characters or fewer",
    "too_short": "it holds too few; send {min_length} or more",
    "too_long": "it holds too many; send {max_length} or fewer",
    "greater_than_equal": "it is too small; send {ge} or more",
    "less_than_equal": "it is too large; send {le} or less",
}


def misfits(found: Sequence[Mapping[str, Any]], body: Any) -> Iterator[tuple[str, str]]:
    """Each place in a request that does not fit, with one sentence; what was sent there is not repeated.

    Where one of several kinds would do, pydantic has an error for each of them.
    """
    places: dict[str, list[Mapping[str, Any]]] = {}
    for error in found:
        places.setdefault(_place(error, body), []).append(error)
    for place, errors in places.items():
        taken = [_TAKES[error["type"]] for error in errors if error["type"] in _TAKES]
        yield place, _other_kind(taken) if taken else _said(errors[0])


def _other_kind(taken: Sequence[str]) -> str:
    *most, last = dict.fromkeys(taken)
    return f"it is of another kind; send {', '.join(most)}{' or ' if most else ''}{last}"


def _said(error: Mapping[str, Any]) -> str:
    ours = _SAID.get(error["type"])
    # What a validator of ours has said comes with words in front of it that help nobody.
    return ours.format(**error.get("ctx", {})) if ours else error["msg"].removeprefix("Value error, ")


def _place(error: Mapping[str, Any], body: Any) -> str:
    """Where it is; an error about several fields says itself which of them to change."""
    named = error.get("ctx", {}).get("place")
    head, *rest = error["loc"] or ("",)
    if head != "body":
        return named or ".".join(str(part) for part in rest or [head])
    return named or "/" + "/".join(str(part) for part in _really(rest, body, missing=error["type"] == "missing"))


def _really(parts: Sequence[Any], body: Any, *, missing: bool) -> Iterator[Any]:
    """The parts that lead through the body; the others are pydantic's names for the kinds that a value may be of."""
    for part in parts:
        try:
            body = body[part]
        except (LookupError, TypeError):
            if missing and part == parts[-1]:
                yield part
        else:
            yield part
