"""The one layout, rule by rule."""

import json
import shutil
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rapport.dsl.build import VERBS
from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.order import ROLES, Kind, Role, kind_of
from rapport.dsl.schema import schema_text
from rapport.dsl.workspace import load_workspace

_ROOT = Path(__file__).parents[3]
_SHIPPED = sorted((_ROOT / "sequences").glob("*.yaml")) + sorted((_ROOT / "docs" / "story").glob("*.yaml"))


def _laid(text: str, kind: Kind = "sequence") -> str:
    laid = lay_out(dedent(text).encode(), "file.yaml", kind)
    assert laid.text is not None, laid.problems
    return laid.text


@pytest.mark.parametrize("path", _SHIPPED, ids=lambda path: path.name)
def test_what_we_ship_is_in_the_layout(path: Path) -> None:
    """Who starts from our files and formats them changes nothing."""
    laid = lay_out(path.read_bytes(), path.name, kind_of(path))

    assert path.read_text(encoding="utf-8") == laid.text


def test_keys_stand_in_the_order_of_the_language() -> None:
    """Every file begins the same way, and every step with its id and its verb."""
    text = _laid("""
        steps:
          - if_fails: go_on
            webhook: {data: {candidate: candidate.id}, to: desk}
            id: tell
        purpose: nurture
        owner: anna-koch
        goal: {applied: any}
        title: Hello
        schema: 1
    """)

    assert text == dedent("""\
        schema: 1
        title: Hello
        owner: anna-koch
        purpose: nurture

        goal: {applied: any}

        steps:
          - id: tell
            webhook: {to: desk, data: {candidate: candidate.id}}
            if_fails: go_on
        """)


def test_a_key_that_nobody_knows_stays_behind_its_neighbor() -> None:
    """A misspelled key is not carried away from where the check will point."""
    text = _laid("steps: [{sendd: welcome, id: hello, from: talent-team, form: talent-team}]")

    assert text == "steps:\n  - {sendd: welcome, id: hello, from: talent-team, form: talent-team}\n"


def test_comments_move_with_what_they_are_about() -> None:
    """The remark above a key, and the one behind it, go where the key goes; the file's head stays its head."""
    text = _laid("""
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
    text = _laid("""
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
    text = _laid(f'steps: [{{id: call, task: {{for: anna-koch, title: "{title.strip()}", due: 3 days}}}}]')

    assert text == dedent(f"""\
        steps:
          - id: call
            task:
              for: anna-koch
              title: {title.strip()}
              due: 3 days
        """)


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
    assert f"title: {laid}".rstrip() + "\n" == _laid(f"title: {written}\n")


def test_a_text_of_several_lines_stays_one() -> None:
    """A block of text is indented like everything else, and its comment stays."""
    text = _laid("""
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


def test_empty_lines_part_steps_and_groups_of_keys() -> None:
    """Around a step of several lines there is one; between short steps it is up to the author; never two."""
    text = _laid("""


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


def test_windows_line_breaks_tabs_behind_values_and_marks_go() -> None:
    """A file from another machine becomes like every other."""
    laid = lay_out(b"\xef\xbb\xbf---\r\nschema: 1\t\r\ntitle:   Hello  \r\n...\r\n", "file.yaml", "sequence")

    assert laid.text == "schema: 1\ntitle: Hello\n"


def test_a_file_that_cannot_be_read_is_left_alone() -> None:
    """What we do not understand we do not touch."""
    laid = lay_out(b"schema: 1\nschema: 2\n", "file.yaml", "sequence")

    assert (None, ["duplicate-key"]) == (laid.text, [problem.rule for problem in laid.problems])


@pytest.mark.parametrize("text", ["", "# only a remark\n", "[]\n", "7\n", "- a\n- b: c\n"])
def test_files_of_another_form_have_a_layout_too(text: str) -> None:
    """Nothing is too empty or too strange to be formatted."""
    assert text == _laid(text)


@pytest.mark.parametrize("kind", ["sequence", "test", "project", "change"])
def test_every_key_of_a_file_has_its_place(kind: Kind) -> None:
    """A key that the language gets must get its place in the layout."""
    keys = list(json.loads(schema_text(kind))["properties"])

    assert set(keys) == set(ROLES[kind].order)


def test_every_key_of_a_step_has_its_place() -> None:
    """The same for the keys of a step."""
    step: Any = json.loads(schema_text("sequence"))["$defs"]["step"]
    role: Role = ROLES["sequence"].of("steps").of(None)

    assert set(step["properties"]) == set(role.order)
    assert set(VERBS) <= set(role.order)


def test_what_the_check_was_told_stays_true() -> None:
    """A `lint: allow` is about one line, so it goes where that line goes, and the line is not opened."""
    allowed = "# lint: allow long-silence — they asked for it"
    title = "a rather long title of a to-do that somebody shall do soon " * 2
    text = _laid(f"""
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


@pytest.mark.parametrize("folder", ["good", "bad"])
def test_the_check_says_the_same_before_and_after(folder: str, tmp_path: Path) -> None:
    """Formatting neither mends nor breaks anything, and keeps what was allowed on a line."""
    before = _ROOT / "tests" / "sequences" / folder
    after = Path(shutil.copytree(before, tmp_path / folder))
    for path in after.glob("*.yaml"):
        laid = lay_out(path.read_bytes(), path.name, kind_of(path))
        path.write_text(laid.text or path.read_text(encoding="utf-8"), encoding="utf-8")

    assert _said(before) == _said(after)


def _said(folder: Path) -> Counter[tuple[str, str]]:
    return Counter((Path(problem.file).name, problem.rule) for problem in load_workspace(folder).problems)
