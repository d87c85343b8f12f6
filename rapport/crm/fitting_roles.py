"""Which open jobs fit a person, the best first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# A shared skill says more than the place, and the place more than the level.
_SKILL, _CITY, _COUNTRY, _SENIORITY = 4, 3, 1, 2
# More than a reader looks at.
MOST_ROLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJob:
    """A job as a mail may show it; `skills` are in lower case."""

    title: str
    skills: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None
    seniority: str | None = None
    url: str | None = None
    opened_at: datetime | None = None

    def words(self) -> Mapping[str, Any]:
        """The fields of a role in a mail."""
        return {
            "title": self.title,
            "city": self.city,
            "country": self.country,
            "seniority": self.seniority,
            "url": self.url,
            "skills": list(self.skills),
        }


def fitting(candidate: Mapping[str, Any], jobs: Sequence[OpenJob]) -> Sequence[OpenJob]:
    """At most five jobs that fit, the best first, of equals the one that was opened last.

    A job fits by a shared skill; where the job names none, or none of the person's is known, by the city or the
    country. A job in another country, and one for which none of the person's skills counts, do not.
    """
    ranked = [(_points(candidate, job), job) for job in jobs]
    best = sorted([pair for pair in ranked if pair[0] > 0], key=lambda pair: (-pair[0], -_opened(pair[1])))
    return [job for _, job in best[:MOST_ROLES]]


def _points(candidate: Mapping[str, Any], job: OpenJob) -> int:
    skills = _folded(candidate.get("skills") or ())
    shared = len(skills & _folded(job.skills))
    country = _same(candidate.get("country"), job.country)
    if (skills and job.skills and not shared) or country is False:
        return 0
    place = _CITY * bool(_same(candidate.get("city"), job.city)) + _COUNTRY * bool(country)
    fits = shared * _SKILL + place
    return fits + _SENIORITY * bool(_same(candidate.get("seniority"), job.seniority)) if fits else 0


def _folded(words: Collection[str]) -> set[str]:
    return {word.strip().casefold() for word in words}


def _same(ours: str | None, theirs: str | None) -> bool | None:
    """None when one of them is not known."""
    return ours.strip().casefold() == theirs.strip().casefold() if ours and theirs else None


def _opened(job: OpenJob) -> float:
    return job.opened_at.timestamp() if job.opened_at else 0.0
