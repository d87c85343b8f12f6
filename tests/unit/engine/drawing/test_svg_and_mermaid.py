"""Drawings as files: well-formed, readable by people who do not see them, and never more than text."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from rapport.dsl.plan import compile_plan
from rapport.engine.choices import choices
from rapport.engine.drawing.lettering import lines, width
from rapport.engine.drawing.mermaid import mermaid
from rapport.engine.drawing.subject import Drawn
from rapport.engine.drawing.svg import svg
from tests.builders import a_plan
from tests.strategies import trees

_NS = {"svg": "http://www.w3.org/2000/svg"}
_STEPS = """
  - {id: hello, send: hello}
  - {id: read, wait_for: {clicked: hello}, within: 7 days, then: [{id: warm, tag: {add: warm}}]}
"""
_HOSTILE = """</title><script>alert("1")</script> & ]]> `end` #\x00"""


def _parsed(drawn: Drawn) -> ET.Element:
    return ET.fromstring(svg(drawn))  # noqa: S314  # our own text, and that it parses is what is tested


def test_the_header_says_goal_and_exits_once() -> None:
    """They hold at every step, so they stand above the drawing and nowhere in it."""
    plan = a_plan(_STEPS, goal=[{"applied": "any"}], exit=[{"replied": "any"}, {"tagged": "gone"}])
    texts = [text.text for text in _parsed(Drawn(plan=plan, title="Hello")).iterfind(".//svg:text", _NS)]

    assert 1 == texts.count("an application")
    assert 1 == texts.count("a reply to any mail or the tag gone")


def test_who_cannot_see_the_picture_hears_its_title_and_steps() -> None:
    """A screen reader finds a name and a description."""
    root = _parsed(Drawn(plan=a_plan(_STEPS), title="Hello & welcome"))

    assert ("img", "title desc") == (root.get("role"), root.get("aria-labelledby"))
    assert "Hello & welcome" == root.findtext("svg:title", namespaces=_NS)
    assert "Wait 7 days for a click on hello; read" in str(root.findtext("svg:desc", namespaces=_NS))


def test_a_picture_has_a_dark_side_and_asks_nothing_of_the_network() -> None:
    """It reads well on a dark page, and opening it tells nobody."""
    drawing = svg(Drawn(plan=a_plan(_STEPS), title="Hello"))

    assert "prefers-color-scheme: dark" in drawing
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\"')\s]+", drawing)
    assert not re.findall(r"<script|<image|<foreignObject|url\(|@import|href", drawing)


@pytest.mark.parametrize("title", [_HOSTILE, "x" * 500, "招聘" * 100, ""])
def test_a_title_is_text_whatever_is_in_it(title: str) -> None:
    """A title cannot break out of the drawing."""
    drawn = Drawn(plan=a_plan(_STEPS), title=title)

    assert not _parsed(drawn).findall(".//svg:script", _NS)
    assert "<script" not in mermaid(drawn)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_every_sequence_can_be_drawn(tree: dict[str, Any]) -> None:
    """Whatever passes the check is drawn, both ways, and an arrow is drawn for every way on."""
    drawn = Drawn(plan=compile_plan("made-up", tree), title="Made up")

    _parsed(drawn)
    arrows = re.findall(r"-->", mermaid(drawn))
    assert sum(len(choices(node)) for node in drawn.plan.nodes) == len(arrows)


def test_mermaid_names_steps_branches_and_ends() -> None:
    """A pull request shows the flow without any tool of ours."""
    drawing = mermaid(Drawn(plan=a_plan(_STEPS), title='Say "hello"'))

    assert "flowchart TD" == drawing.splitlines()[0]
    assert '  s1(["Wait 7 days for a click on hello"])' in drawing
    assert '  s1 -- "then" --> s2' in drawing
    assert '  s1 -- "else" --> finish' in drawing
    assert "Say #quot;hello#quot;" in drawing


def test_long_words_break_behind_a_hyphen() -> None:
    """A long mail name stays readable in its box."""
    assert ("Send", "fair-sorry-we-", "missed-you") == lines("Send fair-sorry-we-missed-you", 14, 120, most=3)


def test_no_line_is_wider_than_its_box() -> None:
    """Nothing runs over the edge, and what is cut off ends in an ellipsis."""
    broken = lines("a wonderfully-long-name and many words behind it", 14, 90, most=2)

    assert all(width(line, 14) <= 90 for line in broken)
    assert broken[-1].endswith("…")
