"""Made-up sequences as whole files: every verb, event, operator, moment and option that the schema has.

They name what tests/sequences/good has: its senders, windows, pools, mails, webhooks and fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

Tree = dict[str, Any]

_ENDS = ("goal", "exit", "end")


def _some_of(choices: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Tree]:
    """One or more of these keys."""
    keys = st.lists(st.sampled_from([*choices]), min_size=1, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: choices[key] for key in chosen}))


_DURATIONS = st.builds(
    lambda count, unit: f"{count} {unit}{'' if count == 1 else 's'}",
    st.integers(1, 9),
    st.sampled_from(["minute", "hour", "day", "week", "business day"]),
)
_DATE_FIELDS = (
    *("enrolled_at", "event.starts_at", "event.ends_at", "candidate.joined_on", "candidate.last_contacted_on"),
    *("application.rejected_on", "candidate.custom.available_on"),
)
_DAYS = st.sampled_from([*_DATE_FIELDS, "2027-01-07", "2026-03-29"])
_WORDS = st.sampled_from(["warm", "met at a fair", "do not contact", "Größe XL"])
_ONE_OR_MORE = _WORDS | st.lists(_WORDS, min_size=1, max_size=3, unique=True)
_NAMES = st.sampled_from(["engineering", "hot"])
_MOMENTS = st.fixed_dictionaries(
    {"day": _DAYS},
    optional={
        "offset": st.builds("{}{}".format, st.sampled_from(["", "-"]), _DURATIONS),
        "at": st.sampled_from(["00:00", "02:30", "09:00", "23:59"]),
    },
)
_EVENT_TARGETS = st.sampled_from(["this_event", "any"]) | st.fixed_dictionaries({"type": _ONE_OR_MORE})
_REJECTIONS = st.just("any") | _some_of({"stage": _ONE_OR_MORE, "reason": _ONE_OR_MORE})
_ENDINGS = st.sampled_from(
    ["every-event", *({"sequence": "every-condition", **how} for how in ({}, *({"as": end} for end in _ENDS)))]
)
_EVENTS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("applied", "hired", "withdrew"), st.just("any")),
    **dict.fromkeys(("registered_for_event", "attended", "cancelled_registration", "event_cancelled"), _EVENT_TARGETS),
    **dict.fromkeys(("added_to_pool", "removed_from_pool"), _NAMES),
    "rejected": _REJECTIONS,
    "tagged": _WORDS,
    "stage_changed_to": st.lists(_WORDS, min_size=1, max_size=3),
    "submitted": st.just("newsletter-form"),
    "score_reached": st.integers(1, 1_000_000),
    "sequence_ended": _ENDINGS,
    "custom": st.just({"name": "career_site_visit"}),
}
_NUMBERS = st.integers(-100, 100) | st.sampled_from([0.5, 99.25])
_SCALARS = st.sampled_from(["DE", "NO", "07", "junior"])
_VALUES = _SCALARS | st.lists(_SCALARS, min_size=1, max_size=3)
_DATES = st.sampled_from(["2026-01-31", "2026-12-01 09:30", "2027-01-01T00:00:00+01:00"])
_EXISTS = st.booleans().map(lambda there: {"exists": there})


def _operators(*names: str, of: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return _some_of(dict.fromkeys(names, of))


_TEXTS = _VALUES | _operators("is_not", of=_VALUES) | _EXISTS
_SCORES = _NUMBERS | _operators("at_least", "at_most", "above", "below", "is_not", of=_NUMBERS) | _EXISTS
_DAYS_ASKED = _DATES | _operators("before", "after", "is_not", of=_DATES) | _EXISTS
_LISTS = _VALUES | _operators("include", "exclude", of=_VALUES) | _EXISTS
_BOOLEANS = st.booleans() | _operators("is_not", of=st.booleans()) | _EXISTS
_POOLS = _NAMES | _operators("include", "exclude", of=_NAMES | st.just(["hot"])) | _EXISTS
_COUNTRIES = st.sampled_from(["DE", "NO", ["DE", "AT"], {"is_not": "US"}])
_TESTS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("candidate.city", "candidate.seniority", "event.type", "application.outcome", "candidate.stage"), _TEXTS
    ),
    **dict.fromkeys(("candidate.score", "candidate.custom.notice_period"), _SCORES),
    **dict.fromkeys(("enrolled_at", "candidate.joined_on", "event.ends_at"), _DAYS_ASKED),
    **dict.fromkeys(("candidate.tags", "candidate.skills", "candidate.custom.languages"), _LISTS),
    "candidate.pools": _POOLS,
    "candidate.country": _COUNTRIES,
    "candidate.custom.visa": _BOOLEANS,
    "candidate.consent": st.sampled_from(["nurture", "events"]),
}
_STATES = st.sampled_from(["sent", "opened", "clicked", "replied", "bounced"])
_AFTER_ALL = st.sampled_from(["go_on", "stop", "hold"])
_IF_FAILS = _AFTER_ALL | st.fixed_dictionaries({"retry_for": _DURATIONS, "then": _AFTER_ALL})
_TEXT_DATA = st.just({"text": "{{ candidate.first_name or 'somebody' }} is warm"})
_SHARES = st.sampled_from([("1%", "99%"), ("33%", "33%", "34%")])


@dataclass
class _Draft:
    """What was laid down so far: a number for ids, the mails that went, and the names of what was read."""

    count: int = 0
    sends: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)

    def next_id(self, verb: str) -> str:
        self.count += 1
        return f"{verb.replace('_', '-')}-{self.count}"

    def inside(self) -> "_Draft":
        """For a branch: what is laid down in it is not known beside it."""
        return _Draft(self.count, [*self.sends], [*self.linked], [*self.readings])


@st.composite
def _event(draw: st.DrawFn, draft: _Draft | None = None) -> Tree:
    kinds = [*_EVENTS, *("rejected",) * 3]
    kinds += [] if draft is None else ("opened", "replied", *("clicked",) * (9 if draft.linked else 1))
    kind = draw(st.sampled_from(kinds))
    if draft is None or kind in _EVENTS:
        return {kind: draw(_EVENTS[kind])}
    targets: list[Any] = ["any", *draft.sends]
    if kind == "clicked":
        targets += [{"step": step, "link": "culture"} for step in draft.linked] * 3
        targets += [{"step": step} for step in ("any", *draft.sends)]
    return {kind: draw(st.sampled_from(targets))}


@st.composite
def _condition(draw: st.DrawFn, draft: _Draft, depth: int = 1) -> Tree:
    tests = {**_TESTS, **{f"mail.{step}": _STATES | st.lists(_STATES, min_size=1) for step in draft.sends}}
    tests |= {f"{name}.status": _TEXTS for name in draft.readings}
    tests |= {f"mail.{step}": _operators("is_not", of=_STATES) for step in draft.sends[1:]}
    fields = draw(st.lists(st.sampled_from([*tests]), min_size=1, max_size=2, unique=True))
    condition: Tree = {name: draw(tests[name]) for name in fields}
    if depth and draw(st.booleans()):
        group = draw(st.sampled_from(["all", "any", "none"]))
        condition[group] = draw(st.lists(_condition(draft, depth - 1), min_size=1, max_size=2))
    return condition


_PLAIN = ("send", "send", "send", "wait", "score", "tag", "pool", "task", "ats", "webhook", "enroll", "stop")
_BRANCHING = ("wait_for", "wait_until", "if", "split")


@st.composite
def _steps(draw: st.DrawFn, draft: _Draft, depth: int, at_least: int = 1) -> list[Tree]:
    verbs = st.sampled_from([*_PLAIN, *(_BRANCHING * 2 if depth else ())])
    return [draw(_step(draft, verb, depth)) for verb in draw(st.lists(verbs, min_size=at_least, max_size=3))]


@st.composite
def _branch(draw: st.DrawFn, draft: _Draft, depth: int, at_least: int = 1) -> list[Tree]:
    inside = draft.inside()
    steps = draw(_steps(inside, depth - 1, at_least))
    draft.count = inside.count
    return steps


@st.composite
def _step(draw: st.DrawFn, draft: _Draft, verb: str, depth: int) -> Tree:  # noqa: C901  # a case a verb
    step: Tree = {"id": draft.next_id(verb)}
    if draw(st.integers(0, 9)) == 0:
        step["renamed"] = f"once-{draft.count}"
    match verb:
        case "send":
            step |= {"send": draw(st.sampled_from(["welcome", "welcome", "check-in"])), **draw(_SEND)}
            draft.sends.append(step["id"])
            draft.linked += [step["id"]] if step["send"] == "welcome" else []
        case "wait_until":
            late = draw(st.sampled_from(["skip", "go_on", "stop"]))
            step["wait_until"] = {**draw(_MOMENTS), "if_late": late}
            if late == "skip":
                step["then"] = draw(_branch(draft, depth))
        case "wait_for":
            step["wait_for"] = draw(_event(draft))
            step |= {"within": draw(_DURATIONS)} if draw(st.booleans()) else {"until": draw(_MOMENTS)}
            step |= {key: draw(_branch(draft, depth)) for key in draw(_BRANCHES)}
        case "if":
            step["if"] = draw(_condition(draft))
            step |= {
                key: draw(_branch(draft, depth))
                for key in draw(st.sampled_from([("then",), ("else",), ("then", "else")]))
            }
        case "split":
            step["split"] = {
                f"arm-{place}": draw(_arm(draft, share, depth)) for place, share in enumerate(draw(_SHARES))
            }
        case "stop":
            step["stop"] = "has had enough"
            step |= {draw(st.sampled_from(["if", "unless"])): draw(_condition(draft))}
        case "ats":
            step |= draw(_ats(draft))
        case _:
            step |= draw(_EFFECTS[verb])
    return step


_BRANCHES = st.sampled_from([("then",), ("else",), ("then", "else"), ()])
_SEND = st.fixed_dictionaries(
    {},
    optional={
        "from": st.sampled_from(["talent-team", "owner-recruiter"]),
        "send_between": st.just("office-hours"),
        "reply_to_previous": st.booleans(),
        "not_after": st.sampled_from(_DATE_FIELDS),
        "if_fails": st.sampled_from(["go_on", "stop"]),
    },
)
_SCORE = st.builds(lambda how, by: {how: by}, st.sampled_from(["add", "subtract", "set"]), st.integers(1, 60))
_EFFECTS: dict[str, st.SearchStrategy[Tree]] = {
    "wait": _DURATIONS.map(lambda length: {"wait": length}),
    "score": _SCORE.map(lambda change: {"score": change}),
    "tag": st.builds(lambda how, tag: {"tag": {how: tag}}, st.sampled_from(["add", "remove"]), _WORDS),
    "pool": st.sampled_from([{"pool": {how: "engineering"}} for how in ("add", "remove")]),
    "enroll": st.just({"enroll": "every-event"}),
    "task": st.builds(
        lambda person, due: {"task": {"for": person, "title": "Call {{ candidate.first_name }}", "due": due}},
        st.sampled_from(["anna-koch", "owner-recruiter"]),
        _DURATIONS,
    ),
    "webhook": st.builds(
        lambda data, extras: {"webhook": {"to": "event-desk", **data}, **extras},
        st.fixed_dictionaries(
            {},
            optional={"data": st.fixed_dictionaries({"who": st.just("candidate.id")}, optional={"says": _TEXT_DATA})},
        ),
        st.fixed_dictionaries({}, optional={"if_fails": _IF_FAILS}),
    ),
}
_WRITES = st.sampled_from(
    [{"add_tag": "warm"}, {"remove_tag": "met at a fair"}, {"add_note": "invited"}, {"move_to_pool": "silver"}]
)


@st.composite
def _ats(draw: st.DrawFn, draft: _Draft) -> Tree:
    step: Tree = {"if_fails": draw(_IF_FAILS)} if draw(st.booleans()) else {}
    if not draw(st.booleans()):
        return {"ats": draw(_WRITES), **step}
    name = f"reading_{draft.count}"
    draft.readings.append(name)
    return {"ats": {"read": draw(st.sampled_from(["application", "candidate"]))}, "as": name, **step}


@st.composite
def _arm(draw: st.DrawFn, draft: _Draft, share: str, depth: int) -> Tree:
    if draw(st.integers(0, 3)) == 0:
        return {"share": share}
    return {"share": share, "do": draw(_branch(draft, depth, at_least=0))}


@st.composite
def _start(draw: st.DrawFn) -> Tree:
    start: Tree = {}
    if draw(st.booleans()):
        start["when"] = draw(_event() | st.lists(_event(), min_size=1, max_size=3))
    if draw(st.booleans()):
        start["only_if"] = draw(_condition(_Draft()))
    repeats = [{}, {"once": True}, {"once_per": "event.id"}, {"again_after": draw(_DURATIONS)}]
    return start | draw(st.sampled_from(repeats))


class _Dumper(yaml.SafeDumper):
    """Writes every value where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def as_yaml(tree: Tree) -> str:
    """The file, one key or item to a line."""
    text: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


@st.composite
def whole_sequences(draw: st.DrawFn) -> Tree:
    """A whole file, as YAML would load it."""
    draft = _Draft()
    steps = draw(_steps(draft, 2))
    tree: Tree = {
        "schema": 1,
        "title": "Made up",
        "owner": "anna-koch",
        "purpose": draw(st.sampled_from(["nurture", "events"])),
    }
    if start := draw(_start()):
        tree["start"] = start
    if draw(st.booleans()):
        tree["goal"] = draw(_event(draft) | st.lists(_event(draft), min_size=1, max_size=2))
    tree["exit"] = [{"replied": "any"}, *draw(st.lists(_event(draft), max_size=2))]
    window = {"send_between": "office-hours"} if draw(st.booleans()) else {}
    return tree | {"defaults": {"from": "talent-team", **window}, "steps": steps}
