"""A forecast as a page: the plot, the days, and what came of the walks."""

from collections.abc import Sequence

from markupsafe import Markup

from rapport.engine.forecast import Forecast
from rapport.reports.calendar_json import Heading
from rapport.reports.forecast_svg import forecast_svg, summary
from rapport.reports.page import page


def forecast_page(forecast: Forecast, headings: Sequence[Heading], *, notes: Sequence[str] = ()) -> str:
    """Mails per day as HTML; days without a mail are in the plot, not in the table."""
    title = " + ".join(heading.title for heading in headings)
    return page(
        "forecast",
        title=title,
        headings=headings,
        notes=notes,
        zone=forecast.question.start.zone.key,
        summary=summary(forecast),
        plot=Markup(forecast_svg(forecast, title)),  # noqa: S704  # our own drawing escapes what it letters
        days=[(day, mails, forecast.mails[day].most_common()) for day, mails in forecast.days if mails],
        reasons=[
            ("Not enrolled", forecast.refused.most_common()),
            ("Held back, times", forecast.held.most_common()),
            ("Not sent", forecast.skipped.most_common()),
            (
                "Walks ended by",
                [*forecast.ends.most_common(), *([("still waiting", forecast.waiting)] * bool(forecast.waiting))],
            ),
        ],
    )
