"""`rapport simulate` about many people, as a marketer calls it."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.unit.cli.test_simulate import DOCS, call, folder, stored
from tests.unit.reports.well_formed import read_page

__all__ = ["folder", "stored"]
_SCHEMA = re.compile(r"<!-- tested: schema of a forecast -->\n```json\n(.*?)```", re.DOTALL)


def test_made_up_people_are_a_table_with_bars(folder: Path) -> None:
    """Exactly this, on every machine."""
    result = call(folder, "--count", 10, "--clicks", 50, "--set", "candidate.timezone=Europe/Berlin")

    expected = """\
Hello (hello VERSION)
in the zone Europe/Berlin
Made-up people, all with timezone Europe/Berlin. 50% of the mails are clicked and 0% answered (seed 1).

day 0    Mon 02 Mar 2026         10  ██████████████████████████████████████████████████
day 7    Mon 09 Mar 2026          8  ████████████████████████████████████████

10 people, 18 mails; busiest day: Mon 02 Mar 2026 with 10
  ended by:            10  end
"""
    assert expected == re.sub(r"hello [0-9a-f]{12}", "hello VERSION", result.output)


@pytest.mark.usefixtures("stored")
def test_a_pool_is_asked_who_may_enter(folder: Path) -> None:
    """Ben has not agreed, so he would not be enrolled, and the forecast says so."""
    result = call(folder, "--pool", "engineering")

    assert "The people of the pool engineering as they are stored now." in result.output
    assert "1 person, 2 mails" in result.output
    assert "not enrolled:         1  no_consent" in result.output


@pytest.mark.usefixtures("stored")
def test_a_pool_that_nobody_named_is_told(folder: Path) -> None:
    """A slip in a name is no forecast of zero."""
    assert "There is no pool 'enginering'" in str(call(folder, "--pool", "enginering").exception)


def test_where_they_live_is_said(folder: Path) -> None:
    """Nobody takes the spread for their own audience."""
    living = "Made-up people, living in DE 50%, US 15%, GB 10%, IN 8%, FR 7%, BR 5%, SG 5%. 0% of the mails"

    assert living in call(folder, "--count", 1).output


def test_json_has_the_documented_shape(folder: Path) -> None:
    """Programs rely on it."""
    [schema] = _SCHEMA.findall(DOCS.read_text(encoding="utf-8"))

    tree = json.loads(call(folder, "--count", 20, "--format", "json", "--replies", 20).output)

    jsonschema.validate(tree, json.loads(schema))
    assert tree["mails"] == sum(day["mails"] for day in tree["days"])


def test_the_plot_is_a_file(folder: Path) -> None:
    """SVG for a slide, HTML for a colleague."""
    svg, html = folder.parent / "mails.svg", folder.parent / "mails.html"

    codes = [
        call(folder, "--count", 5, "--format", form, "-o", file).return_value
        for form, file in (("svg", svg), ("html", html))
    ]

    assert [0, 0] == codes
    assert "{http://www.w3.org/2000/svg}svg" == ET.parse(svg).getroot().tag  # noqa: S314  # our own file
    assert "table" in read_page(html.read_text(encoding="utf-8")).tags


def test_another_sequence_can_be_entered_as_well(folder: Path) -> None:
    """Two walks of one person share its contact policy, and the table counts both."""
    (folder / "other.yaml").write_text((folder / "hello.yaml").read_text().replace("title: Hello", "title: Other"))

    result = call(folder, "--count", 4, "--with", "other")

    assert "4 people, 16 mails" in result.output
