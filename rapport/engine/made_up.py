"""Made-up people for a forecast: where they live is drawn from a stated spread, and the same draw comes out twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.dsl.project import TRACKING, Project
from rapport.engine.habits import draw
from rapport.engine.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where some of the people live; `share` is their part of everybody, from 0 to 1."""

    share: float
    zone: str
    country: str
    locale: str


# Half of the people live where the company does. The others are spread over these, so that office hours, public
# holidays and languages differ: nobody's real audience, and the same in every forecast.
ELSEWHERE = (
    Home(share=0.10, zone="Europe/London", country="GB", locale="en"),
    Home(share=0.10, zone="America/New_York", country="US", locale="en"),
    Home(share=0.08, zone="Asia/Kolkata", country="IN", locale="en"),
    Home(share=0.07, zone="Europe/Paris", country="FR", locale="fr"),
    Home(share=0.05, zone="America/Los_Angeles", country="US", locale="en"),
    Home(share=0.05, zone="America/Sao_Paulo", country="BR", locale="pt"),
    Home(share=0.05, zone="Asia/Singapore", country="SG", locale="en"),
)


def spread(project: Project) -> tuple[Home, ...]:
    """Where made-up people live: half of them at home, the others elsewhere."""
    company = project.organization
    rest = 1 - sum(home.share for home in ELSEWHERE)
    return (Home(share=rest, zone=company.zone, country=company.country, locale=company.language), *ELSEWHERE)


def made_up_people(
    count: int, project: Project, at: datetime, *, seed: int, traits: Mapping[str, Any]
) -> Iterator[Person]:
    """So many people; `traits` are fields that all of them have, `consent` among them.

    Without it they have agreed to every purpose but the measuring of opens, for as long as the project says.
    """
    homes = spread(project)
    own = {key: value for key, value in traits.items() if key != "consent"}
    given = traits.get("consent", [purpose for purpose in project.purposes if purpose != TRACKING])
    consents = {purpose: _until(purpose, project, at) for purpose in ([given] if isinstance(given, str) else given)}
    for number in range(count):
        home = _home(homes, draw(seed, "home", str(number)))
        name = f"c_made_up_{number + 1}"
        known = {
            "id": name,
            "first_name": f"Person {number + 1}",
            "email": f"{name}@people.test",
            "timezone": home.zone,
            "country": home.country,
            "locale": home.locale,
        }
        yield Person(candidate={**known, **own, "id": name}, consents=dict(consents))


def _home(homes: tuple[Home, ...], number: float) -> Home:
    for home in homes:
        number -= home.share
        if number < 0:
            return home
    return homes[0]


def _until(name: str, project: Project, at: datetime) -> datetime | None:
    purpose = project.purposes.get(name)
    return at + purpose.expires_after.roughly() if purpose and purpose.expires_after else None
