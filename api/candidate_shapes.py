"""What goes over the wire about candidates."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.paging import Page
from api.shapes import Candidate, Day, Instant, Request, Text, Word
from rapport.dsl.stages import STAGES

Stage = Literal[STAGES]  # type: ignore[valid-type]  # the lifecycle's own list, kept in one place


class CandidateChange(Request):
    """Fields of a profile; those that are not named stay as they are, null empties one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"city": "Berlin", "custom": {"notice_period": 30}}]})

    first_name: Text | None = None
    last_name: Text | None = None
    locale: Word | None = Field(default=None, examples=["de-AT"])
    timezone: Word | None = Field(default=None, examples=["Europe/Vienna"])
    country: Word | None = Field(default=None, examples=["AT"])
    city: Text | None = None
    seniority: Text | None = Field(default=None, examples=["senior"])
    skills: list[Word] | None = Field(default=None, max_length=500, examples=[["python", "go"]])
    source: Text | None = Field(default=None, description="Where you know them from.", examples=["career-fair"])
    owner_recruiter: Word | None = Field(default=None, description="A key of `people`.", examples=["anna-koch"])
    joined_on: Day | None = None
    stage: Stage | None = Field(default=None, description="Where they stand, set by hand.")
    custom: dict[Word, Any] | None = Field(
        default=None, max_length=200, description="Your own fields, as `custom_fields` of project.yaml declares them."
    )


class Consent(Request):
    """What the person agreed to, and how."""

    purposes: list[Word] = Field(min_length=1, max_length=50, examples=[["nurture"]])
    basis: Word = Field(description="The legal basis, one of the `bases` of the purpose.", examples=["consent"])
    text: Text = Field(min_length=1, description="The exact words that they agreed to.")
    source: Word | None = Field(default=None, description="Where they agreed; else the person's `source`, or refused.")
    until: Instant | None = Field(default=None, description="When it ends; implied consent needs it.")


class CandidateRequest(CandidateChange):
    """Somebody whom Rapport does not know yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ada@example.com",
                    "first_name": "Ada",
                    "source": "career-fair",
                    "consent": {"purposes": ["nurture"], "basis": "consent", "text": "Yes, write to me."},
                }
            ]
        }
    )

    email: Word = Field(examples=["ada@example.com"])
    consent: Consent | None = Field(default=None, description="Without it the person gets no mail.")


class CandidateCreated(BaseModel):
    """The person is stored."""

    id: str = Field(examples=["c_5ab7r2k9m3nq8t4w"])


class CandidatePage(Page[Candidate]):
    """Some people, in the order of their ids."""


class ScoreEntry(BaseModel):
    """One change of a score."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="Walk time.")
    before: int
    after: int
    how: Literal["add", "subtract", "set"] | None = Field(description="Null in entries of before this was kept.")
    points: int | None
    cause: str = Field(description="What changed it.", examples=["welcome-engineering/c_5ab7r2k9m3nq8t4w/1/clicked"])


class AddressRequest(Request):
    """One address of the person."""

    email: Word = Field(examples=["ada@example.com"])


class AddressesChanged(BaseModel):
    """Whose addresses changed."""

    candidate: str


class AddressList(BaseModel):
    """All addresses of a person."""

    primary: str | None = Field(description="The one that mails go to.")
    further: list[str] = Field(description="Those by which the person is recognized, too.")
