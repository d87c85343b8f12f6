"""What goes over the wire: requests and answers, with the examples that the documentation shows."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.paging import Page
from rapport.dsl.events import ALWAYS_ON, KINDS, STEERING
from rapport.store.enrollments import WalkState
from rapport.usecases.ledger import State

# NUL and lone surrogates cannot be stored everywhere; other control characters are never meant.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
EVENT_KINDS = tuple(dict.fromkeys((*KINDS, *ALWAYS_ON, *STEERING)))
# News of an event itself is about everybody who registered.
_ABOUT_ALL = ("event_changed", "event_cancelled")
_LONGEST = 2_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before that, nobody kept such data: it is a mistake


def _with(*names: str, **more: Any) -> dict[str, Any]:
    """JSON Schema for: these are given."""
    return {"required": list(names), "properties": {**{name: {"not": {"type": "null"}} for name in names}, **more}}


def _spelled_out(value: Any) -> Any:
    if isinstance(value, int | float):
        message = "write an instant with its offset, like 2026-03-02T10:00:00+01:00"
        raise ValueError(message)  # noqa: TRY004  # pydantic reports ValueErrors only
    return value


def _writable(text: str) -> str:
    if _UNWRITABLE.search(text):
        message = "a control character cannot be in a text; delete it"
        raise ValueError(message)
    return text


Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_writable)]
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_writable)]
# A bare number may be seconds or milliseconds; nobody should guess.
Instant = Annotated[AwareDatetime, BeforeValidator(_spelled_out)]
Kind = Literal[EVENT_KINDS]  # type: ignore[valid-type]  # the language's own list, kept in one place
Detail = Text | int | float | bool | list[Text]


class Request(BaseModel):
    """What is posted: an unknown key is a mistake, not a wish that is silently dropped."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Person(Request):
    """Somebody, named by id or by address."""

    candidate: Word | None = Field(default=None, description="The candidate's id.", examples=["c_5ab7r2k9m3nq8t4w"])
    email: Word | None = Field(default=None, description="Or the candidate's address.", examples=["ada@example.com"])


class OnePerson(Person):
    """Somebody who has to be named."""

    @model_validator(mode="after")
    def _named_once(self) -> "OnePerson":
        if (self.candidate is None) == (self.email is None):
            message = "name the person by `candidate` or by `email`, and not by both"
            raise ValueError(message)
        return self


class EnrollRequest(OnePerson):
    """Who is to walk which sequence."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sequence": "welcome-engineering", "email": "ada@example.com"}]}
    )

    sequence: Word = Field(description="The name of a published sequence.", examples=["welcome-engineering"])
    event: Word | None = Field(default=None, description="The id of the event that the walk is about.")
    application: Word | None = Field(default=None, description="The id of the application that it is about.")
    again: bool = Field(
        default=False, description="Pass over `once`, `once_per` and `again_after`; never over a walk under way."
    )


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
            "anyOf": [_with("candidate"), _with("email"), _with("event", kind={"enum": list(_ABOUT_ALL)})],
            "not": _with("candidate", "email"),
        }
    )

    kind: Kind = Field(description="What happened, a word of the language.", examples=["applied"])
    id: Word | None = Field(
        default=None, description="Your own id of it; the same id counts once. Unless given, the idempotency key."
    )
    at: Instant | None = Field(default=None, ge=_EARLIEST, description="When it happened; now unless given.")
    enrollment: Word | None = Field(default=None, description="The walk that it is about, if it is about one.")
    step: Word | None = Field(default=None, description="The send step that it is about, if it is about one mail.")
    link: Word | None = Field(default=None, description="The name of the link that was clicked.")
    event: CalendarEvent | None = Field(default=None, description="For what happens at or to an event.")
    detail: dict[Word, Detail] = Field(
        default_factory=dict,
        max_length=50,
        description=(
            "What sequences ask of the kind: `pool` of added_to_pool and removed_from_pool, `tag` of tagged, `form` of "
            "submitted, `name` of custom, `stage` of stage_changed_to and rejected, `reason`, `job`, `purpose`, `until`"
        ),
        examples=[{"job": "backend-engineer", "stage": "interview"}],
    )

    @model_validator(mode="after")
    def _about_somebody(self) -> "EventRequest":
        if self.candidate is not None and self.email is not None:
            message = "name the person by `candidate` or by `email`, and not by both"
            raise ValueError(message)
        about_all = self.kind in _ABOUT_ALL and self.event is not None
        if self.candidate is None and self.email is None and not about_all:
            message = "name the person by `candidate` or by `email`"
            raise ValueError(message)
        return self


class EventTaken(BaseModel):
    """An event that is stored and cannot get lost any more."""

    id: str = Field(description="Our id of it.", examples=["h_7c2m5x"])
    new: bool = Field(description="False when it was told before: nothing has changed.")
    deliveries: int = Field(description="How many walks will hear of it.")
    started: list[str] = Field(description="The enrollments that it began.")


class Enrollment(BaseModel):
    """One person's walk through one version of a sequence."""

    id: str = Field(examples=["welcome-engineering/c_5ab7r2k9m3nq8t4w/1"])
    sequence: str
    candidate: str
    n: int
    version: str
    state: WalkState
    enrolled_at: datetime
    cause: str
    event: str | None = None
    application: str | None = None
    ended_at: datetime | None = None
    end: str | None = Field(default=None, description="How it ended: `end`, `goal: …`, an exit's event, a reason.")


