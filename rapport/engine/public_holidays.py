"""Public holidays by country; the source is the library `holidays` (national days, regions left aside)."""

from datetime import date
from functools import lru_cache

# ISO 3166-1 alpha-2; anything else would reach other names of the library.
_CODE_LENGTH = 2


def is_public_holiday(day: date, country: str) -> bool:
    """Whether the whole country has this day off; a country that nobody knows has no holidays."""
    return day in _holidays_of(country.strip().upper(), day.year)


# 250 countries over the years that walks reach; country is text from outside, so the cache is bounded.
@lru_cache(maxsize=2048)
def _holidays_of(country: str, year: int) -> frozenset[date]:
    if len(country) != _CODE_LENGTH or not country.isalpha():
        return frozenset()
    import holidays  # noqa: PLC0415  # costs 0.2 s, which `check` and most tests need not pay

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
