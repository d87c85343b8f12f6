"""Waiting: lengths, moments and events; what is early, late, moved or missing."""

from tests.builders import a_project, a_walk, mails

FAIR = {"id": "fair-7", "type": "job-fair", "starts_at": "2026-03-12 10:00", "ends_at": "2026-03-12 17:00"}


def test_days_keep_the_local_time_over_the_change_of_clocks() -> None:
    """Four weeks later means the same hour on the wall, also when summer time begins between."""
    calendar = a_walk("[{id: month, wait: 4 weeks}, {id: hello, send: hello}]")

    assert ["day 28 10:00 hello"] == mails(calendar)


def test_hours_are_elapsed_time() -> None:
    """672 hours over the change of clocks end an hour later on the wall."""
    calendar = a_walk("[{id: month, wait: 672 hours}, {id: hello, send: hello}]")

    assert ["day 28 11:00 hello"] == mails(calendar)


def test_business_days_skip_weekends_and_the_day_they_start_on() -> None:
    """Five business days after a Monday is the next Monday."""
    calendar = a_walk("[{id: wait, wait: 5 business days}, {id: hello, send: hello}]")

    assert ["day 7 10:00 hello"] == mails(calendar)


def test_an_event_that_happened_before_the_wait_counts() -> None:
    """A click on day 1 answers a question that is asked on day 5."""
    calendar = a_walk(
        """
        - {id: hello, send: hello}
        - {id: five, wait: 5 days}
        - id: read
          wait_for: {clicked: hello}
          within: 7 days
          then: [{id: thanks, send: thanks}]
          else: [{id: nudge, send: nudge}]
        """,
        when=[{"day 1": {"clicked": "hello"}}],
    )

    assert ["day 0 10:00 hello", "day 5 10:00 thanks"] == mails(calendar)


def test_an_event_at_the_very_time_limit_counts() -> None:
    """At one instant, what happened comes before what was waited for."""
    steps = """
        - {id: hello, send: hello}
        - id: read
          wait_for: {clicked: hello}
          within: 7 days
          then: [{id: thanks, send: thanks}]
          else: [{id: nudge, send: nudge}]
        """

    on_time = a_walk(steps, when=[{"day 7 10:00": {"clicked": "hello"}}])
    too_late = a_walk(steps, when=[{"day 7 10:01": {"clicked": "hello"}}])

    assert "day 7 10:00 thanks" in mails(on_time)
    assert "day 7 10:00 nudge" in mails(too_late)


def test_only_the_named_link_counts() -> None:
    """A click on another link of the mail is another click."""
    steps = """
        - {id: hello, send: hello}
        - id: read
          wait_for: {clicked: {step: hello, link: jobs}}
          within: 7 days
          then: [{id: thanks, send: thanks}]
        """

    other = a_walk(steps, when=[{"day 1": {"clicked": {"step": "hello", "link": "blog"}}}])
    named = a_walk(steps, when=[{"day 1": {"clicked": {"step": "hello", "link": "jobs"}}}])

    assert ["day 0 10:00 hello"] == mails(other)
    assert ["day 0 10:00 hello", "day 1 10:00 thanks"] == mails(named)


def test_a_machine_moves_nothing() -> None:
    """A scanner that follows every link has not read the mail."""
    calendar = a_walk(
        """
        - {id: hello, send: hello}
        - id: read
          wait_for: {clicked: hello}
          within: 7 days
          else: [{id: nudge, send: nudge}]
        """,
        when=[{"day 1": {"machine_clicked": "hello"}}],
    )

    assert ["day 0 10:00 hello", "day 7 10:00 nudge"] == mails(calendar)


def test_an_open_counts_only_with_consent_to_be_measured() -> None:
    """Without tracking consent there is no open, whatever a mail program says."""
    steps = """
        - {id: hello, send: hello}
        - id: read
          wait_for: {opened: hello}
          within: 7 days
          then: [{id: thanks, send: thanks}]
        """
    when = [{"day 1": {"opened": "hello"}}]

    without = a_walk(steps, when=when)
    agreed = a_walk(steps, when=when, candidate={"consent": ["nurture", "tracking"]})

    assert ["day 0 10:00 hello"] == mails(without)
    assert ["day 0 10:00 hello", "day 1 10:00 thanks"] == mails(agreed)