class EnrollmentPage(Page[Enrollment]):
    """Some enrollments, in the order of their ids."""


class TimelineEntry(BaseModel):
    """One line of what happened."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="Walk time.")
    kind: Literal["enrolled", "happening", "decision", "effect", "send", "hold", "end"]
    step: str | None = Field(description="The id of the step that it belongs to.")
    text: str = Field(examples=["welcome: accepted"])


class EnrollmentDetail(Enrollment):
    """One enrollment with everything that happened."""

    timeline: list[TimelineEntry]
    position: dict[str, Any] | None = Field(
        default=None, description="Where the walk is now; null when Temporal did not answer within a second."
    )


class CommandTaken(BaseModel):
    """A command that is stored and will reach the walk."""

    enrollment: str
    command: Literal["cancel", "pause", "resume", "retry", "skip"]
    state: str = Field(description="The enrollment's state when the command was stored.")


class Send(BaseModel):
    """One mail of one step, without its text and without an address."""

    model_config = ConfigDict(from_attributes=True, coerce_numbers_to_str=True)

    id: str = Field(description="A number of 63 bits, as text.", examples=["5127880311427760453"])
    enrollment: str = Field(examples=["welcome-engineering/c_5ab7r2k9m3nq8t4w/1"])
    step: str
    mail: str = Field(description="The name of the mail.")
    state: State
    at: datetime = Field(description="Walk time at which it was to leave.")
    reason: str | None = Field(description="Why it is in this state.")
    resent_at: datetime | None = Field(description="When somebody decided to send it again.")


class SendPage(BaseModel):
    """Some sends, in the order of their ids."""

    items: list[Send]
    next: str | None = Field(description="Hand this in as `after` for the next page; null on the last one.")


class Hold(BaseModel):
    """One walk that stands still at a step until a person says retry or skip."""

    model_config = ConfigDict(from_attributes=True)

    enrollment: str = Field(examples=["welcome-engineering/c_5ab7r2k9m3nq8t4w/1"])
    step: str
    since: datetime = Field(description="Walk time.")
    reason: str
    owner: str = Field(description="Whose sequence it is.", examples=["anna-koch"])


class HoldPage(Page[Hold]):
    """Some walks that stand still, in the order of their ids."""


class Refusal(BaseModel):
    """One decision not to enroll someone."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="Walk time.")
    sequence: str
    reason: str = Field(description="Why, as a stable word.", examples=["no_consent"])
    message: str = Field(description="Why, in a sentence.")
    cause: str = Field(description="What asked for it.", examples=["api: career-site"])


class SequenceSummary(BaseModel):
    """A published sequence."""

    name: str
    title: str
    owner: str
    version: str = Field(description="The version that new walks start on.")
    commit: str = Field(description="The git commit that it was published from.")
    people: dict[str, int] = Field(description="How many enrollments there are in each state.")


class SequenceDetail(SequenceSummary):
    """A published sequence with its plan."""

    purpose: str
    steps: list[str]


class Candidate(BaseModel):
    """What is known about a person."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    first_name: str | None
    last_name: str | None
    email: str | None
    locale: str | None
    timezone: str | None
    country: str | None
    city: str | None
    seniority: str | None
    skills: list[str]
    source: str | None
    stage: str | None
    score: int
    owner_recruiter: str | None
    custom: dict[str, Any]
    joined_on: date | None
    erased_at: datetime | None
    tags: list[str] = Field(default_factory=list)
    pools: list[str] = Field(default_factory=list)
    further_addresses: list[str] = Field(default_factory=list)
    enrollments: list[str] = Field(default_factory=list)
