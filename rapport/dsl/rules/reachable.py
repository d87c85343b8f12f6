"""Steps that no walk can get to, and conditions that decide nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rapport.dsl.certain import Known, answer
from rapport.dsl.compose import Route
from rapport.dsl.conditions import read_condition
from rapport.dsl.outline import branches
from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject

_DEAD = {True: "else", False: "then"}
_WHO = {True: "everybody", False: "nobody"}


def unreachable_step(subject: Subject) -> Iterator[Problem]:
    """Nothing stands below a stop that always stops, or in a branch that nobody takes."""
    yield from _Flow(subject).unreachable(subject.loaded.tree.get("steps"), ("steps",))


def constant_condition(subject: Subject) -> Iterator[Problem]:
    """A condition tells people apart; one whose dead branch has steps is told by these."""
    flow = _Flow(subject)
    for condition in subject.conditions():
        known = flow.answers.get(condition.route)
        if known is None or (known and condition.step is None) or flow.has_dead_steps(condition, known=known):
            continue
        message = f"this holds for {_WHO[known]}"
        step = "delete it, or write what you meant; fields in one block must all hold, `any` is a list of alternatives"
        yield subject.at_key(condition, "constant-condition", message, step)


@dataclass(frozen=True)
class _Flow:
    """Which ways lead on, where that is known beforehand."""

    subject: Subject

    def unreachable(self, steps: Any, route: Route) -> Iterator[Problem]:
        ended = False
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if not isinstance(step, dict):
                continue
            place = (*route, index)
            if ended:
                message = "no walk can get here: the step above always ends it"
                yield self._at(step, place, message, "give the stop an `if`, or delete the steps below it")
                return
            dead = self._dead_branch(step, place)
            for branch_route, branch in branches(step, place):
                if branch_route[-1] == dead and branch and isinstance(branch[0], dict):
                    message = f"no walk can get here: the condition above holds for {_WHO[dead == 'else']}"
                    yield self._at(
                        branch[0], (*branch_route, 0), message, "change the condition, or delete this branch"
                    )
                else:
                    yield from self.unreachable(branch, branch_route)
            ended = self._always_ends(step, place)

    @cached_property
    def answers(self) -> Mapping[Route, bool | None]:
        """What is known of every condition that can be read, by its place."""
        sound = (at for at in self.subject.conditions() if self.subject.sound(at.route))
        return {at.route: answer(read_condition(at.value), self._known(at)) for at in sound}

    def _known(self, at: At) -> Known:
        """Somebody in a walk has consented, where consent is needed."""
        project, purpose = self.subject.project, self.subject.top("purpose")
        declared = project.purposes.get(purpose.value) if project and purpose else None
        return Known(self.subject.fields, declared.key if declared and declared.required and at.step else None)

    def has_dead_steps(self, condition: At, *, known: bool) -> bool:
        """Whether the branch that nobody takes has steps."""
        step = condition.step
        return step is not None and step.verb == "if" and bool(step.step.get(_DEAD[known]))

    def _dead_branch(self, step: Mapping[str, Any], place: Route) -> str | None:
        known = self.answers.get((*place, "if")) if "stop" not in step else None
        return None if known is None else _DEAD[known]

    def _always_ends(self, step: Any, place: Route) -> bool:
        """Whether no walk gets past a step."""
        if "stop" in step:
            if "if" in step:
                return self.answers.get((*place, "if")) is True
            return "unless" not in step or self.answers.get((*place, "unless")) is False
        ways = list(branches(step, place))
        needed = len(step["split"]) if isinstance(step.get("split"), dict) else 2
        choosing = any(verb in step for verb in ("if", "wait_for", "split"))
        return choosing and len(ways) == needed > 0 and all(self._list_ends(steps, route) for route, steps in ways)

    def _list_ends(self, steps: Any, route: Route) -> bool:
        inside = enumerate(steps if isinstance(steps, list) else ())
        return any(isinstance(step, dict) and self._always_ends(step, (*route, index)) for index, step in inside)

    def _at(self, step: Mapping[str, Any], place: Route, message: str, advice: str) -> Problem:
        key = "id" if "id" in step else next(iter(step), "")
        return self.subject.at_value(At(step, (*place, key)), "unreachable-step", message, advice)


RULES = (unreachable_step, constant_condition)
