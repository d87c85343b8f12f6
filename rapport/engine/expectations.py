"""What a test case expects against what the calendar shows, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start, read_day
from rapport.engine.world import Done

_PER_CASE = ("candidate", "mocks", "variants", "event", "application")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison."""

    holds: bool
    expected: str
    got: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One case: its rows, and the calendar for the `why`."""

    case: str
    rows: tuple[Row, ...]
    calendar: Calendar

    @property
    def passed(self) -> bool:
        """Whether every row holds and the script made sense."""
        return not self.calendar.wrong and all(row.holds for row in self.rows)


def judge(plan: Plan, project: Project, tree: Mapping[str, Any], case: Mapping[str, Any]) -> Verdict:
    """Run one case of a test file and compare; a case's own values merge over the file's, key by key."""
    merged = {
        key: {**(tree.get(key) or {}), **(case.get(key) or {})} for key in _PER_CASE if key in tree or key in case
    }
    own = {"when": case.get("when") or (), "policy": case.get("policy", tree.get("policy"))}
    scenario = Scenario(plan=plan, project=project, start=Start.parse(tree["starts"]), tree={**merged, **own})
    calendar = scenario.run()
    then = case.get("then") or {}
    return Verdict(case=case["case"], rows=tuple(_rows(then, calendar)), calendar=calendar)


def _rows(then: Mapping[str, Any], calendar: Calendar) -> Iterator[Row]:
    if "mails" in then:
        yield from _mails(then["mails"] or (), calendar)
    if "actions" in then:
        got = [done.step for done in calendar.actions]
        expected = list(then["actions"] or ())
        yield Row(expected == got, f"actions {_listed(expected)}", f"actions {_listed(got)}")
    if "ends" in then:
        got_end = calendar.ends or f"still waiting at {calendar.waiting_at}"
        yield Row(then["ends"] == got_end, f"ends: {then['ends']}", f"ends: {got_end}")
    for key, expected in (then.get("candidate") or {}).items():
        found = _of_candidate(key, calendar)
        yield Row(_same(expected, found), f"candidate.{key}: {expected}", f"candidate.{key}: {found}")


def _mails(expected: Sequence[Mapping[str, str]], calendar: Calendar) -> Iterator[Row]:
    start = calendar.scenario.start
    wanted = [next(iter(item.items())) for item in expected]
    for want, got in zip_longest(wanted, calendar.mails):
        holds = want is not None and got is not None and _is_that_mail(want, got, start)
        yield Row(holds, f"{want[0]}: {want[1]}" if want else "no mail", when(got, start) if got else "no mail")


def _is_that_mail(want: tuple[str, str], got: Done, start: Start) -> bool:
    day, mail = want
    number, at = read_day(day)
    local = got.at.astimezone(start.zone)
    return mail == got.what and number == start.day_number(got.at) and at in (None, f"{local:%H:%M}")


def when(done: Done, start: Start) -> str:
    """`day 7   Mon 09 Mar 10:00  nudge-short`."""
    return f"day {start.day_number(done.at):<3} {done.at.astimezone(start.zone):%a %d %b %H:%M}  {done.what}"


def _of_candidate(key: str, calendar: Calendar) -> Any:
    if key == "consent":
        return sorted(calendar.time.world.consents)
    empty: Any = 0 if key == "score" else [] if key in ("tags", "pools", "skills") else None
    return calendar.time.world.candidate.get(key, empty)


def _same(expected: Any, found: Any) -> bool:
    if isinstance(found, list):
        wanted = expected if isinstance(expected, list) else [expected]
        return sorted(map(str, wanted)) == sorted(map(str, found))
    return bool(expected == found)


def _listed(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"
