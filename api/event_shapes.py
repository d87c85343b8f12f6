"""What goes over the wire about what happened."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.event_needs import ABOUT_WALK, GIVEN, NEEDS, OF_WALK, Need, details_in_words, needs_in_schema
from api.shapes import Instant, Person, Request, Text, Word
from rapport.dsl.events import ALWAYS_ON, KINDS, STEERING
from rapport.usecases.calendar import DECISIVE

EVENT_KINDS: Final = tuple(dict.fromkeys((*KINDS, *ALWAYS_ON, *STEERING)))
Kind = Literal[EVENT_KINDS]  # type: ignore[valid-type]  # the language's own list, kept in one place
Detail = Text | int | float | bool | list[Text]
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before that, nobody kept such data: it is a mistake


def _kept(at: datetime) -> datetime:
    if at < _EARLIEST:
        message = "it lies before 2000; send when it happened"
        raise ValueError(message)
    return at


def _with(*names: str, **more: Any) -> dict[str, Any]:
    """JSON Schema for: these are given."""
    return {"required": list(names), "properties": {**dict.fromkeys(names, GIVEN), **more}}


class CalendarEvent(Request):
    """An event that people register for; dates without an offset are in `zone`."""

    id: Word = Field(examples=["career-fair-2026"])
    type: Word | None = None
    title: Text | None = None
    starts_at: Word | None = Field(default=None, examples=["2026-04-01T10:00"])
    ends_at: Word | None = None
    zone: Word | None = Field(default=None, examples=["Europe/Berlin"])
    city: Text | None = None


class EventRequest(Person):
    """Something that happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "applied", "email": "ada@example.com", "detail": {"job": "backend-engineer"}}],
            # What `_about_somebody` says, for programs that read the schema.
            "anyOf": [_with("candidate"), _with("email"), _with("event", kind={"enum": list(DECISIVE)})],
            "not": _with("candidate", "email"),
            "allOf": needs_in_schema(),
        }
    )

    kind: Kind = Field(description="What happened, a word of the language.", examples=["applied"])
    id: Word | None = Field(
        default=None, description="Your own id of it; the same id counts once. Unless given, the idempotency key."
    )
    at: Annotated[Instant, AfterValidator(_kept)] | None = Field(
        default=None, description="When it happened; now unless given."
    )
    enrollment: Word | None = Field(
        default=None, description="The walk that it is about, if it is about one; clicked and opened always are."
    )
    step: Word | None = Field(default=None, description="The send step that it is about, if it is about one mail.")
    link: Word | None = Field(default=None, description="The name of the link that was clicked.")
    event: CalendarEvent | None = Field(default=None, description="For what happens at or to an event.")
    detail: dict[Word, Detail] = Field(
        default_factory=dict,
        max_length=50,
        description=(
            f"What sequences ask of the kind. Needed: {details_in_words()}. "
            "Further: `stage`, `reason` and `job` of applications, `purpose` of what people refuse; without it, all"
        ),
        examples=[{"job": "backend-engineer", "stage": "interview"}],
    )

    @model_validator(mode="after")
    def _about_somebody(self) -> "EventRequest":
        if self.candidate is not None and self.email is not None:
            message = "name the person by `candidate` or by `email`, and not by both"
            raise ValueError(message)
        about_all = self.kind in DECISIVE and self.event is not None
        if self.candidate is None and self.email is None and not about_all:
            message = "name the person by `candidate` or by `email`"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _says_enough(self) -> "EventRequest":
        need = NEEDS.get(self.kind)
        if need is not None and not need.is_met(self._value(need.field)):
            raise _needed(need, by=self.kind)
        for name in ABOUT_WALK:
            if getattr(self, name) is not None and self.enrollment is None:
                raise _needed(OF_WALK, by=name)
        return self

    def _value(self, field: str) -> object:
        name, _, word = field.partition(".")
        return self.detail.get(word) if word else getattr(self, name)


def _needed(need: Need, *, by: str) -> PydanticCustomError:
    message = "{by} needs it; send `{field}`, {form}"
    return PydanticCustomError(
        "needed", message, {"by": by, "field": need.field, "form": need.form, "place": need.place}
    )


class EventTaken(BaseModel):
    """An event that is stored and cannot get lost any more."""

    id: str = Field(description="Our id of it.", examples=["h_7c2m5x"])
    new: bool = Field(description="False when it was told before: nothing has changed.")
    deliveries: int = Field(description="How many walks will hear of it.")
    started: list[str] = Field(description="The enrollments that it began.")
