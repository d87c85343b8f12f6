"""Where people are: the time zone and the country that the rules of time need."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.dsl.project import Project
from rapport.engine.situation import Situation

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A time zone, and the country whose public holidays count."""

    zone: ZoneInfo
    country: str


def home_of_organization(project: Project) -> Place:
    """Where the company is."""
    organization = project.organization
    return Place(zone=zone_named(organization.zone, otherwise=_UTC), country=organization.country)


def home_of_person(situation: Situation, project: Project) -> Place:
    """Where the candidate is; what is not known of them is as for the company."""
    return Place(zone=person_zone(situation, project), country=person_country(situation, project))


def person_zone(situation: Situation, project: Project) -> ZoneInfo:
    """The candidate's time zone; the company's when theirs is unknown or no zone at all."""
    return zone_named(situation.candidate.get("timezone"), otherwise=home_of_organization(project).zone)


def day_of(at: datetime, timezone: object, project: Project) -> date:
    """Which day it is at an instant for somebody in this time zone, which may not be known."""
    return at.astimezone(zone_named(timezone, otherwise=home_of_organization(project).zone)).date()


def person_country(situation: Situation, project: Project) -> str:
    """The candidate's country; the company's when theirs is unknown."""
    country = situation.candidate.get("country")
    return country if isinstance(country, str) and country else project.organization.country


def zone_named(name: Any, *, otherwise: ZoneInfo) -> ZoneInfo:
    """The time zone of an IANA name; `otherwise` when there is none by that name."""
    if not isinstance(name, str):
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, a path, a folder of zones
        return otherwise
