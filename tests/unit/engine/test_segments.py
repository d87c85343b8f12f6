"""Segments in simulations and tests of sequences: people are in them by themselves, as in life."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.dsl.plan import compile_plan
from rapport.dsl.segments import circle, segments_of
from rapport.engine.segments import touched
from rapport.engine.state import End
from tests.builders import a_project
from tests.durable.sequences import FADING, PROJECT, scenario


def played(candidate: dict[str, Any], when: list[Any], **tree: Any) -> Any:
    """A walk to its end, about somebody made up."""
    steps = tree.pop("steps", [{"id": "week", "wait": "7 days"}])
    plan = compile_plan("flow", {"purpose": "nurture", "defaults": {"from": "talent-team"}, "steps": steps, **tree})
    return scenario(plan, candidate=candidate, when=when).run()


@pytest.mark.parametrize(
    ("candidate", "pools"),
    [
        ({"score": 3}, ["reachable"]),
        ({"score": 10}, ["hot", "reachable"]),
        ({"score": 10, "pools": ["engineering"], "consent": []}, ["engineering", "hot", "hot-engineers"]),
        ({"score": 1, "pools": ["hot", "engineering"]}, ["engineering", "reachable"]),
    ],
)
def test_a_made_up_person_is_in_their_segments_from_the_start(candidate: dict[str, Any], pools: list[str]) -> None:
    """Whatever a case writes down about segments: their conditions decide."""
    assert pools == sorted(played(candidate, []).result.of_candidate("pools"))


def test_what_happens_moves_people() -> None:
    """News from the ATS and a withdrawn consent move a person as a step of the walk does."""
    came = played(
        {"score": 10, "pools": ["engineering"]},
        [{"day 1": {"tagged": "warm"}}, {"day 2": {"stage_changed_to": "interview"}}],
        exit=[{"removed_from_pool": "hot-engineers"}],
    )

    assert "removed_from_pool" == came.ends
    assert 2 == (came.result.end.at - came.scenario.start.instant).days


def test_who_belongs_already_does_not_join() -> None:
    """A score that rises further is no second joining."""
    came = played({"score": 10}, [], exit=[{"added_to_pool": "hot"}], steps=[{"id": "up", "score": {"add": 5}}])

    assert "end" == came.ends


def test_who_cools_down_leaves_at_that_instant() -> None:
    """Nineteen points of which half goes each week are no ten any more in a week and a bit: the walk ends then."""
    steps = [{"id": "month", "wait": "30 days"}]
    plan = compile_plan("flow", {"purpose": "nurture", "exit": [{"removed_from_pool": "hot"}], "steps": steps})
    came = scenario(plan, project=FADING, candidate={"score": 20}, when=[]).run()

    assert came.result.end
    assert ("removed_from_pool", 9) == (came.ends, came.result.of_candidate("score"))
    assert 7.5 < (came.result.end.at - came.scenario.start.instant).total_seconds() / 86400 < 7.6


@pytest.mark.parametrize(
    ("members", "lasts"),
    [("{candidate.consent: events}", 60), ("{candidate.pools: warm}", 30)],
    ids=["consent", "pool"],
)
def test_who_runs_out_of_consent_or_membership_leaves_at_that_instant(members: str, lasts: int) -> None:
    """Consent of sixty days and a membership of thirty take a person out of the segments that ask for them."""
    pools = f"pools: {{warm: {{title: W, expires_after: 30 days}}, near: {{title: N, members: {members}}}}}"
    purposes = "consent: {purposes: {nurture: {title: Mails}, events: {title: Events, expires_after: 60 days}}}"
    steps = [{"id": "in", "pool": {"add": "warm"}}, {"id": "year", "wait": "365 days"}]
    plan = compile_plan("flow", {"purpose": "nurture", "exit": [{"removed_from_pool": "near"}], "steps": steps})
    person = {"consent": ["nurture", "events"]}
    came = scenario(plan, project=a_project(f"{pools}\n{purposes}"), candidate=person, when=[]).run()

    assert came.result.end == End("removed_from_pool", came.scenario.start.instant + timedelta(days=lasts))


def test_time_lets_in_who_is_below() -> None:
    """A condition that asks for few points, or for a number exactly, opens by itself as well."""
    pools = {"cool": "{below: 10}", "nine": "9", "cold": "{at_most: 0}"}
    text = "".join(f"  {name}: {{title: T, members: {{candidate.score: {test}}}}}\n" for name, test in pools.items())
    project = a_project(f"score: {{half_life: 1 week}}\npools:\n{text}")
    plan = compile_plan("flow", {"purpose": "nurture", "steps": [{"id": "week", "wait": "7 days"}]})
    came = scenario(plan, project=project, candidate={"score": 20, "consent": []}, when=[])
    world = came.world()
    moved, now = [], came.start.instant
    while (at := world.next_end(now)) is not None:
        now = at
        moved += [(one.kind, one.detail["pool"]) for one in world.let_pass(at)]

    joins, leaves = "added_to_pool", "removed_from_pool"
    assert [(joins, "cool"), (joins, "nine"), (leaves, "nine"), (joins, "cold")] == moved


def test_only_what_a_change_can_move_is_looked_at() -> None:
    """A tag asks two conditions: the one about tags, and none that asks about other things."""
    names = {
        field: [segment.name for segment in touched(segments_of(PROJECT), {field})]
        for field in ("score", "tags", "consent", "city", "stage")
    }

    assert {
        "score": ["hot", "hot-engineers"],
        "tags": ["hot-engineers"],
        "consent": ["reachable"],
        "city": [],
        "stage": ["hot-engineers"],
    } == names


def test_a_date_rests_on_the_time_zone() -> None:
    """Who moves over the date line may be in a segment a day sooner."""
    [segment] = segments_of(a_project("pools: {old: {title: O, members: {candidate.joined_on: {before: 2026-01-01}}}}"))

    assert {"joined_on", "timezone"} == segment.reads


def test_the_shortest_circle_is_named() -> None:
    """Of two ways round, the shorter one is the easier one to mend."""
    asked = {"a": ["b", "c"], "b": ["c"], "c": ["a"], "d": ["a"]}

    assert (["a", "c", "a"], []) == (circle(asked, "a"), circle(asked, "d"))
