"""The one layout: which lines there are, and which comment goes with which."""

from textwrap import dedent

from tests.unit.dsl.laid_out import laid_out


def test_comments_move_with_what_they_are_about() -> None:
    """The remark above a key, and the one behind it, go where the key goes; the file's head stays its head."""
    text = laid_out("""
        # yaml-language-server: $schema=../schemas/sequence.schema.json
        title: Hello   # for reports
        # of the language
        schema: 1
        steps:
          # the first mail
          - send: welcome   # mails/welcome.md
            # never change it
            id: hello
            # about nothing yet
          # the end
    """)

    assert text == dedent("""\
        # yaml-language-server: $schema=../schemas/sequence.schema.json
        # of the language
        schema: 1
        title: Hello   # for reports

        steps:
          # the first mail
          # never change it
          - id: hello
            send: welcome   # mails/welcome.md
            # about nothing yet
          # the end
        """)


def test_a_short_step_is_one_line_and_others_stay_as_they_were_written() -> None:
    """An id and a verb fit a line; a longer step is in brackets only if somebody put it there and it fits."""
    text = laid_out("""
        steps:
        - id: hello
          send: welcome
        - id: week
          wait: 7 days
        - {id: nudge, send: nudge, from: talent-team}
        - id: call
          task:
            due: 3 days
            for: anna-koch
            title: Call
        - id: more
          send: more
          from: talent-team
    """)

    assert text == dedent("""\
        steps:
          - {id: hello, send: welcome}
          - {id: week, wait: 7 days}
          - {id: nudge, send: nudge, from: talent-team}
          - {id: call, task: {for: anna-koch, title: Call, due: 3 days}}

          - id: more
            send: more
            from: talent-team
        """)


def test_a_line_of_more_than_120_characters_opens() -> None:
    """One level at a time, so that as much as possible stays on a line."""
    title = "a rather long title of a to-do that somebody shall do soon " * 2
    text = laid_out(f'steps: [{{id: call, task: {{for: anna-koch, title: "{title.strip()}", due: 3 days}}}}]')

    assert text == dedent(f"""\
        steps:
          - id: call
            task:
              for: anna-koch
              title: {title.strip()}
              due: 3 days
        """)


def test_empty_lines_part_steps_and_groups_of_keys() -> None:
    """Around a step of several lines there is one; between short steps it is up to the author; never two."""
    text = laid_out("""


        schema: 1


        title: Hello
        steps:

          - {id: a, send: a}


          - {id: b, send: b}
          - {id: c, send: c}
          - id: d
            wait_for: {clicked: c}

            within: 7 days
            then:

              - {id: e, send: e}

              - {id: f, send: f}
          - {id: g, send: g}
    """)

    assert text == dedent("""\
        schema: 1
        title: Hello

        steps:
          - {id: a, send: a}

          - {id: b, send: b}
          - {id: c, send: c}

          - id: d
            wait_for: {clicked: c}
            within: 7 days
            then:
              - {id: e, send: e}

              - {id: f, send: f}

          - {id: g, send: g}
        """)


def test_what_the_check_was_told_stays_true() -> None:
    """A `lint: allow` is about one line, so it goes where that line goes, and the line is not opened."""
    allowed = "# lint: allow long-silence — they asked for it"
    title = "a rather long title of a to-do that somebody shall do soon " * 2
    text = laid_out(f"""
        steps:
          {allowed}
          - wait: 200 days
            id: long
            renamed: longer
          - {{id: call, task: {{for: anna-koch, title: {title.strip()}, due: 3 days}}}}   {allowed}
    """)

    assert text == dedent(f"""\
        steps:
          - id: long
            renamed: longer
            {allowed}
            wait: 200 days

          - {{id: call, task: {{for: anna-koch, title: {title.strip()}, due: 3 days}}}}   {allowed}
        """)