def test_a_moment_that_has_passed_does_what_the_file_says() -> None:
    """`skip` jumps over its branch, `go_on` goes through it, `stop` ends the walk."""
    steps = """
        - id: before
          wait_until: {{day: event.starts_at, offset: -1 day, at: "09:00", if_late: {if_late}}}
          then: [{{id: reminder, send: reminder}}]
        - {{id: hello, send: hello}}
        """
    starts = "2026-03-11 10:00 Europe/Berlin"

    outcomes = {
        if_late: mails(a_walk(steps.format(if_late=if_late), starts=starts, event=FAIR))
        for if_late in ("skip", "go_on", "stop")
    }

    assert outcomes == {
        "skip": ["day 0 10:00 hello"],
        "go_on": ["day 0 10:00 reminder", "day 0 10:00 hello"],
        "stop": [],
    }


def test_people_who_wait_follow_an_event_that_moves() -> None:
    """The reminder goes the day before the new date."""
    steps = """
        - id: before
          wait_until: {day: event.starts_at, offset: -1 day, at: "09:00", if_late: skip}
          then: [{id: reminder, send: reminder}]
        """

    moved = {"event_changed": {"starts_at": "2026-03-20 10:00"}}
    later = a_walk(steps, event=FAIR, when=[{"day 5": moved}])
    earlier = a_walk(steps, event=FAIR, when=[{"day 5": {"event_changed": {"starts_at": "2026-03-07 10:00"}}}])

    assert ["day 17 09:00 reminder"] == mails(later)
    assert [] == mails(earlier)


def test_event_dates_are_in_the_zone_of_the_event() -> None:
    """A fair at 08:00 in Kolkata is on the evening before in New York."""
    calendar = a_walk(
        """
        - id: before
          wait_until: {day: event.starts_at, at: "18:00", if_late: skip}
          then: [{id: reminder, send: reminder}]
        """,
        starts="2026-03-02 10:00 America/New_York",
        event={"id": "f", "starts_at": "2026-03-12 08:00", "zone": "Asia/Kolkata"},
    )

    assert ["day 9 18:00 reminder"] == mails(calendar)


def test_a_limit_that_hangs_on_an_unknown_date_gives_no_time() -> None:
    """A walk without its event's dates goes on instead of waiting for ever."""
    calendar = a_walk(
        """
        - id: came
          wait_for: {attended: this_event}
          until: {day: event.ends_at}
          else: [{id: sorry, send: sorry}]
        """,
        event={"id": "fair-7"},
    )

    assert ["day 0 10:00 sorry"] == mails(calendar)


def test_a_wait_is_not_shortened_by_being_out_of_office() -> None:
    """Out of office holds mails, not waits."""
    calendar = a_walk(
        "[{id: hello, send: hello}, {id: three, wait: 3 days}, {id: mark, tag: {add: x}}, {id: again, send: again}]",
        when=[{"day 1": {"out_of_office": {"until": "day 10"}}}],
    )

    [marked] = calendar.actions
    assert calendar.scenario.start.day_number(marked.at) == 3
    assert ["day 0 10:00 hello", "day 10 09:00 again"] == mails(calendar)


def test_later_waits_count_from_the_real_send() -> None:
    """A mail that waited for Monday pushes everything after it."""
    calendar = a_walk(
        "[{id: five, wait: 5 days}, {id: one, send: one}, {id: more, wait: 1 day}, {id: two, send: two}]",
        window="office-hours",
    )

    assert ["day 7 09:00 one", "day 8 09:00 two"] == mails(calendar)


def test_the_contact_policy_defers_a_mail_and_the_walk_with_it() -> None:
    """One mail a day means 24 hours, and the next wait starts after the deferred mail."""
    project = a_project("contact_policy: {at_most: [{mails: 1, per: 1 day}], never_between: ['21:00', '07:00']}")
    steps = "[{id: one, send: one}, {id: two, send: two}, {id: day, wait: 1 day}, {id: three, send: three}]"

    held = a_walk(steps, project=project)
    free = a_walk(steps, project=project, policy="off")

    assert ["day 0 10:00 one", "day 1 10:00 two", "day 2 10:00 three"] == mails(held)
    assert ["day 0 10:00 one", "day 0 10:00 two", "day 1 10:00 three"] == mails(free)


def test_no_mail_goes_at_night() -> None:
    """A mail that is due at three waits for seven."""
    calendar = a_walk("[{id: hours, wait: 17 hours}, {id: hello, send: hello}]")

    assert ["day 1 07:00 hello"] == mails(calendar)


def test_a_mail_that_would_come_too_late_is_left_out() -> None:
    """Nobody gets a reminder after the fair has begun."""
    calendar = a_walk(
        """
        - {id: evening, wait_until: {day: 2026-03-11, at: "20:00", if_late: skip}}
        - {id: reminder, send: reminder, not_after: event.starts_at}
        - {id: hello, send: hello}
        """,
        window="office-hours",
        event={"id": "f", "starts_at": "2026-03-12 08:00"},
    )

    assert ["day 10 09:00 hello"] == mails(calendar)
