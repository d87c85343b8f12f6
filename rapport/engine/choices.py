"""Which ways lead on from a step: the branches of the file, and the two ends of what is late or stops."""

from dataclasses import dataclass

from rapport.dsl import model
from rapport.dsl.plan import Node
from rapport.engine import words
from rapport.engine.condition_words import condition

THEN, ELSE, IN_TIME, LATE = "then", "else", "in time", "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way on: `label` as drawings show it, `words` as a list of paths says it; both empty where there is no choice.

    `to` is the number of the next node, None at the end of the sequence; `ends` is set where a stop ends the walk.
    """

    label: str = ""
    words: str = ""
    to: int | None = None
    ends: str | None = None


def choices(node: Node) -> tuple[Choice, ...]:
    """Every way on from this step, in the order of the file; failures and skipped mails are not among them."""
    match node.action:
        case model.WaitFor() as wait:
            return _happened_or_not(node, wait)
        case model.If(condition=wanted):
            said = condition(wanted)
            return (
                Choice(label=THEN, words=said, to=node.then),
                Choice(label=ELSE, words=f"not ({said})", to=node.otherwise),
            )
        case model.Split(shares=shares):
            return tuple(_variant(node, name, percent) for name, percent in shares)
        case model.WaitUntil() as wait:
            return _in_time_or_late(node, wait)
        case model.Stop() as stop:
            return _stops_or_not(node, stop)
        case _:
            return (Choice(to=node.next),)


def _happened_or_not(node: Node, wait: model.WaitFor) -> tuple[Choice, ...]:
    awaited = words.event(wait.event)
    if wait.within is not None:
        within, without = f"{awaited} within {wait.within}", f"{wait.within} without {awaited}"
    else:
        limit = words.moment(wait.until) if wait.until else ""
        within, without = f"{awaited} until {limit}", f"until {limit} without {awaited}"
    return Choice(label=THEN, words=within, to=node.then), Choice(label=ELSE, words=without, to=node.otherwise)


def _variant(node: Node, name: str, percent: int) -> Choice:
    return Choice(label=f"{name} {percent}%", words=f"the lot falls on {name} ({percent}%)", to=node.variants[name])


def _in_time_or_late(node: Node, wait: model.WaitUntil) -> tuple[Choice, ...]:
    when = words.moment(wait.moment)
    in_time = Choice(label=IN_TIME, words=f"in time for {when}", to=node.then)
    late = f"too late for {when}"
    if wait.if_late == "stop":
        return in_time, Choice(label=LATE, words=late, ends=LATE)
    if wait.if_late == "skip" and node.then != node.next:
        return in_time, Choice(label=LATE, words=late, to=node.next)
    return (Choice(to=node.then),)


def _stops_or_not(node: Node, stop: model.Stop) -> tuple[Choice, ...]:
    if stop.condition is None:
        return (Choice(ends=stop.reason),)
    said = condition(stop.condition)
    holds, fails = (f"not ({said})", said) if stop.unless else (said, f"not ({said})")
    return Choice(label="stops", words=holds, ends=stop.reason), Choice(label="goes on", words=fails, to=node.next)
