"""Mails made to hurt: whatever a text holds, checking and composing it takes little time and memory."""

from pathlib import Path

import pytest

from tests.unit.dsl.hostile.sizes import MAIL_SIZE, filled, steps
from tests.unit.dsl.hostile.verdict import MOST_MEGABYTES, assert_light
from tests.weighing import Scales

# As HTML and as text: the worst takes about a second, and time grows with length; a busy machine doubles it.
MOST_SECONDS_TO_COMPOSE = 2.5
MAIL = "---\nsubject: Hello\n---\n"
MAILS = {
    "braces in braces": filled("{{ (", MAIL_SIZE, MAIL),
    "brackets of Jinja": filled("(", MAIL_SIZE, MAIL + "{{ ", " }}"),
    "loops in loops": filled("{% for x in roles %}", MAIL_SIZE, MAIL),
    "questions in questions": MAIL + "{% if candidate.city %}" * 900 + "x" + "{% endif %}" * 900,
    "a sum without end": filled(" ~ 'a'", MAIL_SIZE, MAIL + "{{ 'a'", " }}"),
    "or without end": filled(" or candidate.city", MAIL_SIZE, MAIL + "{{ candidate.city", " }}"),
    "filters without end": filled("|upper", MAIL_SIZE, MAIL + "{{ candidate.city", " }}"),
    "fields without end": filled("{{ candidate.first_name }}", MAIL_SIZE, MAIL),
    "unknown fields without end": filled("{{ candidate.frist_name }}", MAIL_SIZE, MAIL),
    "a number without end": MAIL + "{{ " + "9" * 60_000 + " }}",
    "comments that are not closed": filled("{# ", MAIL_SIZE, MAIL),
    "ten thousand links": filled("[a](b)\n", 70_000, MAIL),
    "links of Jinja": filled("{{ link('a', 'https://a.example') }}\n", MAIL_SIZE, MAIL),
    "links that are not closed": filled("[", MAIL_SIZE, MAIL),
    "links with data": filled("[a](https://a.example/{{ candidate.city }})\n", MAIL_SIZE, MAIL),
    "addresses without end": filled("https://a.example/", MAIL_SIZE, MAIL),
    "quotes in quotes": filled("> ", MAIL_SIZE, MAIL, "x"),
    "quotes of many depths": MAIL + "\n".join("> " * (row % 60) + "x" for row in range(900)),
    "lists in lists": MAIL + "\n".join("  " * row + "- x" for row in range(230)),
    "emphasis in emphasis": filled("*a _b ", MAIL_SIZE, MAIL),
    "stars": filled("*", MAIL_SIZE, MAIL, "x"),
    "backticks": filled("`", MAIL_SIZE, MAIL, "x"),
    "backticks of many lengths": MAIL + " ".join("`" * length for length in range(350)),
    "tags that are not closed": filled("<a ", MAIL_SIZE, MAIL),
    "HTML in HTML": filled("<div>", MAIL_SIZE, MAIL),
    "tables": filled("a|", MAIL_SIZE // 2, MAIL, "\n") + filled("-|", MAIL_SIZE // 2),
    "front matter without end": filled("subject: x\n", MAIL_SIZE, "---\n"),
    "a subject without end": filled("x", MAIL_SIZE, "---\nsubject: ", "\n---\nx\n"),
    "a subject of braces": filled("{{", MAIL_SIZE, "---\nsubject: ", "\n---\nx\n"),
    "spaces": filled(" ", MAIL_SIZE, MAIL, "x"),
    "empty lines": filled("\n", MAIL_SIZE, MAIL, "x"),
    "nine thousand links": filled("[a](b)\n", MAIL_SIZE, MAIL),
    "pictures that are not closed": filled("![", MAIL_SIZE, MAIL, "](a)"),
    "links in links": MAIL + "[" * 15_000 + "a" + "](b)" * 11_000,
    "links that break off": filled("[a](", MAIL_SIZE, MAIL),
    "links to notes": filled("[a]: b\n", MAIL_SIZE // 2, MAIL) + filled("[a] ", MAIL_SIZE // 2),
    "strong that is not closed": filled("**a*", MAIL_SIZE, MAIL),
    "comments of HTML": filled("<!--", MAIL_SIZE, MAIL),
    "data of XML": filled("<![CDATA[", MAIL_SIZE, MAIL),
    "attributes that are not closed": filled("<a b='", MAIL_SIZE, MAIL),
    "underlined lines": filled("a\n=\n", MAIL_SIZE, MAIL),
    "quotes and lists": MAIL + "\n".join("> - " * (row % 30) + "x" for row in range(500)),
    "loops that are closed": MAIL + "{% for x in roles %}" * 8 + "x" + "{% endfor %}" * 8,
    "ten megabytes": MAIL + "x" * 10_000_000,
    "NULs": filled("\0", MAIL_SIZE, MAIL),
}


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_costs_little(scales: Scales, folder: Path, name: str) -> None:
    """So can a mail text."""
    (folder / "mails" / "hostile.md").write_text(MAILS[name], encoding="utf-8")
    (folder / "hostile.yaml").write_text(steps("  - {id: a, send: hostile}"), encoding="utf-8")

    assert_light(scales.weigh("check", ".", cwd=folder))


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_is_composed_or_refused_in_time(scales: Scales, folder: Path, name: str) -> None:
    """Markdown has a bad name for pathological texts; the longest mail that is read still takes no time to speak of."""
    (folder / "mails" / "hostile.md").write_text(MAILS[name], encoding="utf-8")
    (folder / "hostile.yaml").write_text(steps("  - {id: a, send: hostile}"), encoding="utf-8")

    weight = scales.weigh("preview", "hostile", "--in", ".", cwd=folder)

    assert weight.code in {0, 1}, weight.said
    assert weight.seconds < MOST_SECONDS_TO_COMPOSE
    assert weight.megabytes < MOST_MEGABYTES
