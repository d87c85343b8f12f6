"""So many calls, whoever makes them: the reckoning behind the gate before each ATS."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.call_limits import CallLimits, LimitsSaid, fresh, learn, take

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WINDOW = CallLimits(calls=10, per=10 * SECOND)
BUCKET = CallLimits(calls=10, per=SECOND, is_bucket=True)


@given(waits=st.lists(st.floats(0, 3), min_size=1, max_size=80))
def test_a_bucket_never_lets_more_go_than_it_refills(waits: list[float]) -> None:
    """In any second at most twice a bucket goes: what was in it, and what came back."""
    standing, now, gone = fresh(BUCKET, NOW), NOW, []
    for wait in waits:
        now += timedelta(seconds=wait)
        standing, pause = take(standing, BUCKET, now)
        if not pause:
            gone.append(now)

    assert all(len([other for other in gone if at <= other < at + SECOND]) <= 2 * BUCKET.calls for at in gone)


@given(steps=st.lists(st.floats(0, 0.5), min_size=1, max_size=120))
def test_a_window_never_lets_more_go_than_it_has(steps: list[float]) -> None:
    """Between the beginnings of two windows no more calls go than the vendor allows in one."""
    standing, now = fresh(WINDOW, NOW), NOW
    counts: dict[datetime, int] = {}
    for step in steps:
        now += timedelta(seconds=step)
        standing, pause = take(standing, WINDOW, now)
        counts[standing.until] = counts.get(standing.until, 0) + (not pause)

    assert max(counts.values()) <= WINDOW.calls


def test_what_the_answer_says_counts() -> None:
    """Fewer calls are left than we thought, because somebody else uses the same key: we stop until the window ends."""
    standing = learn(fresh(WINDOW, NOW), WINDOW, LimitsSaid(size=50, left=0, ends_in=20 * SECOND), NOW)
    _, wait = take(standing, WINDOW, NOW)
    after, at_once = take(standing, WINDOW, NOW + 22 * SECOND)

    assert 20 * SECOND <= wait <= 22 * SECOND
    assert timedelta(0) == at_once
    assert 40 < after.left < 50


def test_an_older_answer_lengthens_nothing() -> None:
    """Of two answers that overtake each other, the one about the window before changes nothing in this one."""
    now = NOW + 12 * SECOND
    standing, _ = take(fresh(WINDOW, NOW), WINDOW, now)
    learned = learn(standing, WINDOW, LimitsSaid(size=10, left=0, ends_in=timedelta(0)), now)

    assert learned.left == standing.left


def test_a_pause_holds_for_everybody() -> None:
    """Whoever is refused says so for all, and a shorter pause does not end a longer one."""
    paused = learn(fresh(BUCKET, NOW), BUCKET, LimitsSaid(pause=30 * SECOND), NOW)
    paused = learn(paused, BUCKET, LimitsSaid(pause=SECOND), NOW)

    assert 29 * SECOND == take(paused, BUCKET, NOW + SECOND)[1]
    assert not take(paused, BUCKET, NOW + 31 * SECOND)[1]


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    """A window that seems to begin in the future is begun anew."""
    assert not take(fresh(WINDOW, NOW), WINDOW, NOW - timedelta(days=1))[1]


def test_a_window_that_turns_out_larger_is_not_left_unused() -> None:
    """Headers that name more calls than the documentation hold for the window that is under way."""
    limits = CallLimits(calls=50, per=timedelta(seconds=30))
    known, _ = take(fresh(limits, NOW), limits, NOW)

    known = learn(known, limits, LimitsSaid(size=1000, left=999, ends_in=timedelta(seconds=30)), NOW)

    for _ in range(900):
        known, wait = take(known, limits, NOW)
        assert wait == timedelta(0)
