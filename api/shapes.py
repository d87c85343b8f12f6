"""What goes over the wire: requests and answers, with the examples that the documentation shows."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from api.paging import Page
from rapport.store.enrollments import WalkState
from rapport.usecases.ledger import State

# NUL and lone surrogates cannot be stored everywhere; other control characters are never meant.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BEGINS_WITH_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST = 2_000


def _spelled_out(otherwise: Literal["date_type", "datetime_type"]) -> BeforeValidator:
    """Only what begins with a day: a bare number, in quotes or not, may be seconds, milliseconds or a slip."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not _BEGINS_WITH_A_DAY.match(value):
            raise PydanticKnownError(otherwise)
        return value

    return BeforeValidator(check)


def _writable(text: str) -> str:
    if _UNWRITABLE.search(text):
        message = "a control character cannot be in a text; delete it"
        raise ValueError(message)
    return text


Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_writable)]
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_writable)]
Instant = Annotated[AwareDatetime, _spelled_out("datetime_type")]
Day = Annotated[date, _spelled_out("date_type")]


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
