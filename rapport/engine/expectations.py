"""What a test case expects against what came of the walk, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.engine.result import Deed, Result
from rapport.engine.scenario import Calendar, Scenario
from rapport.engine.script import Start, read_day
from rapport.engine.side_by_side import Row, side_by_side

_PER_CASE = ("candidate", "mocks", "variants", "event", "application")


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
    """Run one case of a test file on a virtual clock and compare."""
    calendar = scenario_of(plan, project, tree, case).run()
    return Verdict(case=case["case"], rows=compare(case, calendar.result, calendar.scenario.start), calendar=calendar)


def scenario_of(plan: Plan, project: Project, tree: Mapping[str, Any], case: Mapping[str, Any]) -> Scenario:
    """What a case sets out; its own values merge over the file's, key by key."""
    merged = {
        key: {**(tree.get(key) or {}), **(case.get(key) or {})} for key in _PER_CASE if key in tree or key in case
    }
    own = {"when": case.get("when") or (), "policy": case.get("policy", tree.get("policy"))}
    return Scenario(plan=plan, project=project, start=Start.parse(tree["starts"]), tree={**merged, **own})


def compare(case: Mapping[str, Any], result: Result, start: Start) -> tuple[Row, ...]:
    """Everything that the case writes below `then:`, beside what came of the walk."""
    return tuple(_rows(case.get("then") or {}, result, start))


def _rows(then: Mapping[str, Any], result: Result, start: Start) -> Iterator[Row]:
    if "mails" in then:
        yield from _mails(then["mails"] or (), result.mails, start)
    if "actions" in then:
        yield from _actions(then["actions"] or (), result.actions, start)
    if "ends" in then:
        yield Row(then["ends"] == result.ends, f"ends: {then['ends']}", f"ends: {result.ends}")
    for key, expected in (then.get("candidate") or {}).items():
        yield from _field(key, expected, result.of_candidate(key))


# Lists ----------------------------------------------------------------------------------------------------------


def _mails(expected: Sequence[Mapping[str, str]], got: Sequence[Deed], start: Start) -> Iterator[Row]:
    wanted = [next(iter(item.items())) for item in expected]

    def is_that_mail(want: tuple[str, str], mail: Deed) -> bool:
        number, at = read_day(want[0])
        local = mail.at.astimezone(start.zone)
        return want[1] == mail.what and number == start.day_number(mail.at) and at in (None, f"{local:%H:%M}")

    if not wanted and not got:
        yield Row(True, "no mail", "no mail")  # noqa: FBT003  # the row's first column
    for want, mail in side_by_side(wanted, got, is_that_mail):
        shown = f"{want[0]}: {want[1]}" if want else ""
        yield Row(want is not None and mail is not None and is_that_mail(want, mail), shown, _when(mail, start))


def _actions(expected: Sequence[str], got: Sequence[Deed], start: Start) -> Iterator[Row]:
    def is_that_step(want: str, deed: Deed) -> bool:
        return want == deed.step

    if not expected and not got:
        yield Row(True, "no action", "no action")  # noqa: FBT003  # the row's first column
    for want, deed in side_by_side(expected, got, is_that_step):
        holds = want is not None and deed is not None and is_that_step(want, deed)
        yield Row(holds, f"action {want}" if want else "", _when(deed, start))


def _when(deed: Deed | None, start: Start) -> str:
    """`day 7   Mon 09 Mar 10:00  nudge-short`."""
    if deed is None:
        return ""
    what = deed.what or f"action {deed.step}"
    return f"day {start.day_number(deed.at):<3} {deed.at.astimezone(start.zone):%a %d %b %H:%M}  {what}"


# The candidate --------------------------------------------------------------------------------------------------


def _field(key: str, expected: Any, found: Any) -> Iterator[Row]:
    """One row for a field; the declared fields below `custom` are each one of their own."""
    if isinstance(expected, Mapping):
        for name, value in expected.items():
            yield from _field(f"{key}.{name}", value, found.get(name) if isinstance(found, Mapping) else None)
        return
    yield Row(_same(expected, found), f"candidate.{key}: {_word(expected)}", f"candidate.{key}: {_word(found)}")


def _same(expected: Any, found: Any) -> bool:
    if isinstance(found, list | tuple):
        wanted = expected if isinstance(expected, list) else [expected]
        return sorted(map(str, wanted)) == sorted(map(str, found))
    return bool(expected == found)


def _word(value: Any) -> str:
    if value is None:
        return "(not known)"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)
