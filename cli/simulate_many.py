"""The half of `rapport simulate` that is about many people: mails per day, as a table, a plot or for programs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cli.installation import Installation, run
from rapport.dsl.build import read_start
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace
from rapport.engine.forecast import Forecast, Question, forecast
from rapport.engine.habits import Habits
from rapport.engine.made_up import made_up_people, spread
from rapport.engine.person import Person
from rapport.engine.script import Start
from rapport.engine.virtual import Target
from rapport.reports.calendar_json import Heading
from rapport.reports.forecast_json import forecast_json
from rapport.reports.forecast_page import forecast_page
from rapport.reports.forecast_svg import forecast_svg, summary
from rapport.reports.stored_people import stored_people
from rapport.usecases.bulk_list import of_pool

# What a terminal has room for beside the date and the number.
_WIDEST_BAR = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the forecast is about; `tree` holds the keys of a test case that files and flags have given."""

    workspace: Workspace
    project: Project
    sequence: str
    tree: Mapping[str, Any]
    start: Start


def targets_of(workspace: Workspace) -> dict[str, Target]:
    """Every sequence of the folder, as `enroll` steps start it."""
    return {
        name: Target(plan=checked.plan, start=read_start(checked.tree.get("start") or {}))
        for name, checked in workspace.sequences.items()
    }


def text_of(asked: Asked, form: str, options: Mapping[str, Any]) -> str:
    """Let them all walk, and write what came of it."""
    names = tuple(dict.fromkeys([asked.sequence, *options["beside"]]))
    headings = [Heading.of(asked.workspace.sequences[name]) for name in names]
    people, notes = _people(asked, names, options)
    found = forecast(_question(asked, names, options), people)
    if form == "json":
        return json.dumps(forecast_json(found, headings), indent=2, ensure_ascii=False)
    if form == "svg":
        return forecast_svg(found, " + ".join(heading.title for heading in headings))
    if form == "html":
        return forecast_page(found, headings, notes=notes)
    return "\n".join(_page(found, headings, notes))


def _question(asked: Asked, names: Sequence[str], options: Mapping[str, Any]) -> Question:
    texts = asked.workspace.texts
    habits = Habits(
        clicks=(options["clicks"] or 0) / 100,
        replies=(options["replies"] or 0) / 100,
        seed=options["seed"],
        links={mail: texts.facts_of(mail)["links"] for mail in texts.names},
    )
    return Question(
        sequences=names,
        targets=targets_of(asked.workspace),
        project=asked.project,
        start=asked.start,
        habits=habits,
        days=options["days"],
        per_day=options["per_day"],
        event=asked.tree.get("event") or {},
        application=asked.tree.get("application") or {},
        ask_rules=options["pool"] is not None,
    )


def _people(asked: Asked, names: Sequence[str], options: Mapping[str, Any]) -> tuple[Iterable[Person], Sequence[str]]:
    traits = asked.tree.get("candidate") or {}
    clicks, replies = options["clicks"] or 0, options["replies"] or 0
    habits = f"{clicks:g}% of the mails are clicked and {replies:g}% answered (seed {options['seed']})."
    if options["pool"] is None:
        made_up = made_up_people(
            options["count"], asked.project, asked.start.instant, seed=options["seed"], traits=traits
        )
        return made_up, [f"Made-up people, {_homes(asked.project, traits)}. {habits}"]
    found = _stored(options["pool"], asked, names)
    own = {key: value for key, value in traits.items() if key not in ("id", "consent")}
    people = [replace(person, candidate={**person.candidate, **own}) for person in found]
    return people, [f"The people of the pool {options['pool']} as they are stored now. {habits}"]


def _homes(project: Project, traits: Mapping[str, Any]) -> str:
    """Where they live, and what all of them have in common."""
    shares = Counter[str]()
    for home in spread(project):
        shares[home.country] += round(home.share * 100)
    spread_out = ", ".join(f"{country} {share}%" for country, share in shares.most_common())
    living = [] if {"timezone", "country"} & traits.keys() else [f"living in {spread_out}"]
    alike = [f"{key} {value}" for key, value in traits.items()]
    return "; ".join([*living, *([f"all with {', '.join(alike)}"] if alike else [])])


def _stored(pool: str, asked: Asked, names: Sequence[str]) -> list[Person]:
    async def work(here: Installation) -> list[Person]:
        async with here.store.read() as tx:
            ids = (await of_pool(tx, here.clock, pool)).names
            found = await stored_people(tx, ids, asked.project, at=asked.start.instant, sequences=names)
        return [stored.person for stored in found]

    return run(work)


def _page(found: Forecast, headings: Sequence[Heading], notes: Sequence[str]) -> Iterator[str]:
    for heading in headings:
        yield f"{heading.title} ({heading.name} {heading.version[:12]})"
    yield f"in the zone {found.question.start.zone.key}"
    yield from notes
    yield ""
    most = found.busiest[1] if found.busiest else 0
    for day, mails in found.days:
        if mails:
            number = (day - found.question.start.day).days
            bar = "█" * max(1, round(_WIDEST_BAR * mails / most))
            yield f"day {number:<4} {day:%a %d %b %Y}  {mails:>9,}  {bar}"
    yield ""
    yield summary(found)
    rows = {
        "not enrolled": found.refused,
        "held back": found.held,
        "not sent": found.skipped,
        "ended by": found.ends + Counter({"(still waiting)": found.waiting}),
    }
    for name, reasons in rows.items():
        for reason, number in reasons.most_common():
            yield f"  {name + ':':<14}{number:>9,}  {reason}"
