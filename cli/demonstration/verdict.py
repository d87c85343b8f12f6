"""What really happened against what the simulator says, person by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from cli.demonstration.conductor import Played
from cli.demonstration.observer import Observer, Seen
from rapport.dsl.model import Ats
from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.virtual import Target
from workflows.client import Walks

_STILL_REJECTED = "still-rejected"


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """One walk: its path, mails, effects and end."""

    path: Sequence[tuple[str, datetime, str]]
    mails: Sequence[Seen]
    effects: Sequence[Seen]
    end: tuple[str, datetime] | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One walk, real and simulated."""

    enrollment: str
    first_name: str
    real: Timeline | None
    simulated: Timeline | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same to the second."""
        return self.real == self.simulated

    @property
    def difference(self) -> str:
        """Where they part, in a few words."""
        if self.real is None or self.simulated is None:
            return f"only {'simulated' if self.real is None else 'real'}"
        for name in ("path", "mails", "effects"):
            pairs = zip_longest(getattr(self.real, name), getattr(self.simulated, name))
            for real, simulated in pairs:
                if real != simulated:
                    return f"{name}: real {_short(real)}, simulated {_short(simulated)}"
        return "" if self.agrees else f"end: real {_short(self.real.end)}, simulated {_short(self.simulated.end)}"


def _short(value: object) -> str:
    """A tuple or Seen in a few words."""
    if isinstance(value, Seen):
        return _short((value.step, value.at))
    if isinstance(value, tuple | list):
        return " ".join(f"{part:%Y-%m-%d %H:%M:%S}" if isinstance(part, datetime) else str(part) for part in value)
    return "nothing" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Simulates what was played and compares."""

    plans: Mapping[str, Plan]
    targets: Mapping[str, Target]
    project: Project
    observer: Observer
    walks: Walks

    async def compare(self, played: Played) -> list[Comparison]:
        """Compare every walk that this person has had."""
        simulated = _timelines(self._simulate(played))
        real = {row.id: await self._real(row.id) for row in await self.observer.enrollments(played.candidate)}
        name = str(played.known.candidate.get("first_name", ""))
        return [
            Comparison(enrollment=key, first_name=name, real=real.get(key), simulated=simulated.get(key))
            for key in dict.fromkeys([*real, *simulated])
        ]

    def _simulate(self, played: Played) -> Calendar:
        part, known = played.part, played.known
        status = "active" if part.reopens else "rejected"
        tree = {
            "candidate": {**known.candidate, "consent": list(known.consents)},
            "event": dict(known.event),
            "application": dict(known.application),
            "mocks": {_STILL_REJECTED: {"status": status}},
            "when": list(part.when),
        }
        plan = self.plans[part.sequence]
        return Scenario(plan=plan, project=self.project, start=part.start, tree=tree, targets=self.targets).run()

    async def _real(self, enrollment: str) -> Timeline:
        result = await self.walks.handle(enrollment).result()
        plan = self.plans[enrollment.partition("/")[0]]
        # Reads are looks, not deeds: neither a test's `actions:` nor a calendar lists them.
        deeds = [node.id for node in plan.nodes if not isinstance(node.action, Ats) or node.action.how != "read"]
        return Timeline(
            path=[(step, at, outcome) for step, at, outcome in result.path],
            mails=await self.observer.mails(enrollment),
            effects=_in_order(await self.observer.effects(enrollment, deeds), plan),
            end=(result.end, result.at),
        )


def _timelines(calendar: Calendar) -> dict[str, Timeline]:
    world = calendar.time.world
    return {
        key: Timeline(
            path=[(passed.step, passed.at, passed.outcome) for passed in enrolled.path],
            mails=[Seen(done.at, done.step, done.what) for done in world.mails if done.enrollment == key],
            effects=_in_order(
                [Seen(done.at, done.step) for done in world.actions if done.enrollment == key], enrolled.plan
            ),
            end=(enrolled.end.name, enrolled.end.at) if enrolled.end else None,
        )
        for key, enrolled in world.enrollments.items()
    }


def _in_order(seen: Sequence[Seen], plan: Plan) -> list[Seen]:
    """By time; effects of one instant in the order of the file, which is the order in which they are done."""
    return sorted(seen, key=lambda one: (one.at, plan.node(one.step).index))
