"""Greenhouse names time zones as Ruby on Rails does."""

from zoneinfo import ZoneInfo

import pytest

from rapport.ats.rails_zones import RAILS_NAMES, iana_name


def test_every_name_of_rails_is_a_zone() -> None:
    """All of the names lead to a zone with rules, so that mails go at the right hour."""
    zones = [ZoneInfo(iana_name(name) or "") for name in RAILS_NAMES]

    assert len(zones) > 150


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Kyiv", "Europe/Kiev"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("Middle Earth", None),
        ("", None),
        (None, None),
    ],
)
def test_unknown_names_are_none(name: str | None, expected: str | None) -> None:
    """A name that nobody knows is no zone: the person has the organization's then."""
    assert expected == iana_name(name)
