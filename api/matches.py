"""Matches: the people who fit a role, best first, with a reason for every point."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.door import Behind
from api.idempotency import Key
from api.keys import Caller
from api.problems import documented
from api.shapes import Request, Word
from rapport.crm.role import Role
from rapport.usecases.match import Ranking, Search, rank, role_of_job

router = APIRouter(prefix="/v1/matches", tags=["matches"])

Skill = Annotated[Word, Field(max_length=100)]


class RoleSkills(Request):
    """What somebody can do."""

    must: list[Skill] = Field(default=[], max_length=50, description="Without these nobody is qualified.")
    nice: list[Skill] = Field(default=[], max_length=50, description="These are welcome.")


class RoleLocation(Request):
    """Where the work is."""

    city: Word | None = Field(default=None, examples=["Berlin"])
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", examples=["DE"])
    remote: bool = Field(default=False, description="Whether it can be done from anywhere.")


class RoleAsked(Request):
    """A role, as a role file has it."""

    title: Word = Field(examples=["Backend engineer"])
    skills: RoleSkills
    location: RoleLocation = RoleLocation()
    seniority: Word | None = Field(default=None, examples=["senior"])

    def as_role(self) -> Role:
        """The role that matching asks for."""
        return Role.read(self.model_dump(mode="json"))


class MatchRequest(Request):
    """Who is looked for."""

    role: RoleAsked | None = Field(default=None, description="The role.")
    job: Word | None = Field(default=None, description="Or a job of the ATS, by its id.", examples=["main/4711"])
    limit: int = Field(default=15, ge=1, le=1000, description="How many people at most.")
    qualified: bool = Field(default=True, description="Only people with every must skill.")
    engaged: bool = Field(default=False, description="Only who clicked, replied or came to an event lately.")
    days: int = Field(default=180, ge=1, le=3650, description="How many days lately is.")
    purpose: Word | None = Field(default=None, description="Only who agreed to this purpose; else any will do.")

    @model_validator(mode="after")
    def _named_once(self) -> "MatchRequest":
        if (self.role is None) == (self.job is None):
            message = "name what you look for by `role` or by `job`, and not by both"
            raise ValueError(message)
        return self


class PartShown(BaseModel):
    """Points of one kind."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["must skills"])
    points: float
    most: int
    why: str = Field(examples=["has go (as golang), postgres"])


class MatchShown(BaseModel):
    """Somebody and how well they fit; the points are those of the parts, of 100."""

    model_config = ConfigDict(from_attributes=True)

    candidate: str
    points: float
    qualified: bool
    engaged: bool
    parts: list[PartShown]


class Matches(BaseModel):
    """The best ones, best first."""

    matches: list[MatchShown]
    people: int = Field(description="How many people were measured.")
    left_out: dict[str, int] = Field(description="Who was looked at and left out, by reason.")


@router.post(
    "",
    operation_id="find_matches",
    summary="Find people for a role",
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def find(asked: MatchRequest, key: Key, behind: Behind, _: Caller) -> Matches:
    """Rank the people whom we know for a role, with a reason for every point; nothing is changed.

    It sorts whom you may write to and decides about nobody. Who is hired, in a process, an employee, suppressed or
    without consent is left out.
    """
    del key  # asked of every POST, so that a client needs one way to call; the same question has no second effect
    async with behind.store.read() as tx:
        role = asked.role.as_role() if asked.role else await role_of_job(tx, asked.job or "")
        found = await rank(tx, behind.clock, _search(asked, role))
    return _shown(found)


def _search(asked: MatchRequest, role: Role) -> Search:
    return Search(
        role=role,
        limit=asked.limit,
        qualified=asked.qualified,
        engaged=asked.engaged,
        days=asked.days,
        purpose=asked.purpose,
    )


def _shown(found: Ranking) -> Matches:
    matches = [MatchShown.model_validate(match) for match in found.matches]
    return Matches(matches=matches, people=found.people, left_out=dict(found.left_out))
