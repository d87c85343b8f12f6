"""Builders for tests: plans, projects and walks in a few words, with the language's own YAML."""

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from rapport.dsl.loader import load_text
from rapport.dsl.plan import Plan, compile_plan
from rapport.dsl.project import Project
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start

MONDAY = "2026-03-02 10:00 Europe/Berlin"

_PROJECT = """
schema: 1
organization: {name: Acme, zone: Europe/Berlin, country: DE, postal_address: "Musterstr. 1, 10115 Berlin"}
people: {anna-koch: {name: Anna Koch, email: anna.koch@acme.example}}
senders: {talent-team: {name: Acme, email: talent@acme.example}}
windows:
  office-hours: {days: [mon, tue, wed, thu, fri], between: ["09:00", "17:30"], zone: candidate, holidays: candidate}
pools: {engineering: {title: Engineering}, warm: {title: Warm}}
contact_policy: {never_between: ["21:00", "07:00"]}
consent: {purposes: {nurture: {title: Mails}, events: {title: Events}}}
webhooks: {desk: {url: DESK_URL}}
"""


def yaml(text: str) -> Any:
    """The plain values of a YAML text; the test itself is wrong when it has problems."""
    loaded = load_text(dedent(text), "test.yaml")
    assert not loaded.problems, loaded.problems
    return loaded.tree


def a_project(text: str = "") -> Project:
    """The project of the tests; the keys of `text` replace its own."""
    return Project.read({**yaml(_PROJECT), **(yaml(text) if text else {})})


def a_plan(steps: str, *, name: str = "flow", **keys: Any) -> Plan:
    """A plan of these steps; `goal`, `exit`, `purpose` and `defaults` as keywords."""
    tree = {"purpose": "nurture", "defaults": {"from": "talent-team"}, **keys, "steps": yaml(steps)}
    return compile_plan(name, tree)


def a_walk(
    steps: str,
    *,
    when: Sequence[Mapping[str, Any]] = (),
    starts: str = MONDAY,
    project: Project | None = None,
    days: int | None = None,
    goal: Any = None,
    exit_on: Any = None,
    window: str | None = None,
    **tree: Any,
) -> Calendar:
    """Walk these steps on a virtual clock; `when`, `candidate`, `event`, `mocks` … as in a test file."""
    defaults = {"from": "talent-team", **({"send_between": window} if window else {})}
    keys = {key: value for key, value in {"goal": goal, "exit": exit_on}.items() if value}
    plan = a_plan(steps, defaults=defaults, **keys)
    scenario = Scenario(
        plan=plan, project=project or a_project(), start=Start.parse(starts), tree={"when": list(when), **tree}
    )
    return scenario.run(days)


def mails(calendar: Calendar) -> list[str]:
    """The mails of a walk as `day N HH:MM name`, in the zone of the start."""
    start = calendar.scenario.start
    return [
        f"day {start.day_number(mail.at)} {mail.at.astimezone(start.zone):%H:%M} {mail.what}" for mail in calendar.mails
    ]


def actions(calendar: Calendar) -> list[str]:
    """The step ids of a walk's effects, in order."""
    return [action.step for action in calendar.actions]
