"""The profile of a person who was several records: order makes no difference, and the kept record has its say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.merging import Record, deep, flat, joined

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = st.dictionaries(st.sampled_from(["city", "country", "custom.a", "skills.go"]), st.integers(0, 3))


def record(name: str, day: int, **fields: object) -> Record:
    """A record since a day in January."""
    return Record(id=name, since=SINCE + timedelta(days=day), fields=fields)


def test_what_the_kept_record_says_stands_and_the_oldest_fills_the_gaps() -> None:
    """Nobody's city changes by a merge, unless there was none."""
    kept, young, old = (
        record("k", 9, city="Köln"),
        record("y", 5, city="Bonn", country="DE"),
        record("o", 1, country="AT"),
    )

    assert {"city": "k", "country": "o"} == joined(kept, [young, old])


@given(st.lists(FIELDS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_order_makes_no_difference(fields: list[dict[str, int]], chance: object) -> None:
    """Whoever was merged first, the same record gives each field."""
    kept, *gone = [Record(id=str(number), since=SINCE, fields=each) for number, each in enumerate(fields)]
    shuffled = gone[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random

    assert joined(kept, gone) == joined(kept, shuffled)


def test_a_profile_is_taken_apart_and_put_together_again() -> None:
    """Skills and the project's own fields are merged one by one, also those with a dot in their name."""
    profile = {"city": "Köln", "custom": {"a.b": 1}, "skills": ["node.js", "go"]}

    assert {"city": "Köln", "custom.a.b": 1, "skills.node.js": "node.js", "skills.go": "go"} == flat(profile)
    assert profile == deep(flat(profile))
    assert {} == flat({"city": None, "custom": {}, "skills": []})
