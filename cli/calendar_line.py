"""One line of a calendar, as `simulate` and `test` print it."""

from rapport.engine.scenario import Calendar
from rapport.engine.virtual import Line


def calendar_line(calendar: Calendar, line: Line) -> str:
    """`day 7    Mon 09 Mar 2026 10:00  nudge-short        held: office-hours, until Tue 10 Mar 09:00`."""
    start = calendar.scenario.start
    local = line.at.astimezone(start.zone)
    until = f", until {line.until.astimezone(start.zone):%a %d %b %H:%M}" if line.until else ""
    step = calendar.label(line).ljust(calendar.label_width)
    return f"day {start.day_number(line.at):<4} {local:%a %d %b %Y %H:%M}  {step} {line.text}{until}"
