"""The compiled plan: a flat list of nodes with next-pointers, so that a walk's place is one number."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapport.dsl.build import read_action, verb_of
from rapport.dsl.events import Pattern, read_patterns
from rapport.dsl.model import Action, Send, WaitFor

PLAN_FORMAT = 1
# Events that a walk's own effects cause; a walk that ends on one must look up after every single effect.
_OWN_EFFECTS = frozenset({"tagged", "added_to_pool", "removed_from_pool", "score_reached", "sequence_ended"})
_BRANCHES = ("then", "else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of the plan; every pointer is a node's number, or None for the end of the sequence."""

    index: int
    id: str
    verb: str
    action: Action
    next: int | None = None
    then: int | None = None
    otherwise: int | None = None
    variants: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A sequence ready to be walked; `source` is the JSON that it was read from and that is hashed and stored."""

    sequence: str
    purpose: str
    goal: tuple[Pattern, ...]
    exit: tuple[Pattern, ...]
    nodes: tuple[Node, ...]
    source: Mapping[str, Any]

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> "Plan":
        """Read a plan's JSON; ValueError when it was written by a newer format than this code knows."""
        if source["plan"] != PLAN_FORMAT:
            message = f"plan format {source['plan']} is not {PLAN_FORMAT}; run the release that wrote it or a newer one"
            raise ValueError(message)
        return cls(
            sequence=source["sequence"],
            purpose=source["purpose"],
            goal=read_patterns(source.get("goal")),
            exit=read_patterns(source.get("exit")),
            nodes=tuple(_read_node(index, step) for index, step in enumerate(source["nodes"])),
            source=source,
        )

    def node(self, step: str) -> Node:
        """The node of a step id; KeyError when there is none."""
        return self._by_id[step]

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def listens(self) -> tuple[Pattern, ...]:
        """Every pattern that can move or end this walk, the always-on ones aside."""
        awaited = tuple(node.action.event for node in self.nodes if isinstance(node.action, WaitFor))
        return (*self.goal, *self.exit, *awaited)

    @cached_property
    def ends_on_own_effects(self) -> bool:
        """Whether an effect of this walk may end it."""
        return any(pattern.kind in _OWN_EFFECTS for pattern in (*self.goal, *self.exit))

    @cached_property
    def mails(self) -> tuple[str, ...]:
        """The names of the mails that it may send, in the order of the file."""
        return tuple(dict.fromkeys(node.action.mail for node in self.nodes if isinstance(node.action, Send)))


def _read_node(index: int, step: Mapping[str, Any]) -> Node:
    following = step.get("next")
    split = step.get("split", {})
    return Node(
        index=index,
        id=step["id"],
        verb=verb_of(step),
        action=read_action(step),
        next=following,
        then=step.get("then", following),
        otherwise=step.get("else", following),
        variants={name: arm.get("do", following) for name, arm in split.items()},
    )


def compile_plan(name: str, tree: Mapping[str, Any]) -> Plan:
    """Flatten a checked sequence: defaults written into every send, branches turned into pointers.

    `tree` is the loaded YAML as plain values; it must have passed the schema.
    """
    nodes: list[dict[str, Any]] = []
    _flatten(tree["steps"], None, tree.get("defaults", {}), nodes)
    source: dict[str, Any] = {"plan": PLAN_FORMAT, "sequence": name, "purpose": tree["purpose"], "nodes": nodes}
    for key in ("goal", "exit"):
        if tree.get(key):
            source[key] = tree[key] if isinstance(tree[key], list) else [tree[key]]
    return Plan.read(source)


def _flatten(
    steps: Sequence[Mapping[str, Any]],
    after: int | None,
    defaults: Mapping[str, Any],
    nodes: list[dict[str, Any]],
) -> None:
    """Append the steps in the order of the file; the last one leads to `after`."""
    for place, step in enumerate(steps):
        is_last = place == len(steps) - 1
        following = after if is_last else len(nodes) + _size(step)
        node = {**(defaults if "send" in step else {}), **_bare(step)}
        nodes.append(node)
        if following is not None:
            node["next"] = following
        for branch in _BRANCHES:
            if step.get(branch):
                node[branch] = len(nodes)
                _flatten(step[branch], following, defaults, nodes)
        if "split" in step:
            node["split"] = {name: _arm(arm, following, defaults, nodes) for name, arm in step["split"].items()}


def _arm(
    arm: Mapping[str, Any], following: int | None, defaults: Mapping[str, Any], nodes: list[dict[str, Any]]
) -> dict[str, Any]:
    if not arm.get("do"):
        return {"share": arm["share"]}
    place = len(nodes)
    _flatten(arm["do"], following, defaults, nodes)
    return {"share": arm["share"], "do": place}


def _bare(step: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key not in (*_BRANCHES, "renamed")}


def _size(step: Mapping[str, Any]) -> int:
    return 1 + sum(_size(inner) for branch in _branches(step) for inner in branch)


def _branches(step: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    for branch in _BRANCHES:
        yield step.get(branch) or ()
    for arm in step.get("split", {}).values():
        yield arm.get("do") or ()


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value, so that equal values have equal hashes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def version_of(plan: Plan, start: Mapping[str, Any], mails: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """The version: a hash of the plan, who enters, and each mail's name with its variables and link names."""
    whole = {"plan": plan.source, "start": start, "mails": mails}
    return hashlib.sha256(canonical(whole)).hexdigest()


def steps_in(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every step of an authored sequence, in the order of the file, branches included."""
    return _each(tree.get("steps") or ())


def _each(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        yield step
        for branch in _branches(step):
            yield from _each(branch)
