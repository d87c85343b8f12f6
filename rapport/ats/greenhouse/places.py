"""Where Greenhouse's jobs are: a job itself says nothing of it, its public posts and its offices do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rapport.ats.greenhouse.lists import by_ids
from rapport.ats.greenhouse.words import job_of
from rapport.ats.line import Line
from rapport.ats.told import name, text, two_letters
from rapport.crm.hiring import AtsJob
from rapport.errors import BadInput, ConfigurationError, NotFound

Row = Mapping[str, Any]


async def placed_jobs(line: Line, rows: Sequence[Row]) -> list[AtsJob]:
    """The jobs of these rows, each with its city, country and address where a post or an office says so."""
    posts = await _seen(line, "job_posts", map(name, rows), filtered="job_ids")
    # A closed job has no live post, and stays where it was.
    ordered = sorted(posts, key=lambda post: (post.get("live") is False, _age(post)))
    places = await _seen(line, "job_post_searchable_locations", map(name, posts), filtered="job_post_ids")
    offices = await _seen(line, "offices", [each for row in rows for each in _offices(row)], filtered="ids")
    return [_placed(row, ordered, sorted(places, key=_age), offices) for row in rows]


def _placed(row: Row, posts: Sequence[Row], places: Sequence[Row], offices: Sequence[Row]) -> AtsJob:
    own = [post for post in posts if name(post, "job_id") == name(row)]
    of_own = (each for post in own for each in places if name(each, "job_post_id") == name(post))
    place = next((each for each in of_own if text(each, "city")), {})
    url = next((found for post in own if (found := text(post, "public_url"))), None)
    return replace(
        job_of(row),
        city=text(place, "city") or _city(offices, _offices(row)),
        country=two_letters(text(place, "country_short_name")),
        url=url,
    )


async def _seen(line: Line, resource: str, ids: Iterable[str | None], *, filtered: str) -> list[Row]:
    """Nothing where our login may not look: a job without a place is better than none."""
    try:
        return await by_ids(line, resource, ids, filtered=filtered)
    except (ConfigurationError, NotFound, BadInput):
        return []


def _city(offices: Sequence[Row], numbers: Sequence[str]) -> str | None:
    """What is before the first comma of an office's location; what follows may be a state as well as a country."""
    for office in offices:
        if name(office) in numbers:
            location = office.get("location")
            where = text(location, "name") if isinstance(location, dict) else text(office, "location")
            if where:
                return where.partition(",")[0].strip() or None
    return None


def _offices(row: Row) -> list[str]:
    listed = row.get("office_ids")
    found = [name({"id": each}) for each in listed] if isinstance(listed, list) else []
    return [each for each in found if each]


def _age(row: Row) -> tuple[int, str]:
    """The oldest first: ids grow."""
    number = name(row) or ""
    return len(number), number
