"""How a value is written: in quotes where it needs them, and a text of several lines as one."""

from textwrap import dedent

import pytest

from tests.unit.dsl.laid_out import laid_out


@pytest.mark.parametrize(
    ("written", "laid"),
    [
        ('"welcome"', "welcome"),
        ("'it''s here'", "it's here"),
        ('"09:30"', '"09:30"'),
        ("9:30", '"9:30"'),
        ("NO", "NO"),
        ('"yes"', "yes"),
        ('"null"', '"null"'),
        ("True", "true"),
        ('"17"', '"17"'),
        ("0123", '"0123"'),
        ("1.50", "1.50"),
        ('"-1 day"', "-1 day"),
        ('"- x"', '"- x"'),
        ('"{{ candidate.first_name }}"', '"{{ candidate.first_name }}"'),
        ("Call {{ candidate.first_name }}", '"Call {{ candidate.first_name }}"'),
        ('"goal: applied"', '"goal: applied"'),
        ("'say \"hi\": \\o/'", "'say \"hi\": \\o/'"),
        ('"a, b"', "a, b"),
        ('"two\\nlines"', '"two\\nlines"'),
        ('"\\u00a0"', '"\\u00A0"'),
        ("", ""),
    ],
)
def test_quotes_are_there_only_where_they_are_needed(written: str, laid: str) -> None:
    """A text in quotes is one that would be something else without them, or a time of day."""
    assert f"title: {laid}".rstrip() + "\n" == laid_out(f"title: {written}\n")


def test_a_text_of_several_lines_stays_one() -> None:
    """A block of text is indented like everything else, and its comment stays."""
    text = laid_out("""
        title: >-   # for reports
              one
              two

              three
        steps:
            - id: end
              stop: |
                  all
                  said
    """)

    assert text == dedent("""\
        title: |-   # for reports
          one two
          three

        steps:
          - id: end
            stop: |
              all
              said
        """)
