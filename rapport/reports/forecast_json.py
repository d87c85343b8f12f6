"""A forecast for programs: the shape is documented in docs/language/simulate.md, and only ever grows."""

from collections.abc import Sequence
from typing import Any

from rapport.engine.forecast import Forecast
from rapport.reports.calendar_json import FORMAT, Heading


def forecast_json(forecast: Forecast, headings: Sequence[Heading]) -> dict[str, Any]:
    """Plain JSON; every day from the first to the last one with a mail is there, those without a mail too."""
    question = forecast.question
    start, habits = question.start, question.habits
    busiest = forecast.busiest
    return {
        "format": FORMAT,
        "kind": "forecast",
        "sequences": [heading.to_json() for heading in headings],
        "starts_at": start.instant.astimezone(start.zone).isoformat(),
        "zone": start.zone.key,
        "habits": {"clicks": habits.clicks, "replies": habits.replies, "seed": habits.seed},
        "people": {
            "asked": forecast.people,
            "entered": forecast.entered.total(),
            "refused": dict(forecast.refused.most_common()),
        },
        "mails": forecast.total,
        "busiest": {"date": busiest[0].isoformat(), "mails": busiest[1]} if busiest else None,
        "days": [
            {
                "day": (day - start.day).days,
                "date": day.isoformat(),
                "mails": mails,
                "by_mail": dict(sorted(forecast.mails.get(day, {}).items())),
                "entered": forecast.entered[day],
            }
            for day, mails in forecast.days
        ],
        "held": dict(forecast.held.most_common()),
        "skipped": dict(forecast.skipped.most_common()),
        "ends": dict(forecast.ends.most_common()),
        "waiting": forecast.waiting,
    }
