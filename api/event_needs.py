"""What an event of each kind has to say before it means anything to a sequence: as a check, and as JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, Strict, TypeAdapter, ValidationError

from rapport.dsl.events import ARGUMENT_OF
from rapport.usecases.calendar import ABOUT_EVENTS

Json = dict[str, Any]
GIVEN: Final[Json] = {"not": {"type": "null"}}


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _text(form: str, pattern: str, *further: AfterValidator) -> tuple[str, Any]:
    said = Field(pattern=pattern, json_schema_extra={"patternErrorMessage": f"write {form}"})
    return form, Annotated[str, said, *further]


# What a detail holds, in words and as a type; those that are not named hold a text.
_HOLDS: Final[Mapping[str, tuple[str, Any]]] = {
    "score": ("a whole number", Annotated[int, Strict()]),
    "until": _text("a day like 2026-03-09", r"^\d{4}-\d\d-\d\d$", AfterValidator(_day)),
}
_WORD: Final = _text("a text", r"\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A field without which an event says nothing, like `detail.form`; `form` is what to send there, in words.

    `holds` reads what a detail may hold; None where anything will do that is there at all.
    """

    field: str
    form: str
    holds: TypeAdapter[Any] | None = None

    @property
    def place(self) -> str:
        """Where it is, as a JSON pointer."""
        return "/" + self.field.replace(".", "/")

    @property
    def in_schema(self) -> Json:
        """JSON Schema for: it is given."""
        schema = self.holds.json_schema() if self.holds else GIVEN
        for name in reversed(self.field.split(".")):
            schema = {"required": [name], "properties": {name: schema}}
        return schema

    def is_met(self, value: object) -> bool:
        """Whether the value of the field will do."""
        try:
            return value is not None and (self.holds is None or self.holds.validate_python(value) is not None)
        except ValidationError:
            return False


def _of_detail(word: str) -> Need:
    form, kind = _HOLDS.get(word, _WORD)
    return Need(field=f"detail.{word}", form=form, holds=TypeAdapter(kind))


# A step and a link are those of a walk, and so are clicks: nobody else's walk hears of them.
OF_WALK: Final = Need(field="enrollment", form="the id of the walk")
ABOUT_WALK: Final = ("step", "link")
_EVENT: Final = Need(field="event", form="the event with its `id`")
NEEDS: Final[Mapping[str, Need]] = {
    **dict.fromkeys(("clicked", "opened"), OF_WALK),
    **dict.fromkeys(ABOUT_EVENTS, _EVENT),
    **{kind: _of_detail(word) for kind, word in {**ARGUMENT_OF, "out_of_office": "until"}.items()},
}


def needs_in_schema() -> list[Any]:
    """All of it as conditions of JSON Schema."""
    of_kinds = [
        {"if": {"required": ["kind"], "properties": {"kind": {"enum": kinds}}}, "then": NEEDS[kinds[0]].in_schema}
        for kinds in _kinds_by_field().values()
    ]
    of_others = [
        {"if": {"required": [name], "properties": {name: GIVEN}}, "then": OF_WALK.in_schema} for name in ABOUT_WALK
    ]
    return [*of_kinds, *of_others]


def details_in_words() -> str:
    """Which kinds need which detail: "`form` of submitted, `pool` of added_to_pool and removed_from_pool"."""
    named = ((field.removeprefix("detail."), kinds) for field, kinds in _kinds_by_field().items() if "." in field)
    return ", ".join(f"`{word}` of {' and '.join(kinds)}" for word, kinds in named)


def _kinds_by_field() -> dict[str, list[str]]:
    fields = dict.fromkeys(need.field for need in NEEDS.values())
    return {field: [kind for kind, need in NEEDS.items() if need.field == field] for field in fields}
