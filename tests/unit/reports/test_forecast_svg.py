"""A forecast as a picture and as a page."""

from collections import Counter
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from rapport.engine.forecast import Forecast, Question
from rapport.engine.script import Start
from rapport.reports.calendar_json import Heading
from rapport.reports.forecast_page import forecast_page
from rapport.reports.forecast_svg import forecast_svg
from tests.builders import MONDAY, a_project
from tests.unit.reports.well_formed import read_page

_SVG = "{http://www.w3.org/2000/svg}"
_FIRST = date(2026, 3, 2)


def a_forecast(*mails: int) -> Forecast:
    """So many mails on the days from Monday on."""
    question = Question(sequences=["flow"], targets={}, project=a_project(), start=Start.parse(MONDAY))
    days = {_FIRST + timedelta(days=day): Counter(welcome=number) for day, number in enumerate(mails) if number}
    return Forecast(question=question, mails=days, entered=Counter({_FIRST: 3}))


def test_each_day_with_mails_is_a_bar_that_names_itself() -> None:
    """Whoever points at a bar reads the day and the number."""
    drawing = ET.fromstring(forecast_svg(a_forecast(40, 0, 20), "Flow"))  # noqa: S314  # our own text

    bars = [(group.findtext(f"{_SVG}title"), group.find(f"{_SVG}rect")) for group in drawing.iter(f"{_SVG}g")]
    assert ["Mon 02 Mar 2026: 40", "Wed 04 Mar 2026: 20"] == [title for title, _ in bars]
    heights = [float(bar.attrib["height"]) for _, bar in bars if bar is not None]
    assert heights[0] == pytest.approx(2 * heights[1])


@pytest.mark.parametrize("mails", [(), (1,), tuple(range(400))])
def test_any_number_of_days_is_a_picture(mails: tuple[int, ...]) -> None:
    """Nobody, one mail, and more than a year."""
    drawing = ET.fromstring(forecast_svg(a_forecast(*mails), 'A <b> & "c"\x00'))  # noqa: S314  # our own text

    assert 'A <b> & "c" : mails per day' == drawing.findtext(f"{_SVG}title")


def test_the_page_lists_the_days_with_mails() -> None:
    """The table says the same as the bars."""
    heading = Heading(name="flow", title="<b>Flow", version="0" * 12)

    page = read_page(forecast_page(a_forecast(40, 0, 20), [heading], notes=["<i>"]))

    words = " ".join(" ".join(page.words).split())
    assert "Mon 02 Mar 2026 40 welcome 40 Wed 04 Mar 2026 20 welcome 20" in words
    assert "3 people, 60 mails; busiest day: Mon 02 Mar 2026 with 40" in words
