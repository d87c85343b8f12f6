"""Scores that fade: what is kept of a score says the same as its whole ledger, at any instant."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport.crm.score import Change, How, Score, rounded

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NINETY = timedelta(days=90)
_MICROSECOND = timedelta(microseconds=1)

_half_lives = st.sampled_from([timedelta(days=1), timedelta(days=7), NINETY, timedelta(weeks=104)])
_spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1500))
_entries = st.lists(
    st.tuples(st.sampled_from(["add", "subtract", "set"]), st.integers(0, 10_000), _spans), min_size=1, max_size=12
)
Ledger = Sequence[tuple[How, int, timedelta]]


def kept(ledger: Ledger, half_life: timedelta | None) -> Score:
    """The score as it is kept, change by change, in the order in which they are told."""
    score, told = Score(), list[Change]()
    for how, points, ago in ledger:
        change = Change(how=how, points=points, at=MONDAY + ago)
        score = score.changed(change, half_life, later=[each for each in told if each.at > change.at])
        told.append(change)
    return score


def in_order(ledger: Ledger) -> Ledger:
    """As it happened, whenever it was told; at one instant as it was told. A `set` forgets what is before it."""
    happened = sorted(ledger, key=lambda entry: entry[2])
    last_set = max((place for place, (how, *_) in enumerate(happened) if how == "set"), default=0)
    return happened[last_set:]


def by_the_ledger(ledger: Ledger, at: datetime, half_life: timedelta) -> float:
    """The same from every entry by its own age."""
    return sum(
        (-points if how == "subtract" else points) * float(0.5 ** ((at - MONDAY - ago) / half_life))
        for how, points, ago in in_order(ledger)
    )


@given(ledger=_entries, half_life=_half_lives, later=_spans)
@example(ledger=[("set", 5, timedelta(0)), ("add", 5, NINETY)], half_life=NINETY, later=timedelta(0))
@example(ledger=[("add", 5, NINETY), ("set", 7, timedelta(0))], half_life=NINETY, later=timedelta(0))
@example(ledger=[("set", 5, NINETY), ("set", 7, timedelta(0))], half_life=NINETY, later=timedelta(0))
def test_what_is_kept_is_the_whole_ledger(ledger: Ledger, half_life: timedelta, later: timedelta) -> None:
    """A score is the sum of its changes, each halved once in every half-life since its own time, late ones too."""
    at = MONDAY + max(ago for *_, ago in ledger) + later
    expected, score = by_the_ledger(ledger, at, half_life), kept(ledger, half_life)

    assert score.worth(at, half_life) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert score.points_at(at, half_life) in {rounded(expected - 1e-7), rounded(expected + 1e-7)}


@given(ledger=_entries, later=_spans)
def test_without_a_half_life_points_keep_their_worth(ledger: Ledger, later: timedelta) -> None:
    """What project.yaml does not ask for does not happen: whole numbers are added and nothing fades."""
    total = 0
    for how, points, _ in in_order(ledger):
        total = {"add": total + points, "subtract": total - points, "set": points}[how]

    score = kept(ledger, None)

    assert (total, 0.0) == (score.points_at(MONDAY + later, None), score.rest)


@given(ledger=_entries, half_life=_half_lives)
def test_a_row_keeps_every_digit(ledger: Ledger, half_life: timedelta) -> None:
    """The whole number and what rounding left over are the exact score again."""
    score = kept(ledger, half_life)

    assert Fraction(score.exact) == score.points + Fraction(score.rest)
    assert abs(score.rest) <= 0.5 + 1e-9


@given(
    exact=st.floats(-100_000, 100_000, allow_subnormal=False) | st.sampled_from([0.5, 39.5, 40.0, -0.5, -40.0]),
    marks=st.sets(st.integers(-50, 50), max_size=4),
    half_life=_half_lives,
    waited=_spans,
)
def test_the_next_crossing_is_the_first_instant_that_makes_a_difference(
    exact: float, marks: set[int], half_life: timedelta, waited: timedelta
) -> None:
    """Until then nobody is on another side of any mark, and from then on somebody is, for good."""
    score, after = Score(exact=exact, at=MONDAY), MONDAY + waited

    def sides(at: datetime) -> dict[int, bool]:
        return {mark: score.points_at(at, half_life) >= mark for mark in marks}

    at = score.next_crossing(marks, after, half_life)

    if at is None:
        assert sides(after) == sides(after + 60 * half_life)
    else:
        assert sides(after) == sides(max(after, at - half_life / 1_000_000))
        assert sides(at) != sides(after)
        assert sides(at) == sides(at + _MICROSECOND)


@pytest.mark.parametrize(
    ("start", "days", "points"),
    [(40, 90, 20), (40, 180, 10), (5, 90, 3), (3, 90, 2), (1, 90, 1), (1, 91, 0), (-40, 90, -20), (-1, 90, 0)],
)
def test_a_half_goes_up(start: int, days: int, points: int) -> None:
    """Forty points are twenty after a half-life; what falls between two whole numbers is the nearer one."""
    assert points == Score(exact=start, at=MONDAY).points_at(MONDAY + timedelta(days=days), NINETY)


def test_before_its_last_change_a_score_is_as_that_left_it() -> None:
    """A walk whose clock is behind does not see points grow."""
    score = Score(exact=40, at=MONDAY)

    assert (40, 40) == (score.points_at(MONDAY - NINETY, NINETY), score.points_at(MONDAY, NINETY))


@given(one=_entries, other=_entries, half_life=_half_lives, later=_spans)
def test_two_who_are_one_have_what_both_had(one: Ledger, other: Ledger, half_life: timedelta, later: timedelta) -> None:
    """A merge neither refreshes points that are old nor loses any, whichever record stays."""
    first, second = kept(one, half_life), kept(other, half_life)
    at = MONDAY + timedelta(days=1500) + later
    together = first.worth(at, half_life) + second.worth(at, half_life)

    assert first.with_other(second, half_life).worth(at, half_life) == pytest.approx(together, rel=1e-9, abs=1e-9)
    assert second.with_other(first, half_life).worth(at, half_life) == pytest.approx(together, rel=1e-9, abs=1e-9)
