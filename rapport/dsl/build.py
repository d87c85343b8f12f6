"""From a checked YAML mapping to the typed model; the plan's nodes are read by the same function."""

from collections.abc import Callable, Mapping
from typing import Any

from rapport.dsl import model
from rapport.dsl.conditions import read_condition
from rapport.dsl.duration import Duration
from rapport.dsl.events import read_pattern, read_patterns

# The default for ats and webhook: two days ride out a vendor's weekend outage; then a person looks.
_PATIENT = {"retry_for": "2 days", "then": "hold"}


def read_if_fails(tree: Any) -> model.IfFails:
    """Read `go_on`, `stop`, `hold` or `{retry_for: …, then: …}`."""
    if isinstance(tree, str):
        return model.IfFails(then=tree)  # type: ignore[arg-type]  # the schema allows these three words only
    return model.IfFails(retry_for=Duration.parse(tree["retry_for"]), then=tree["then"])


def read_moment(tree: Mapping[str, Any]) -> model.Moment:
    """Read `{day: …, offset: …, at: …}`."""
    offset = tree.get("offset")
    return model.Moment(day=tree["day"], offset=Duration.parse(offset) if offset else None, at=tree.get("at"))


def read_start(tree: Mapping[str, Any]) -> model.Start:
    """Read a sequence's `start:`."""
    again = tree.get("again_after")
    only_if = tree.get("only_if")
    return model.Start(
        when=read_patterns(tree.get("when")),
        only_if=read_condition(only_if) if only_if else None,
        once_per=tree.get("once_per"),
        again_after=Duration.parse(again) if again else None,
        once=bool(tree.get("once", False)),
    )


def _send(step: Mapping[str, Any]) -> model.Send:
    return model.Send(
        mail=step["send"],
        sender=step["from"],
        window=step.get("send_between"),
        reply_to_previous=bool(step.get("reply_to_previous", False)),
        not_after=step.get("not_after"),
        if_fails=read_if_fails(step.get("if_fails", "stop")),
    )


def _wait_until(step: Mapping[str, Any]) -> model.WaitUntil:
    tree = step["wait_until"]
    return model.WaitUntil(moment=read_moment(tree), if_late=tree["if_late"])


def _wait_for(step: Mapping[str, Any]) -> model.WaitFor:
    within, until = step.get("within"), step.get("until")
    return model.WaitFor(
        event=read_pattern(step["wait_for"]),
        within=Duration.parse(within) if within else None,
        until=read_moment(until) if until else None,
    )


def _split(step: Mapping[str, Any]) -> model.Split:
    return model.Split(shares=tuple((name, int(arm["share"].rstrip("%"))) for name, arm in step["split"].items()))


def _ats(step: Mapping[str, Any]) -> model.Ats:
    [(how, what)] = step["ats"].items()
    if_fails = read_if_fails(step.get("if_fails", _PATIENT))
    return model.Ats(how=how, what=what, save_as=step.get("as"), if_fails=if_fails)


def _webhook(step: Mapping[str, Any]) -> model.Webhook:
    tree = step["webhook"]
    if_fails = read_if_fails(step.get("if_fails", _PATIENT))
    return model.Webhook(to=tree["to"], data=tree.get("data", {}), if_fails=if_fails)


def _task(step: Mapping[str, Any]) -> model.Task:
    tree = step["task"]
    return model.Task(assignee=tree["for"], title=tree["title"], due=Duration.parse(tree["due"]))


def _stop(step: Mapping[str, Any]) -> model.Stop:
    condition = step.get("if") or step.get("unless")
    return model.Stop(
        reason=step["stop"],
        condition=read_condition(condition) if condition else None,
        unless="unless" in step,
    )


def _score(step: Mapping[str, Any]) -> model.Score:
    [(how, points)] = step["score"].items()
    return model.Score(how=how, points=points)


def _tag(step: Mapping[str, Any]) -> model.Tag:
    [(how, name)] = step["tag"].items()
    return model.Tag(how=how, name=name)


def _pool(step: Mapping[str, Any]) -> model.Pool:
    [(how, name)] = step["pool"].items()
    return model.Pool(how=how, name=name)


# `stop` stands before `if`: a stop step may carry an `if` beside it.
_READERS: dict[str, Callable[[Mapping[str, Any]], model.Action]] = {
    "send": _send,
    "wait": lambda step: model.Wait(duration=Duration.parse(step["wait"])),
    "wait_until": _wait_until,
    "wait_for": _wait_for,
    "stop": _stop,
    "if": lambda step: model.If(condition=read_condition(step["if"])),
    "split": _split,
    "score": _score,
    "tag": _tag,
    "pool": _pool,
    "ats": _ats,
    "enroll": lambda step: model.Enroll(sequence=step["enroll"]),
    "webhook": _webhook,
    "task": _task,
}
VERBS = tuple(_READERS)


def verb_of(step: Mapping[str, Any]) -> str:
    """The verb of a checked step."""
    return next(verb for verb in _READERS if verb in step)


def read_action(step: Mapping[str, Any]) -> model.Action:
    """Turn a checked step (defaults applied) or a plan's node into its action."""
    return _READERS[verb_of(step)](step)
