"""How well a person fits a role, from what is known of them, with a reason for every point.

It sorts people whom a recruiter may write to again; it decides about nobody. Names, age, gender and where somebody
went to school are not looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapport.crm.role import Role
from rapport.crm.skills import Found, Likeness, Skills

# Points, 100 in all. What somebody can do weighs more than whether they answer: half of it without the must skills.
_MUST, _NICE, _PLACE, _LEVEL, _ENGAGED, _RECENT = 40, 10, 15, 10, 15, 10
_COUNTRY, _ANYWHERE = 8, 12
# A reply says most; a fifth click says little that four have not.
_REPLY, _CLICK, _MOST_CLICKS, _EVENT, _SCORE, _FULL_SCORE = 6, 1, 4, 2, 3, 40
# What engagement and recency can add to what stands in the profile.
MOST_BEHAVIOR: Final = _ENGAGED + _RECENT
# Who was last heard of a year ago is as far away as who was never heard of.
_FORGOTTEN = 365
_LEVELS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("intern", "trainee", "working student"), 0),
    **dict.fromkeys(("junior", "entry", "entry level", "graduate"), 1),
    **dict.fromkeys(("mid", "mid level", "intermediate", "regular", "professional"), 2),
    "senior": 3,
    **dict.fromkeys(("staff", "lead"), 4),
    **dict.fromkeys(("principal", "head", "director"), 5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What matching asks of a person's profile."""

    id: str
    skills: Sequence[str] = ()
    city: str | None = None
    country: str | None = None
    seniority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavior:
    """How somebody has engaged; counts are those of the time that is asked about, `last` is whenever that was."""

    replies: int = 0
    clicks: int = 0
    events: int = 0
    last: date | None = None
    score: int = 0

    @property
    def engaged(self) -> bool:
        """Whether they clicked, replied or came to an event."""
        return bool(self.replies or self.clicks or self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Points of one kind out of the most that there are, and why."""

    name: str
    points: float
    most: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A person and how well they fit: the sum of the parts, of 100 points."""

    candidate: str
    parts: tuple[Part, ...]
    qualified: bool
    engaged: bool

    @property
    def points(self) -> float:
        """All points."""
        return total(*(part.points for part in self.parts))


class Matcher:
    """Measures people against one role; the same person always gets the same points."""

    def __init__(self, role: Role, synonyms: Mapping[str, Sequence[str]], *, today: date) -> None:
        """`today` is the day from which recency counts."""
        self._role, self._today = role, today
        self._skills = Skills((*role.must, *role.nice), synonyms)

    def by_profile(self, profile: Profile) -> tuple[bool, float]:
        """Whether somebody has every must skill, and the points that they have for their profile."""
        found = self._skills.among(profile.skills)
        must, nice = self._wanted_and_found(found)
        skills = _skill_points(*must, _MUST), _skill_points(*nice, _NICE)
        points = total(*skills, self._place(profile).points, self._level(profile).points)
        return self._qualified(found), points

    def by_behavior(self, behavior: Behavior) -> float:
        """The points that somebody has for what they did."""
        return total(_engagement(behavior).points, self._recency(behavior).points)

    def match(self, profile: Profile, behavior: Behavior) -> Match:
        """All points, each with its reason."""
        found = self._skills.among(profile.skills)
        must, nice = self._wanted_and_found(found)
        parts = (
            _skills("must skills", *must, _MUST),
            _skills("nice skills", *nice, _NICE),
            self._place(profile),
            self._level(profile),
            _engagement(behavior),
            self._recency(behavior),
        )
        return Match(candidate=profile.id, parts=parts, qualified=self._qualified(found), engaged=behavior.engaged)

    def _qualified(self, found: Mapping[int, Found]) -> bool:
        return all(place in found for place in range(len(self._role.must)))

    def _wanted_and_found(self, found: Mapping[int, Found]) -> Sequence[tuple[Sequence[str], Mapping[int, Found]]]:
        """Must skills and nice skills, each with what was found of them by place in its own list."""
        role, musts = self._role, len(self._role.must)
        nice = {place - musts: each for place, each in found.items() if place >= musts}
        return (role.must, {place: each for place, each in found.items() if place < musts}), (role.nice, nice)

    def _place(self, profile: Profile) -> Part:
        role = self._role
        if role.city is None and role.country is None and not role.remote:
            return _part("location", _PLACE, _PLACE, "the role names no place")
        points, why = _near(profile, role)
        if role.remote and points < _ANYWHERE:
            return _part("location", _ANYWHERE, _PLACE, "the role can be done from anywhere")
        return _part("location", points, _PLACE, why)

    def _level(self, profile: Profile) -> Part:
        wanted, has = self._role.seniority, profile.seniority
        if wanted is None:
            return _part("seniority", _LEVEL, _LEVEL, "the role names none")
        if not has:
            return _part("seniority", 0, _LEVEL, "is not known")
        if _same(has, wanted):
            return _part("seniority", _LEVEL, _LEVEL, f"is {has}")
        between = _between(has, wanted)
        points = {0: _LEVEL, 1: _LEVEL // 2}.get(between, 0) if between is not None else 0
        return _part("seniority", points, _LEVEL, f"is {has}, not {wanted}")

    def _recency(self, behavior: Behavior) -> Part:
        if behavior.last is None:
            return _part("recency", 0, _RECENT, "was never heard of")
        days = max(0, (self._today - behavior.last).days)
        points = _RECENT * max(0, _FORGOTTEN - days) / _FORGOTTEN
        return _part("recency", points, _RECENT, f"was last heard of {_days_ago(days)}")


def _near(profile: Profile, role: Role) -> tuple[int, str]:
    """Points for living where the role is, and the words for it."""
    lives = ", ".join(place for place in (profile.city, profile.country) if place)
    if not lives:
        return 0, "where they live is not known"
    in_country = role.country is not None and profile.country == role.country
    if _same(profile.city, role.city) and (in_country or None in (role.country, profile.country)):
        return _PLACE, f"lives in {lives}"
    if not in_country:
        return 0, f"lives in {lives}"
    return (_PLACE, f"lives in {lives}") if role.city is None else (_COUNTRY, f"lives in {lives}, not in {role.city}")


def _skill_points(wanted: Sequence[str], found: Mapping[int, Found], most: int) -> float:
    if not wanted:
        return most
    sure = sum(min(each.likeness, Likeness.SYNONYM) for each in found.values())
    return round(most * sure / (100 * len(wanted)), 1)


def _skills(name: str, wanted: Sequence[str], found: Mapping[int, Found], most: int) -> Part:
    points = _skill_points(wanted, found, most)
    if not wanted:
        return _part(name, points, most, "the role names none")
    has = [_said(word, found[place]) for place, word in enumerate(wanted) if place in found]
    lacks = [word for place, word in enumerate(wanted) if place not in found]
    said = [f"has {', '.join(has)}" if has else "", f"lacks {', '.join(lacks)}" if lacks else ""]
    return _part(name, points, most, "; ".join(word for word in said if word))


def _said(word: str, found: Found) -> str:
    match found.likeness:
        case Likeness.SAME:
            return word
        case Likeness.SYNONYM:
            return f"{word} (as {found.written})"
        case _:
            return f"{word} (read from “{found.written}”)"


def _engagement(behavior: Behavior) -> Part:
    replied = _REPLY if behavior.replies else 0
    clicked = min(behavior.clicks, _MOST_CLICKS) * _CLICK
    came = _EVENT if behavior.events else 0
    scored = _SCORE * min(max(behavior.score, 0), _FULL_SCORE) / _FULL_SCORE
    said = [
        f"replied {_times(behavior.replies)}" if behavior.replies else "",
        f"clicked {_times(behavior.clicks)}" if behavior.clicks else "",
        f"came to {behavior.events} {'event' if behavior.events == 1 else 'events'}" if behavior.events else "",
        f"has a score of {behavior.score}" if behavior.score > 0 else "",
    ]
    why = ", ".join(word for word in said if word) or "has not engaged"
    return _part("engagement", replied + clicked + came + scored, _ENGAGED, why)


def _part(name: str, points: float, most: int, why: str) -> Part:
    return Part(name=name, points=round(points, 1), most=most, why=why)


def total(*points: float) -> float:
    """Added up in tenths, so that the sum is what a reader gets who adds up the parts."""
    return sum(round(each * 10) for each in points) / 10


def _same(has: str | None, wanted: str | None) -> bool:
    return has is not None and wanted is not None and has.strip().casefold() == wanted.strip().casefold()


def _between(has: str, wanted: str) -> int | None:
    """How many levels lie between two words; None when one of them is on no ladder of ours."""
    here, there = (_LEVELS.get(" ".join(word.casefold().replace("-", " ").split())) for word in (has, wanted))
    return None if here is None or there is None else abs(here - there)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _days_ago(days: int) -> str:
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
