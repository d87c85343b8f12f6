"""Made-up sequences and scripts: everything that the language can say, in any order that makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from rapport.dsl.plan import Plan, compile_plan

_DURATIONS = ("1 minute", "90 minutes", "5 hours", "1 day", "3 days", "2 weeks", "2 business days", "6 business days")
_DAYS = ("enrolled_at", "event.starts_at", "event.ends_at", "2026-03-20", "2026-03-29", "candidate.joined_on")
_AT = ("02:30", "09:00", "16:45", "23:15")
_TAGS = ("warm", "cold")
_ENDS: tuple[Any, ...] = (
    {"replied": "any"},
    {"applied": "any"},
    {"tagged": "warm"},
    {"score_reached": 15},
    {"added_to_pool": "hot-engineers"},
    {"removed_from_pool": "hot"},
    {"stage_changed_to": ["interview", "offer"]},
)
EVENT = {"id": "fair-7", "type": "job-fair", "starts_at": "2026-03-16 10:00", "ends_at": "2026-03-16 17:00"}


@dataclass
class _Draft:
    """What was laid down so far: numbers for ids, and the mails that an event may be about."""

    count: int = 0
    sends: list[str] = field(default_factory=list)

    def next_id(self, verb: str) -> str:
        self.count += 1
        return f"{verb.replace('_', '-')}-{self.count}"


_moments = st.fixed_dictionaries(
    {"day": st.sampled_from(_DAYS)},
    optional={"offset": st.sampled_from(["-1 day", "2 days", "3 hours", "-2 weeks"]), "at": st.sampled_from(_AT)},
)
_conditions = st.sampled_from(
    [
        {"candidate.score": {"at_least": 10}},
        {"candidate.tags": {"include": ["warm"]}},
        {"candidate.pools": {"include": ["hot-engineers"]}},
        {"candidate.country": ["DE", "AT"]},
        {"candidate.seniority": {"is_not": "junior"}},
        {"any": [{"candidate.score": {"above": 4}}, {"candidate.tags": "cold"}]},
        {"none": [{"candidate.country": "US"}]},
        {"enrolled_at": {"after": "2026-01-01"}},
        {"app.status": "rejected"},
    ]
)


@st.composite
def _steps(draw: st.DrawFn, draft: _Draft, depth: int) -> list[dict[str, Any]]:
    plain = ["send", "send", "wait", "wait", "score", "tag", "pool", "task", "ats", "webhook"]
    nesting = ["wait_for", "wait_until", "if", "split", "stop"] if depth else []
    verbs = draw(st.lists(st.sampled_from(plain + nesting), min_size=1, max_size=4 if depth else 2))
    return [draw(_step(draft, verb, depth)) for verb in verbs]


@st.composite
def _step(draw: st.DrawFn, draft: _Draft, verb: str, depth: int) -> dict[str, Any]:
    step: dict[str, Any] = {"id": draft.next_id(verb)}
    inner = _steps(draft, depth - 1)
    match verb:
        case "send":
            step |= {"send": step["id"], **draw(_SEND_EXTRAS)}
            draft.sends.append(step["id"])
        case "wait":
            step["wait"] = draw(st.sampled_from(_DURATIONS))
        case "wait_until":
            late = draw(st.sampled_from(["skip", "go_on", "stop"]))
            step["wait_until"] = {**draw(_moments), "if_late": late}
            step["then"] = draw(inner)
        case "wait_for":
            step["wait_for"] = draw(st.sampled_from(_awaitable(draft)))
            step |= draw(st.one_of(st.sampled_from(_DURATIONS).map(_within), _moments.map(_until)))
            step["then"] = draw(inner)
            step["else"] = draw(inner)
        case "if":
            step["if"] = draw(_conditions)
            step["then"] = draw(inner)
            step["else"] = draw(inner)
        case "split":
            step["split"] = {
                "one": {"share": "40%", "do": draw(inner)},
                "two": {"share": "60%", "do": draw(inner)},
            }
        case "stop":
            step |= {"stop": "enough", draw(st.sampled_from(["if", "unless"])): draw(_conditions)}
        case _:
            step |= draw(_EFFECTS[verb])
    return step


_SEND_EXTRAS = st.fixed_dictionaries(
    {},
    optional={
        "send_between": st.just("office-hours"),
        "not_after": st.just("event.starts_at"),
        "if_fails": st.just("go_on"),
    },
)
_IF_FAILS = st.sampled_from(["go_on", "stop", {"retry_for": "3 hours", "then": "go_on"}])
_EFFECTS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "score": st.sampled_from([{"score": {"add": 5}}, {"score": {"add": 20}}, {"score": {"set": 3}}]),
    "tag": st.sampled_from([{"tag": {how: tag}} for how in ("add", "remove") for tag in _TAGS]),
    "pool": st.sampled_from([{"pool": {"add": "engineering"}}, {"pool": {"remove": "engineering"}}]),
    "task": st.just({"task": {"for": "anna-koch", "title": "Call", "due": "2 days"}}),
    "ats": _IF_FAILS.map(lambda then: {"ats": {"read": "application"}, "as": "app", "if_fails": then}),
    "webhook": _IF_FAILS.map(lambda then: {"webhook": {"to": "desk"}, "if_fails": then}),
}


def _awaitable(draft: _Draft) -> list[dict[str, Any]]:
    anything: list[dict[str, Any]] = [
        {"clicked": "any"},
        {"replied": "any"},
        {"attended": "this_event"},
        {"applied": "any"},
        {"tagged": "warm"},
        {"added_to_pool": "hot"},
        {"removed_from_pool": "hot-engineers"},
        {"custom": {"name": "ping"}},
        {"event_cancelled": "this_event"},
    ]
    return anything + [{kind: send} for kind in ("clicked", "replied") for send in draft.sends]


def _within(duration: str) -> dict[str, Any]:
    return {"within": duration}


def _until(moment: dict[str, Any]) -> dict[str, Any]:
    return {"until": moment}


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """A whole sequence as YAML would load it."""
    steps = draw(_steps(_Draft(), 2))
    ends = draw(st.lists(st.sampled_from(_ENDS), max_size=2, unique_by=repr))
    tree = {"purpose": "nurture", "defaults": {"from": "talent-team"}, "steps": steps}
    return tree | ({"exit": ends[:1]} if ends else {}) | ({"goal": ends[1:]} if ends[1:] else {})


@st.composite
def scripts(draw: st.DrawFn, plan: Plan) -> list[dict[str, Any]]:
    """Things that happen, at different minutes; those about a mail may come before it and are then left out."""
    sends = [node.id for node in plan.nodes if node.verb == "send"]
    about_mail = [{kind: send} for send in sends for kind in ("clicked", "replied", "machine_clicked")]
    deeds: list[Any] = [
        *about_mail,
        "applied",
        "attended",
        "unsubscribed",
        "consent_withdrawn",
        "event_cancelled",
        {"out_of_office": {"until": "day 12"}},
        {"event_changed": {"starts_at": "2026-03-23 09:00", "ends_at": "2026-03-23 18:00"}},
        {"custom": {"name": "ping"}},
        {"stage_changed_to": "interview"},
        {"tagged": "warm"},
        {"added_to_pool": "engineering"},
    ]
    minutes = draw(st.lists(st.integers(0, 25 * 24 * 60), max_size=4, unique=True))
    happens = {minute: draw(st.sampled_from(deeds)) for minute in minutes}
    # A pause that nobody ends would only leave a walk without an end.
    pause = draw(st.sampled_from([(), (1, 60 * 24 * 3), (7 * 60, 60 * 24 * 12)]))
    happens.update(zip(pause, ("paused", "resumed"), strict=False))
    return [{_day(minute): happens[minute]} for minute in sorted(happens)]


def _day(minute: int) -> str:
    """Odd minutes only meet a timer when a timer is that odd, which is the interesting case."""
    days, rest = divmod(minute + 600, 24 * 60)
    return f"day {days} {rest // 60:02d}:{rest % 60:02d}"


@st.composite
def cases(draw: st.DrawFn) -> tuple[Plan, dict[str, Any]]:
    """A plan and the keys of a test case: who, what happens, what the other side answers."""
    plan = compile_plan("made-up", draw(trees()))
    outside = [node.id for node in plan.nodes if node.verb in ("ats", "webhook", "send")]
    mocks = {
        step: draw(st.sampled_from([{"fails": True}, {"status": "rejected"}, {}]))
        for step in outside
        if draw(st.integers(0, 3)) == 0
    }
    return plan, {
        "candidate": draw(st.sampled_from(_PEOPLE)),
        "event": EVENT,
        "mocks": mocks,
        "when": draw(scripts(plan)),
    }


_PEOPLE = (
    {"country": "DE", "score": 8},
    {"country": "US", "timezone": "America/New_York", "tags": ["cold"], "seniority": "senior"},
    {"country": "IN", "timezone": "Asia/Kolkata", "joined_on": "2026-03-10"},
    {"timezone": "Australia/Lord_Howe", "country": "AU"},
)
