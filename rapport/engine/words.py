"""Steps in the marketer's words, for Temporal UI, calendars and traces."""

from collections.abc import Sequence

from rapport.dsl import model
from rapport.dsl.duration import Duration
from rapport.dsl.events import Pattern
from rapport.dsl.plan import Node

_ABOUT_MAIL = {"clicked": "a click on", "opened": "an opening of", "replied": "a reply to"}
_HAPPENS = {
    "applied": "an application",
    "hired": "a hire",
    "withdrew": "a withdrawal",
    "rejected": "a rejection",
    "attended": "attendance",
    "registered_for_event": "a registration",
    "cancelled_registration": "a cancelled registration",
    "event_cancelled": "the event's cancellation",
    "score_reached": "a score of",
    "tagged": "the tag",
    "added_to_pool": "joining the pool",
    "removed_from_pool": "leaving the pool",
    "stage_changed_to": "the stage",
    "submitted": "the form",
    "sequence_ended": "the end of",
    "custom": "the event",
}


def event(pattern: Pattern) -> str:
    """`a click on welcome`, `attendance`, `the tag vip`."""
    if pattern.kind in _ABOUT_MAIL:
        which = pattern.step or "any mail"
        link = f" (link {pattern.link})" if pattern.link else ""
        return f"{_ABOUT_MAIL[pattern.kind]} {which}{link}"
    words = [word for _, allowed in pattern.where for word in (" or ".join(allowed),)]
    number = [str(pattern.at_least)] if pattern.at_least is not None else []
    return " ".join([_HAPPENS.get(pattern.kind, pattern.kind), *words, *number])


def moment(until: model.Moment) -> str:
    """`1 day before event.starts_at at 09:00`."""
    place = until.day
    if until.offset is not None and until.offset.count:
        side = "before" if until.offset.count < 0 else "after"
        length = Duration(abs(until.offset.count), until.offset.unit)
        place = f"{length} {side} {until.day}"
    return f"{place} at {until.at}" if until.at else place


def step(node: Node) -> str:  # noqa: C901, PLR0911, PLR0912  # one line per verb reads better than a table of lambdas
    """What the step does: `Send nudge-short`, `Wait 7 days for a click on welcome`."""
    match node.action:
        case model.Send(mail=mail):
            return f"Send {mail}"
        case model.Wait(duration=duration):
            return f"Wait {duration}"
        case model.WaitUntil(moment=until):
            return f"Wait until {moment(until)}"
        case model.WaitFor(event=pattern, within=within, until=until):
            limit = f"{within}" if within else f"until {moment(until)}" if until else ""
            return f"Wait {limit} for {event(pattern)}"
        case model.If():
            return f"Decide {node.id}"
        case model.Stop(reason=reason, condition=condition):
            return f"Stop: {reason}" if condition is None else f"Decide {node.id}"
        case model.Split():
            return f"Split {node.id}"
        case model.Score(how=how, points=points):
            return {"add": f"Add {points} to", "subtract": f"Take {points} from", "set": f"Set to {points}"}[how] + (
                " the score"
            )
        case model.Tag(how=how, name=name):
            return f"{'Add' if how == 'add' else 'Remove'} tag {name}"
        case model.Pool(how=how, name=name):
            return f"Add to pool {name}" if how == "add" else f"Remove from pool {name}"
        case model.Ats(how=how, what=what):
            return f"ATS: {how.replace('_', ' ')} {what}"
        case model.Enroll(sequence=sequence):
            return f"Enroll in {sequence}"
        case model.Webhook(to=to):
            return f"Call webhook {to}"
        case model.Task(assignee=assignee):
            return f"Task for {assignee}"


def steps(nodes: Sequence[Node]) -> str:
    """Several effects in one line."""
    return "; ".join(step(node) for node in nodes)
