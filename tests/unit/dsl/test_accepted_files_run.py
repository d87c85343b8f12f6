"""What the check accepts runs: compiled, simulated, drawn, listed and laid out, whatever the file says."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, assume, event, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rapport.dsl.checks import check, has_errors
from rapport.dsl.layout.layout import lay_out
from rapport.dsl.loader import Loaded, load_text
from rapport.dsl.plan import Plan, compile_plan
from rapport.dsl.schema import schema
from rapport.dsl.subject import Subject
from rapport.dsl.workspace import load_workspace
from rapport.engine.drawing.mermaid import mermaid
from rapport.engine.drawing.subject import Drawn
from rapport.engine.drawing.svg import svg
from rapport.engine.paths import WEEK, busiest, each_path, overview
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start
from rapport.reports.calendar_json import Heading, calendar_json
from rapport.reports.calendar_page import calendar_page
from rapport.usecases.walk_rules import WALK_RULES
from tests.builders import MONDAY
from tests.whole_sequences import Tree, as_yaml, whole_sequences

WORKSPACE = load_workspace(Path(__file__).parents[2] / "sequences" / "good")
# `make soak` tries more.
EXAMPLES = max(300, settings.default.max_examples if settings.default else 0)
EVENT = {"id": "fair-7", "type": "job-fair", "starts_at": "2026-03-16 10:00", "ends_at": "2026-03-16 17:00"}
PEOPLE = (
    {"country": "DE", "score": 8, "consent": ["nurture", "events"]},
    {"timezone": "America/New_York", "tags": ["warm"], "custom": {"visa": True, "team": "core", "languages": ["de"]}},
    {"timezone": "Australia/Lord_Howe", "joined_on": "2026-03-10", "owner_recruiter": "anna-koch"},
)


def _subject(loaded: Loaded) -> Subject:
    """The file among those of the folder."""
    others: dict[str, Subject] = {}
    every = {**{name: checked.loaded for name, checked in WORKSPACE.sequences.items()}, "made-up": loaded}
    for name, file in every.items():
        others[name] = Subject(
            name=name, loaded=file, project=WORKSPACE.project, mails=WORKSPACE.texts, sequences=others
        )
    return others["made-up"]


def _deeds(plan: Plan) -> list[Any]:
    """Everything that may happen to the person of a test, about any mail or about none."""
    sends = [node.id for node in plan.nodes if node.verb == "send"]
    about_mail = ("clicked", "opened", "replied", "bounced", "complained", "machine_clicked", "machine_opened")
    return [
        *({kind: send} for kind in about_mail for send in sends),
        *("replied", "applied", "hired", "withdrew", "rejected", "registered_for_event", "attended"),
        *("cancelled_registration", "event_cancelled", "unsubscribed", "erased", "consent_withdrawn"),
        {"rejected": {"stage": "warm", "reason": "warm"}},
        {"added_to_pool": "hot"},
        {"removed_from_pool": "engineering"},
        {"tagged": "warm"},
        {"stage_changed_to": "warm"},
        {"submitted": "newsletter-form"},
        {"sequence_ended": {"sequence": "every-condition", "as": "goal"}},
        {"custom": {"name": "career_site_visit"}},
        {"attended": {"type": "warm"}},
        {"out_of_office": {"until": "day 40"}},
        {"event_changed": {"starts_at": "2026-03-23 09:00", "ends_at": "2026-03-23 18:00"}},
    ]


@st.composite
def cases(draw: st.DrawFn, plan: Plan) -> Tree:
    """The keys of a test case: who it is, what happens, what the other side answers."""
    minutes = draw(st.lists(st.integers(600, 60 * 24 * 60), max_size=5, unique=True))
    asked = [node.id for node in plan.nodes if node.verb in ("ats", "webhook", "send")]
    answers = st.sampled_from([{"fails": True}, {"status": "warm"}, {}])
    return {
        "candidate": draw(st.sampled_from(PEOPLE)),
        "mocks": {step: draw(answers) for step in asked if draw(st.booleans())},
        "when": [{_day(minute): draw(st.sampled_from(_deeds(plan)))} for minute in sorted(minutes)],
        **draw(st.sampled_from([{}, {"event": EVENT}])),
        **draw(st.sampled_from([{}, {"policy": "off"}])),
    }


def _day(minute: int) -> str:
    days, rest = divmod(minute, 24 * 60)
    return f"day {days} {rest // 60:02d}:{rest % 60:02d}"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), tree=whole_sequences())
def test_an_accepted_sequence_compiles_walks_and_can_be_shown(data: st.DataObject, tree: Tree) -> None:
    """After a check without errors nothing that anybody does with the sequence fails, and every walk ends."""
    text = as_yaml(tree)
    loaded = load_text(text, "made-up.yaml")
    problems = check(_subject(loaded), "sequence", WALK_RULES)
    assume(not has_errors(problems))

    plan = compile_plan("made-up", loaded.tree)
    case = data.draw(cases(plan))
    _walks(plan, case)
    _can_be_shown(plan, tree["title"])
    laid = lay_out(text.encode(), "made-up.yaml", "sequence")

    assert plan == Plan.read(json.loads(json.dumps(plan.source)))
    assert laid.text is not None
    assert loaded.tree == load_text(laid.text, "made-up.yaml").tree


def _walks(plan: Plan, case: Mapping[str, Any]) -> None:
    """It ends, or waits where the other side keeps refusing, for a person to let it go on."""
    assert WORKSPACE.project is not None
    scenario = Scenario(plan=plan, project=WORKSPACE.project, start=Start.parse(MONDAY), tree=case)
    calendar: Calendar = scenario.run()
    waits = case["mocks"].get(calendar.waiting_at)
    event(f"ends: {calendar.ends}")

    assert calendar.ends or waits == {"fails": True}
    heading = Heading(name="made-up", title="Made up", version="0")
    assert json.dumps(calendar_json(calendar, heading))
    assert calendar_page(calendar, heading, who="Ana")


def _can_be_shown(plan: Plan, title: str) -> None:
    """The drawings are well-formed, and the paths agree about how many mails there are."""
    fewest, most = overview(plan).mails
    paths = [*islice(each_path(plan), 50)]

    assert all(fewest <= len(path.mails) <= most for path in paths)
    assert all(len(busiest(path, [WEEK, timedelta(days=1)])[WEEK]) <= most for path in paths)
    assert ET.fromstring(svg(Drawn(plan=plan, title=title))) is not None  # noqa: S314  # our own text
    assert mermaid(Drawn(plan=plan, title=title)).startswith("flowchart")


def test_made_up_sequences_say_everything_that_can_be_said() -> None:
    """Every key, kind of value and word of the schema is in one of them, so that the test above is about all of it."""
    missing = {part for part in _parts("", schema("sequence"), set()) if not part.startswith(_WITHOUT_A_VERB)}
    total = len(missing)

    for number in range(20):  # a few hundred reach nearly all of it, the last words take luck
        missing -= _reached_by_a_hundred(number) if missing else set()

    assert set() == missing
    assert total > 300


def _reached_by_a_hundred(number: int) -> set[str]:
    reached: set[str] = set()

    @seed(number)
    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(tree=whole_sequences())
    def collect(tree: Tree) -> None:
        reached.update(_reached("", schema("sequence"), tree))

    collect()
    return reached


# What editors offer for a step that does nothing yet; the check refuses it.
_WITHOUT_A_VERB = "step/0/"


def _parts(name: str, part: Any, seen: set[str]) -> set[str]:
    """Every part of the schema by a name: keys, the forms that a value may have, the words of a list."""
    found = {name}
    for inner_name, inner in _inner(name, part):
        if inner_name not in seen:
            seen.add(inner_name)
            found |= _parts(inner_name, inner, seen)
    return found | {f"{name}={word}" for word in part.get("enum", ())}


def _reached(name: str, part: Any, value: Any) -> Iterator[str]:
    """The parts that a value is checked by."""
    yield name
    if "enum" in part:
        yield f"{name}={value}"
    for inner_name, inner in _inner(name, part):
        for held in _held(inner_name.removeprefix(name), part, value):
            yield from _reached(inner_name, inner, held)


def _inner(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a part, each with its name."""
    if "$ref" in part:
        file, _, definition = part["$ref"].partition("#/$defs/")
        yield definition, schema(file.removesuffix(".schema.json"))["$defs"][definition]
    for key, inner in part.get("properties", {}).items():
        yield f"{name}.{key}", inner
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            yield f"{name}/{key}", part[key]
    for pattern, inner in part.get("patternProperties", {}).items():
        yield f"{name}/{pattern}", inner
    for number, inner in enumerate(part.get("allOf", ())):
        yield f"{name}/{number}", inner
    if "then" in part:
        yield f"{name}/then", part["then"]


def _held(way: str, part: Any, value: Any) -> Iterator[Any]:
    """What a part of the schema is about, within a value that it fits."""
    if way == "/then":
        yield from [value] if Draft202012Validator(part["if"]).is_valid(value) else []
    elif way == "/items":
        yield from value if isinstance(value, list) else ()
    elif way == "/additionalProperties" or way.startswith("/^"):
        others = value.items() if isinstance(value, dict) else ()
        yield from (inner for key, inner in others if key not in part.get("properties", {}))
    elif way.startswith("."):
        yield from [value[way[1:]]] if isinstance(value, dict) and way[1:] in value else []
    else:
        yield value
