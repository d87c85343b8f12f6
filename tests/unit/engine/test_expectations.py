"""What a test case may say, and how it is held against the walk."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.engine.agreement import timelines
from rapport.engine.coverage import Spot, coverage, total_percent
from rapport.engine.expectations import Verdict, judge
from rapport.engine.side_by_side import side_by_side
from tests.builders import MONDAY, a_plan, a_project, a_walk, yaml

STEPS = """
- {id: hello, send: hello}
- id: read
  wait_for: {clicked: hello}
  within: 7 days
  then: [{id: warm, score: {add: 5}}, {id: tag, tag: {add: warm}}]
  else:
    - id: lot
      split: {short: {share: 50%, do: [{id: one, send: one}]}, long: {share: 50%, do: [{id: two, send: two}]}}
- {id: app, ats: {read: application}, as: app, if_fails: stop}
- {id: back, stop: back in a process, unless: {app.status: rejected}}
"""


def judged(case: str, file: str = "{}") -> Verdict:
    """The verdict on a case, in the words of a test file; `file` holds what stands above the cases."""
    tree: dict[str, Any] = {"starts": MONDAY, "event": {"id": "fair-7", "starts_at": "2026-03-12 10:00"}, **yaml(file)}
    return judge(a_plan(STEPS), a_project(), tree, {"case": "a case", **yaml(case)})


@pytest.mark.parametrize(
    ("case", "holds"),
    [
        ("then: {mails: [{day 0: hello}, {day 7: one}]}\nvariants: {lot: short}", True),
        ("then: {mails: [{day 0: hello}, {day 7: two}]}\nvariants: {lot: short}", False),
        ("then: {mails: [{day 0 10:00: hello}]}\nwhen: [{day 1: {clicked: hello}}]", True),
        ("then: {mails: [{day 0 10:01: hello}]}\nwhen: [{day 1: {clicked: hello}}]", False),
        ("then: {mails: []}\nwhen: [{day 1: {clicked: hello}}]", False),
        ("then: {mails: []}\ncandidate: {consent: []}", True),
        ("then: {actions: [warm, tag]}\nwhen: [{day 1: {clicked: hello}}]", True),
        ("then: {actions: [tag, warm]}\nwhen: [{day 1: {clicked: hello}}]", False),
        ("then: {actions: []}\nwhen: [{day 1: {machine_clicked: hello}}]", True),
        ("then: {ends: back in a process}", True),
        ("then: {ends: end}\nmocks: {app: {status: rejected}}", True),
        ("then: {ends: app}\nmocks: {app: {fails: true}}", False),
        ("then: {ends: unsubscribed}\nwhen: [{day 1: unsubscribed}]", True),
        ("then: {ends: complained}\nwhen: [{day 1: {complained: hello}}]", True),
        ("then: {ends: hired}\nwhen: [{day 1: hired}]", True),
        ("then: {ends: erased}\nwhen: [{day 1: erased}]", True),
        ("then: {ends: bounced}\nwhen: [{day 0 10:01: {bounced: hello}}]", True),
        ("then: {ends: consent}\nwhen: [{day 1: consent_withdrawn}]", True),
        ("then: {ends: event_cancelled}\nwhen: [{day 1: event_cancelled}]", True),
        ("then: {candidate: {score: 5, tags: [warm]}}\nwhen: [{day 1: {clicked: hello}}]", True),
        ("then: {candidate: {tags: warm, consent: nurture}}\nwhen: [{day 1: {clicked: hello}}]", True),
        ("then: {candidate: {score: 6}}\nwhen: [{day 1: {clicked: hello}}]", False),
        ("then: {candidate: {custom: {level: 3}}}\ncandidate: {custom: {level: 3, other: x}}", True),
        ("then: {candidate: {city: Pune}}", False),
    ],
)
def test_a_case_holds_when_all_that_it_names_is_so(case: str, holds: bool) -> None:  # noqa: FBT001  # the expectation
    """Mails and actions are complete and in order; a time counts where it is written; the rest is what is named."""
    assert holds == judged(case).passed


def test_a_case_merges_over_its_file_key_by_key() -> None:
    """What the case does not say, the file says."""
    verdict = judged("then: {}\ncandidate: {score: 1}", "{candidate: {score: 9, tags: [java]}, mocks: {app: {}}}")

    assert (1, ["java"]) == tuple(verdict.calendar.scenario.candidate[key] for key in ("score", "tags"))


def test_policy_off_lets_mails_go_at_night() -> None:
    """For one case or for a file."""
    at_night = {"starts": "2026-03-02 23:00 Europe/Berlin", "cases": []}
    case = {"case": "late", "then": {"mails": [{"day 0 23:00": "hello"}]}, "when": [{"day 1": "unsubscribed"}]}

    held, sent = (judge(a_plan(STEPS), a_project(), at_night, {**case, **more}) for more in ({}, {"policy": "off"}))

    assert (False, True) == (held.passed, sent.passed)


@given(st.lists(st.sampled_from("abcd"), max_size=8), st.lists(st.sampled_from("abcd"), max_size=8))
def test_two_lists_beside_each_other_keep_all_items_in_order(one: list[str], other: list[str]) -> None:
    """No item is lost or moved, and two equal lists have no gap."""
    rows = list(side_by_side(one, other, lambda left, right: left == right))

    assert one == [left for left, _ in rows if left is not None]
    assert other == [right for _, right in rows if right is not None]
    assert (None, None) not in rows
    assert (one == other) == all(left == right for left, right in rows)


def test_coverage_counts_steps_and_branches() -> None:
    """A clicker takes one way at the wait and passes no lot."""
    plan = a_plan(STEPS)
    clicker = judged("then: {}\nwhen: [{day 1: {clicked: hello}}]").calendar.result

    seen = coverage(plan, [clicker])

    assert [Spot("read", "else"), Spot("lot"), Spot("lot", "short"), Spot("lot", "long")] == list(seen.missed)[:4]
    assert Spot("back", "passed") in seen.missed
    assert round(100 * (len(seen.spots) - len(seen.missed)) / len(seen.spots)) == round(seen.percent)
    assert (100.0, 100.0) == (coverage(a_plan("[]"), []).percent, total_percent([]))


def test_a_wait_until_is_a_fork_only_where_its_then_may_be_jumped_over() -> None:
    """Being late is a way of its own."""
    steps = "- {id: before, wait_until: {day: event.starts_at, if_late: skip}, then: [{id: remind, send: hello}]}"

    seen = coverage(a_plan(steps), [a_walk(steps, event={"id": "fair", "starts_at": "2026-03-12 10:00"}).result])

    assert [Spot("before", "late")] == list(seen.missed)


def test_two_walks_that_are_the_same_agree_and_a_second_is_a_difference() -> None:
    """The timelines hold path, mails, effects, the end and what the case names of the candidate."""
    one = judged("then: {}\nwhen: [{day 1: {clicked: hello}}]").calendar.result
    other = judged("then: {}\nwhen: [{day 1 10:01: {clicked: hello}}]").calendar.result

    same, apart = timelines(one, one, fields=["score"]), timelines(one, other, fields=["score"])

    assert all(row.holds for row in same)
    assert ("candidate.score: 5", "candidate.score: 5") == (same[-1].expected, apart[-1].got)
    assert "2026-03-03 09:01:00  read: then" in [row.got for row in apart if not row.holds]
