"""Who fits a role: every point has a reason, and nobody loses by knowing more."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.match import MOST_BEHAVIOR, Behavior, Match, Matcher, Profile, total
from rapport.crm.role import Role
from rapport.crm.skills import Likeness, Skills

TODAY = date(2026, 3, 2)
SYNONYMS = {"go": ["golang"], "postgres": ["postgresql", "pg"], "kubernetes": ["k8s"], "javascript": ["js"]}
ROLE = Role(
    title="Backend", must=("go", "postgres"), nice=("kubernetes",), city="Berlin", country="DE", seniority="senior"
)
WORDS = (
    "go",
    "Golang",
    "PostgreSQL",
    "pg",
    "k8s",
    "kubernets",
    "java",
    "javascript",
    "C",
    "C++",
    "c#",
    "Node.js",
    "rust",
)

_skills = st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=6)
_profiles = st.builds(
    Profile,
    id=st.from_regex(r"c_[a-z]{3}", fullmatch=True),
    skills=_skills,
    city=st.sampled_from([None, "Berlin", "berlin ", "Paris"]),
    country=st.sampled_from([None, "DE", "FR"]),
    seniority=st.sampled_from([None, "Senior", "mid", "Intern", "wizard"]),
)
_behavior = st.builds(
    Behavior,
    replies=st.integers(0, 3),
    clicks=st.integers(0, 9),
    events=st.integers(0, 2),
    last=st.none() | st.dates(date(2023, 1, 1), date(2027, 1, 1)),
    score=st.integers(-50, 500),
)


def matched(profile: Profile, behavior: Behavior | None = None, role: Role = ROLE) -> Match:
    """What the matcher makes of a person today."""
    return Matcher(role, SYNONYMS, today=TODAY).match(profile, behavior or Behavior())


@given(profile=_profiles, behavior=_behavior, more=st.sampled_from(WORDS))
def test_knowing_more_never_costs_points(profile: Profile, behavior: Behavior, more: str) -> None:
    """Whoever adds a skill to their profile has at least the points of before, and is qualified if they were."""
    before = matched(profile, behavior)
    richer = Profile(
        id=profile.id,
        skills=[*profile.skills, more],
        city=profile.city,
        country=profile.country,
        seniority=profile.seniority,
    )
    after = matched(richer, behavior)

    assert after.points >= before.points
    assert after.qualified >= before.qualified


@given(profile=_profiles, behavior=_behavior, data=st.data())
def test_the_order_of_words_says_nothing(profile: Profile, behavior: Behavior, data: st.DataObject) -> None:
    """The same skills in another order are the same match, in points and in words."""
    shuffled = data.draw(st.permutations(profile.skills))
    other = Profile(
        id=profile.id, skills=shuffled, city=profile.city, country=profile.country, seniority=profile.seniority
    )

    assert matched(profile, behavior) == matched(other, behavior)


@given(profile=_profiles, behavior=_behavior)
def test_the_points_are_the_parts(profile: Profile, behavior: Behavior) -> None:
    """Whoever adds up the parts gets the sum; no part exceeds its most, is below nothing, or lacks a word."""
    match = matched(profile, behavior)

    assert match.points == pytest.approx(sum(part.points for part in match.parts))
    assert 100 == sum(part.most for part in match.parts)
    assert all(0 <= part.points <= part.most and part.why for part in match.parts)


@given(profile=_profiles, behavior=_behavior)
def test_points_without_words_are_the_same(profile: Profile, behavior: Behavior) -> None:
    """Whom a search skips for their points is whom the whole measure would put behind."""
    matcher = Matcher(ROLE, SYNONYMS, today=TODAY)
    qualified, of_profile = matcher.by_profile(profile)
    match = matcher.match(profile, behavior)

    assert (match.qualified, match.points) == (qualified, total(of_profile, matcher.by_behavior(behavior)))
    assert match.points <= total(of_profile, MOST_BEHAVIOR)


@given(groups=st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefgh"), min_size=1), max_size=4))
def test_synonyms_hold_in_both_directions(groups: dict[str, list[str]]) -> None:
    """Whoever looks for one word finds the other, whichever of them was declared."""
    for one in "abcdefgh":
        for other in "abcdefgh":
            there = bool(Skills([one], groups).among([other]))
            assert there == bool(Skills([other], groups).among([one]))


@pytest.mark.parametrize(
    ("wanted", "written", "likeness"),
    [
        ("go", "Go", Likeness.SAME),
        ("go", "golang", Likeness.SYNONYM),
        ("golang", "GO", Likeness.SYNONYM),
        ("pg", "PostgreSQL", Likeness.SYNONYM),
        ("node.js", "Node JS", Likeness.SAME),
        ("kubernetes", "Kubernets", Likeness.SPELLING),
        ("k8s", "kubernets", Likeness.SPELLING),
        ("terraform", "terrafrom", Likeness.SPELLING),
        ("machine learning", "machne learnign", Likeness.SPELLING),
        ("java", "javascript", None),
        ("javascript", "java", None),
        ("javascript", "typescript", None),
        ("c", "c++", None),
        ("c++", "c#", None),
        ("c#", "c", None),
        ("objective-c", "objective-c++", None),
        ("python2", "python3", None),
        ("next.js", "nest.js", None),
        ("react", "preact", None),
        ("angular", "singular", None),
        ("go", "", None),
    ],
)
def test_what_is_the_same_skill(wanted: str, written: str, likeness: Likeness | None) -> None:
    """A slip of the pen is forgiven; a name that is one letter away from another is not taken for it."""
    found = Skills([wanted], SYNONYMS).among([written]).get(0)

    assert likeness == (found.likeness if found else None)


def test_a_role_may_name_a_skill_twice() -> None:
    """A role that asks for Go, and for Golang too, finds both with whoever knows one of them."""
    found = Skills(("go", "golang"), {"go": ["golang"]}).among(["Golang"])

    assert {0: Likeness.SYNONYM, 1: Likeness.SAME} == {place: each.likeness for place, each in found.items()}


def test_who_knows_another_declared_skill_has_not_misspelled_this_one() -> None:
    """What the project declares as a word is that word."""
    declared = Skills(["flutter"], {"flatter": ["flat"]})

    assert {} == declared.among(["flatter"])
    assert {0} == set(Skills(["flutter"], {}).among(["flatter"]))


@pytest.mark.parametrize(
    ("role", "city", "country", "points"),
    [
        (ROLE, "berlin", "DE", 15),
        (ROLE, "Berlin", None, 15),
        (ROLE, "Berlin", "US", 0),
        (ROLE, "Munich", "DE", 8),
        (ROLE, None, "DE", 8),
        (ROLE, None, None, 0),
        (Role(title="R", must=("go",), remote=True, country="DE", city="Berlin"), "Paris", "FR", 12),
        (Role(title="R", must=("go",), remote=True, city="Berlin"), "Berlin", "DE", 15),
        (Role(title="R", must=("go",), country="DE"), "Bonn", "DE", 15),
        (Role(title="R", must=("go",)), None, None, 15),
    ],
)
def test_where_people_live(role: Role, city: str | None, country: str | None, points: int) -> None:
    """The city, else the country, else anywhere if the role allows it; Berlin in New Hampshire is not Berlin."""
    [part] = [
        part
        for part in matched(Profile(id="c", city=city, country=country), role=role).parts
        if part.name == "location"
    ]

    assert points == part.points


@pytest.mark.parametrize(
    ("has", "points"), [("Senior", 10), ("mid-level", 5), ("Lead", 5), ("junior", 0), ("wizard", 0), (None, 0)]
)
def test_seniority_counts_by_distance(has: str | None, points: int) -> None:
    """One level off is half of the points."""
    [part] = [part for part in matched(Profile(id="c", seniority=has)).parts if part.name == "seniority"]

    assert points == part.points


def test_it_reads_as_sentences() -> None:
    """A recruiter sees why somebody stands where they stand."""
    profile = Profile(id="c", skills=["golang", "Kubernets"], city="Berlin", country="DE", seniority="mid")
    behavior = Behavior(replies=1, clicks=2, events=1, last=TODAY - timedelta(days=73), score=20)
    match = matched(profile, behavior)

    assert [
        ("must skills", 20.0, "has go (as golang); lacks postgres"),
        ("nice skills", 9.0, "has kubernetes (read from “Kubernets”)"),
        ("location", 15, "lives in Berlin, DE"),
        ("seniority", 5, "is mid, not senior"),
        ("engagement", 11.5, "replied once, clicked 2 times, came to 1 event, has a score of 20"),
        ("recency", 8.0, "was last heard of 73 days ago"),
    ] == [(part.name, part.points, part.why) for part in match.parts]
    assert (68.5, False, True) == (match.points, match.qualified, match.engaged)
