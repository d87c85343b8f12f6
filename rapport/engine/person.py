"""Whoever a simulation is about: a made-up person, or one copied from the store, and the world that knows only them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.dsl.plan import Plan
from rapport.engine.admission import Before
from rapport.engine.scenario import Scenario
from rapport.engine.segments import with_segments
from rapport.engine.situation import MailFacts
from rapport.engine.world import Enrolled, World

# The walk that stands for all of before: its mails count for the contact policy, and nobody walks it.
_BEFORE = "before/{candidate}/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person; `candidate` and `application` hold the catalog's fields by their bare names.

    `consents` maps a purpose with valid consent to when it expires (None: never); `closed` are the purposes, or `all`,
    for which the address gets no mail. `mailed` are the instants of earlier mails, as far back as the contact policy
    looks; until `paused_until` they want none. `walks` are the earlier walks, and `numbers` the numbers of the next
    ones, by sequence. `score_rest` is what rounding has left over of the score.
    """

    candidate: Mapping[str, Any] = field(repr=False)
    consents: Mapping[str, datetime | None]
    application: Mapping[str, Any] = field(default_factory=dict, repr=False)
    closed: frozenset[str] = frozenset()
    paused_until: datetime | None = None
    mailed: Sequence[datetime] = ()
    walks: Mapping[str, Sequence[Before]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    score_rest: float = 0.0

    @property
    def id(self) -> str:
        """The candidate's id."""
        return str(self.candidate["id"])

    def next_walk(self, sequence: str) -> str:
        """The id of this person's next walk through a sequence; variants are drawn by it."""
        return f"{sequence}/{self.id}/{self.numbers.get(sequence, 1)}"


@dataclass(frozen=True, kw_only=True)
class KnownScenario(Scenario):
    """A scenario about a person as they are known, not as a file describes them."""

    person: Person

    def walk_through(self, sequence: str) -> str:
        """The id that the walk would get."""
        return self.person.next_walk(sequence)

    @property
    def candidate(self) -> dict[str, Any]:
        """The candidate's fields, the score, the tags and the segments among them."""
        return with_segments(self.person.candidate, self.consents, self.project, self.start.instant)

    @property
    def consents(self) -> dict[str, datetime | None]:
        """The purposes agreed to, each with the end that its own entry has."""
        return dict(self.person.consents)

    def world(self) -> World:
        """The world on day 0, in which the mails of before have been sent."""
        world = super().world()
        world.application = {**self.person.application, **world.application}
        world.paused_until = self.person.paused_until
        world.score_rest = self.person.score_rest
        remember_mails(world, self.person, self.plan)
        return world


def remember_mails(world: World, person: Person, plan: Plan) -> None:
    """Let the contact policy count the mails that the person has had before; `plan` is any plan."""
    if person.mailed:
        earlier = {str(place): MailFacts(sent=at) for place, at in enumerate(person.mailed)}
        key = _BEFORE.format(candidate=person.id)
        world.enrollments[key] = Enrolled(plan=plan, at=min(person.mailed), mails=earlier)
