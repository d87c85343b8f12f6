"""Mechanical mends: the bad text, the good text, and nothing else that changes."""

from textwrap import dedent

import pytest

from rapport.dsl.checks import check
from rapport.dsl.layout.mend import Mended, mend
from rapport.dsl.loader import load_text
from rapport.dsl.subject import Subject

_STEPS = """\
schema: 1
title: Mended
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
steps:
"""


def _mended(text: str) -> Mended | None:
    loaded = load_text(text, "file.yaml")
    return mend(text, "file.yaml", check(Subject(name="file", loaded=loaded), "sequence"))


def _steps(text: str) -> str:
    return _STEPS + dedent(text)


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("wait: 7d", "wait: 7 days"),
        ("wait: 7 Days   # a week", "wait: 7 days   # a week"),
        ("wait: 36h", "wait: 36 hours"),
        ('wait: "1 DAY"', "wait: 1 day"),
        ("wait: 5_business_days", "wait: 5 business days"),
        ("sned: welcome", "send: welcome"),
        ("send: welcome\n    form: talent-team", "send: welcome\n    from: talent-team"),
        ("wait_for: {cliked: any}\n    within: 2w", "wait_for: {clicked: any}\n    within: 2 weeks"),
        (
            "wait_until: {day: enrolled_at, ofset: -1d, if_late: goon}",
            "wait_until: {day: enrolled_at, offset: -1d, if_late: go_on}",
        ),
        (
            "wait_until: {day: enrolled_at, offset: -1d, if_late: skip}",
            "wait_until: {day: enrolled_at, offset: -1 day, if_late: skip}",
        ),
        ("if: {candidate.score: {atleast: 4}}", "if: {candidate.score: {at_least: 4}}"),
        (
            'task: {for: anna-koch, title: {{ candidate.first_name }} is "warm" {{ x }}, due: 2 days}',
            "task: {for: anna-koch, title: '{{ candidate.first_name }} is \"warm\" {{ x }}', due: 2 days}",
        ),
        ("stop: {{ candidate.first_name }}, bye   # why", 'stop: "{{ candidate.first_name }}, bye"   # why'),
    ],
)
def test_what_is_mechanical_is_mended_in_its_place(bad: str, good: str) -> None:
    """The rest of the file, its comments and its spaces stay."""
    mended = _mended(_steps(f"  - id: one\n    {bad}   # remark\n"))

    assert mended is not None
    assert _steps(f"  - id: one\n    {good}   # remark\n") == mended.text


def test_a_step_without_an_id_is_called_after_what_it_does() -> None:
    """Ids are unique, and short enough to read in a report."""
    mended = _mended(
        _steps("""\
          - send: welcome   # in a block
          - {send: welcome}
          - {id: wait-7-days, wait: 1 week}
          - {wait: 7 days}
          - wait_for: {clicked: {step: welcome, link: jobs}}
            within: 3 days
            then:
              - {score: {add: 5}}
              - ats: {add_note: "Grüße!"}
          - {stop: enough, if: {candidate.score: {at_least: 4}}}
        """)
    )

    assert mended is not None
    assert mended.text == _steps("""\
          - id: welcome
            send: welcome   # in a block
          - {id: welcome-2, send: welcome}
          - {id: wait-7-days, wait: 1 week}
          - {id: wait-7-days-2, wait: 7 days}
          - id: wait-for-clicked-step-welcome
            wait_for: {clicked: {step: welcome, link: jobs}}
            within: 3 days
            then:
              - {id: score-add-5, score: {add: 5}}
              - id: ats-add-note-gr-e
                ats: {add_note: "Grüße!"}
          - {id: stop, stop: enough, if: {candidate.score: {at_least: 4}}}
        """)
    assert "file.yaml:7: added id: welcome [missing-id]" == mended.done[0]


@pytest.mark.parametrize(
    "bad",
    [
        "wait: 2 months",  # of which length?
        "wait: soon",
        "wait: -1d",  # only an offset may be negative
        "wait_for: {aplied: any}\n    within: 3 days",  # applied, or replied?
        "sedn_mail_to_them: welcome",
        "send: welcom",  # a name of theirs, not of the language
        "send: welcome\n    form: talent-team\n    from: talent-team",  # which of the two?
    ],
)
def test_what_could_mean_two_things_is_left_to_people(bad: str) -> None:
    """A mend never guesses."""
    assert _mended(_steps(f"  - id: one\n    {bad}\n")) is None


def test_tabs_become_spaces_where_their_width_does_not_matter() -> None:
    """However wide the author's editor shows a tab, the file says the same."""
    mended = _mended("a:\n\tb:\n\t\tc: 1 # remark\td\n")

    assert mended is not None
    assert "a:\n  b:\n    c: 1 # remark\td\n" == mended.text
    assert ("file.yaml:2: tab → spaces [tab]", "file.yaml:3: tab → spaces [tab]") == mended.done


def test_tabs_stay_where_their_width_decides_what_a_line_belongs_to() -> None:
    """A step that would move into another branch is moved by a person."""
    assert _mended("a:\n  b:\n    c: 1\n\td: 2\n") is None


def test_braces_without_an_end_are_left_to_people() -> None:
    """Where a text ends in brackets, only its author knows."""
    assert _mended("a: {b: {{ c\n") is None


def test_a_mend_that_would_leave_the_file_unreadable_is_not_made() -> None:
    """A key in braces becomes no key by quotes around the line."""
    assert _mended("schema: 1\n{{ a }}: b\n") is None


def test_the_mend_of_one_mistake_of_yaml_shows_the_next() -> None:
    """Each is mended when its turn comes."""
    once = _mended("title: {{ a }}\nowner: {{ b }}\n")
    assert once is not None
    twice = _mended(once.text)

    assert twice is not None
    assert 'title: "{{ a }}"\nowner: "{{ b }}"\n' == twice.text
