"""How a problem looks in a terminal."""

import json

from rapport.dsl.problem import Problem, Source, Span, as_json, as_text


def a_problem(line: str, column: int, width: int) -> Problem:
    """A problem on the only line of a file."""
    return Source.of("a.yaml", line).problem(Span(1, column, width), "bad-value", "this is wrong", "put it right")


def test_the_caret_stands_under_the_whole_token() -> None:
    """The eye finds the mistake without counting columns."""
    shown = as_text([a_problem("wait: 7d", 7, 2)])

    assert shown == (
        "a.yaml:1:7: this is wrong [bad-value]\n"
        "  |\n"
        "1 | wait: 7d\n"
        "  |       ^~\n"
        "  = help: put it right\n"
    )  # fmt: skip


def test_wide_characters_take_two_cells() -> None:
    """The caret is right in Japanese lines too."""
    row = as_text([a_problem("title: 東京 x", 11, 1)]).splitlines()[3]

    assert "  |             ^" == row


def test_a_long_line_is_shown_as_a_window() -> None:
    """A line of 200 kB does not flood the screen, and its caret is still right."""
    line = "x" * 5_000 + "wrong" + "x" * 200_000
    rows = as_text([a_problem(line, 5_001, 5)]).splitlines()

    assert max(map(len, rows)) < 170
    assert "wrong" == rows[2][rows[3].index("^") :][:5]


def test_a_file_cannot_steer_the_terminal() -> None:
    """Escape sequences in a file are shown as dots."""
    assert "\x1b" not in as_text([a_problem("title: \x1b[2J", 8, 1)])


def test_problems_come_in_the_order_of_the_file_and_once() -> None:
    """All at once, from top to bottom."""
    source = Source.of("a.yaml", "a\nb\nc")
    problems = [source.problem(Span(line, 1), "bad-value", "wrong", "put it right") for line in (3, 1, 2, 1)]

    assert [1, 2, 3] == [row["line"] for row in json.loads(as_json(problems))]
