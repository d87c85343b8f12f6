"""Files made to hurt: whatever is in a folder, a check of it takes less than a second and little memory.

Processor time is bounded, not time on the clock, so that a busy machine fails nothing.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.weighing import ROOT, Scales, Weight

MOST_SECONDS, MOST_MEGABYTES = 1.0, 200
# As HTML and as text: the worst takes about a second, and time grows with length; a busy machine doubles it.
MOST_SECONDS_TO_COMPOSE = 2.5
GOOD = ROOT / "tests" / "sequences" / "good"
HEAD = """schema: 1
title: Hostile
owner: anna-koch
purpose: nurture
defaults: {from: talent-team}
exit: [{replied: any}]
"""
MAIL = "---\nsubject: Hello\n---\n"
KILOBYTE = 1024
# The largest files that are read at all.
SEQUENCE_SIZE, MAIL_SIZE = 256 * KILOBYTE, 64 * KILOBYTE


@pytest.fixture(scope="module")
def scales() -> Iterator[Scales]:
    """A warm process, shared by the tests of this file."""
    with Scales.ready() as ready:
        yield ready


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the project and the mails of the good sequences."""
    project = (GOOD / "project.yaml").read_text(encoding="utf-8")
    complete = project.replace("language: en}", "language: en, postal_address: Musterstr. 1}")
    (tmp_path / "project.yaml").write_text(complete, encoding="utf-8")
    shutil.copytree(GOOD / "mails", tmp_path / "mails")
    return tmp_path


def steps(*lines: str) -> str:
    """A sequence of these steps."""
    return HEAD + "steps:\n" + "\n".join(lines) + "\n"


def many_steps(number: int, line: str) -> str:
    """A sequence of one step many times; `#` is its number."""
    return steps(*(f"  - {line.replace('#', str(place))}" for place in range(number)))


def filled(unit: str, size: int, before: str = "", after: str = "") -> str:
    """One piece of text over and over, up to a size."""
    return before + unit * ((size - len((before + after).encode())) // len(unit.encode())) + after


def deep_ifs(depth: int) -> str:
    """Questions inside questions."""
    text = "{id: end, wait: 1 day}"
    for place in range(depth):
        text = f"{{id: a{place}, if: {{candidate.score: {place}}}, then: [{text}]}}"
    return steps(f"  - {text}")


def lottery(number: int) -> str:
    """Splits one after the other: two to the power of so many paths, with a mail on every second."""
    line = "{id: s#, split: {a: {share: 50%, do: [{id: m#, send: welcome}]}, b: {share: 50%}}}"
    return many_steps(number, line)


def laughs() -> str:
    """Nine lines that a parser with aliases turns into a billion words."""
    rows = [f"a{row}: &a{row} [{', '.join([f'*a{row - 1}'] * 10)}]" for row in range(1, 9)]
    return "\n".join(["a0: &a0 [lol]", *rows]) + "\n"


SEQUENCES: dict[str, str | bytes] = {
    "a billion laughs": laughs(),
    "aliases without end": filled("*a, ", SEQUENCE_SIZE, "a: &a [x]\nb: [", "]\n"),
    "merge keys": filled("  - {<<: *a, <<: *a}\n", SEQUENCE_SIZE, "a: &a {b: c}\nsteps:\n"),
    "tags": filled("  - !!python/object/apply:os.system [ls]\n", SEQUENCE_SIZE, HEAD + "steps:\n"),
    "lists in lists": "[" * (SEQUENCE_SIZE - 1),
    "maps in maps": "{a: " * (SEQUENCE_SIZE // 4 - 1),
    "blocks in blocks": "- " * (SEQUENCE_SIZE // 2 - 1),
    "blocks by indentation": "".join(f"{' ' * depth}a:\n" for depth in range(700)),
    "keys that are lists": "? " * (SEQUENCE_SIZE // 2 - 1),
    "a text of ten megabytes": f"title: {'x' * 10_000_000}\n",
    "a text as long as a file may be": filled("x", SEQUENCE_SIZE, "title: "),
    "a key as long as a file may be": filled("x", SEQUENCE_SIZE, "", ": 1\n"),
    "a number as long as a file may be": filled("9", SEQUENCE_SIZE, "schema: "),
    "a quote that is never closed": filled("x\n", SEQUENCE_SIZE, 'title: "'),
    "quotes that are never closed": filled("a: 'b\n", SEQUENCE_SIZE),
    "a hundred thousand keys": "".join(f"k{number}: 1\n" for number in range(100_000))[: SEQUENCE_SIZE - 1],
    "one key many times": filled("a: 1\n", SEQUENCE_SIZE),
    "keys like a key of ours": "".join(f"steqs{number}: 1\n" for number in range(9_000)),
    "a hundred thousand steps": many_steps(100_000, "{id: s#, wait: 1 day}"),
    "as many steps as a file may have": many_steps(1_000, "{id: s#, wait: 1 day}"),
    "as many wrong steps": many_steps(3_000, "{id: s#, wiat: 1 day}"),
    "as many mails": many_steps(1_000, "{id: s#, send: welcome}"),
    "as many steps of one name": many_steps(1_000, "{id: s, send: welcome}"),
    "as many waits for clicks": many_steps(1_000, "{id: s#, wait_for: {clicked: any}, within: 7 days}"),
    "as many unknown names": many_steps(1_000, "{id: s#, send: welcom#, from: talent-tea#}"),
    "as many unknown clicks": steps(
        *(f"  - {{id: m{place}, send: welcome}}" for place in range(500)),
        *(f"  - {{id: w{place}, wait_for: {{clicked: mm{place}}}, within: 1 day}}" for place in range(500)),
    ),
    "two to the power of 40 paths": lottery(40),
    "two to the power of 500 paths": lottery(500),
    "questions that need months": many_steps(
        300, "{id: s#, if: {candidate.score: #}, then: [{id: w#, wait: 200 days}, {id: m#, send: welcome}]}"
    ),
    "waits for many dates": many_steps(
        400,
        "{id: s#, wait_for: {clicked: any}, until: {day: 2027-01-01, offset: # days}, then: [{id: m#, send: welcome}]}",
    ),
    "many dates one after the other": many_steps(
        900, "{id: s#, wait_until: {day: candidate.joined_on, offset: 1# days, if_late: go_on}}"
    ),
    "questions in questions": deep_ifs(9),
    "questions in questions without end": deep_ifs(1_000),
    "a wide question": steps(
        *("  - id: wide", "    if:", "      any:"),
        *(
            f"        - {{candidate.city: city-{place}, candidate.score: {{at_least: {place}}}}}"
            for place in range(1_500)
        ),
        "    then: [{id: m, send: welcome}]",
    ),
    "groups in groups": steps(
        "  - {id: s, if: " + "{all: [" * 17 + "{candidate.score: 1}" + "]}" * 17 + ", then: [{id: m, send: welcome}]}"
    ),
    "a long list of tags": steps(
        f"  - {{id: s, if: {{candidate.tags: [{', '.join(f't{place}' for place in range(8_000))}]}},"
        " then: [{id: m, send: welcome}]}"
    ),
    "a name made for slow patterns": steps(f"  - {{id: {'a-' * 60_000}!, wait: {'1' * 60_000} days}}"),
    "a field made for slow patterns": steps(f"  - {{id: s, stop: x, if: {{{'candidate.' * 20_000}: 1}}}}"),
    "a webhook address made for slow patterns": steps(
        f"  - {{id: s, webhook: {{to: desk, data: {{a: {{text: '{'{{ ' * 60_000}'}}}}}}}}"
    ),
    "a task made of brackets": steps(f"  - {{id: s, task: {{for: anna-koch, title: '{'{{ (' * 40}', due: 1 day}}}}"),
    "a long line that breaks off": filled("a b ", SEQUENCE_SIZE, "steps: [{", ""),
    "a long line of signs": filled("- : , ", SEQUENCE_SIZE, "steps: "),
    "a long line of words before a quote": filled("word", SEQUENCE_SIZE, "a: {b: ", '"x" y}'),
    "comments only": filled("# lint: allow no-exit — because\n", SEQUENCE_SIZE),
    "an allowance on every line": filled(
        "  - {wait: 1 day}  # lint: allow missing-id — later\n", SEQUENCE_SIZE, steps()
    ),
    "huge numbers": steps("  - {id: s, score: {add: 1e999}}", f"  - {{id: t, score: {{add: {'9' * 15}}}}}"),
    "long times": many_steps(900, "{id: s#, wait: 99999 weeks}"),
    "offsets out of the calendar": many_steps(
        900, "{id: s#, wait_until: {day: 9999-12-31, offset: 99999 weeks, if_late: go_on}}"
    ),
    "business days without end": many_steps(900, "{id: s#, wait: 99999 business days}"),
    "no UTF-8": b"\xff\xfe\x80" * 50_000,
    "nothing but NULs": b"\0" * 200_000,
    "line breaks only": "\n" * 200_000,
    "a mark at every line": "\ufeff\n" * 60_000,
    "documents": filled("--- a\n", SEQUENCE_SIZE),
    "directives": filled("%TAG ! a\n", SEQUENCE_SIZE),
}
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


def assert_light(weight: Weight) -> None:
    """It has ended by itself with a verdict about the files, in little time and memory."""
    assert weight.ended_by == 0, weight
    assert weight.code in {0, 1}, weight.said
    assert weight.seconds < MOST_SECONDS, (weight.seconds, weight.said[:300])
    assert weight.megabytes < MOST_MEGABYTES


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("command", ["check", "fmt --check"])
def test_a_hostile_sequence_costs_little(scales: Scales, folder: Path, name: str, command: str) -> None:
    """A pull request can hold anything; reading it never keeps the others waiting."""
    text = SEQUENCES[name]
    (folder / "hostile.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())

    assert_light(scales.weigh(*command.split(), "hostile.yaml", cwd=folder))


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


ACCEPTED = ("two to the power of 40 paths", "as many steps as a file may have", "questions that need months")


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.parametrize("command", ["paths hostile --in .", "graph hostile --in . --format svg"])
def test_what_is_large_but_right_can_still_be_shown(scales: Scales, folder: Path, name: str, command: str) -> None:
    """A sequence that is too large to be wise is listed and drawn in time as well."""
    (folder / "hostile.yaml").write_bytes(str(SEQUENCES[name]).encode())

    assert_light(scales.weigh(*command.split(), cwd=folder))


def _link_out(folder: Path) -> None:
    (folder / "mails" / "hostile.md").symlink_to("/etc/passwd")
    (folder / "hostile.yaml").symlink_to("/etc/passwd")


def _pipes(folder: Path) -> None:
    os.mkfifo(folder / "hostile.yaml")
    os.mkfifo(folder / "hostile.test.yaml")
    os.mkfifo(folder / "mails" / "hostile.md")
    os.mkfifo(folder / "mails" / "notes" / "hostile.md")


def _devices(folder: Path) -> None:
    (folder / "hostile.yaml").symlink_to("/dev/zero")
    (folder / "mails" / "hostile.md").symlink_to("/dev/zero")
    (folder / "mails" / "notes" / "hostile.md").symlink_to("/dev/random")


def _circles(folder: Path) -> None:
    (folder / "hostile.yaml").symlink_to("hostile.yaml")
    (folder / "mails" / "mails").symlink_to("..")


def _folders(folder: Path) -> None:
    (folder / "hostile.yaml").mkdir()
    (folder / "mails" / "hostile.md").mkdir()


def _strange_names(folder: Path) -> None:
    for name in (b"\xff\xfe.yaml", b"a\nb.yaml", b"\x1b[31m.yaml", b"-rf.yaml", b".yaml", b"x" * 200 + b".yaml"):
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text("schema: 1\n")  # noqa: PTH118  # bytes


@pytest.mark.parametrize("lay", [_link_out, _pipes, _devices, _circles, _folders, _strange_names])
@pytest.mark.parametrize("command", ["check .", "fmt --check ."])
def test_what_is_no_file_is_not_read(scales: Scales, folder: Path, lay: Callable[[Path], None], command: str) -> None:
    """Links out of the folder, pipes, devices and folders in the place of a file stop nothing."""
    lay(folder)

    weight = scales.weigh(*command.split(), cwd=folder)

    assert_light(weight)
    assert "root:" not in weight.said


@pytest.mark.parametrize("command", ["check hostile.yaml", "fmt --check hostile.yaml"])
def test_a_pipe_that_is_named_is_not_waited_for(scales: Scales, folder: Path, command: str) -> None:
    """Nobody writes to it, so reading it would last for ever."""
    os.mkfifo(folder / "hostile.yaml")

    weight = scales.weigh(*command.split(), cwd=folder)

    assert weight.ended_by == 0
    assert weight.code == 2


def test_many_files_cost_little_each(scales: Scales, folder: Path) -> None:
    """Thousands of files are less than a millisecond each."""
    number = 5_000  # 20,000 take four times as long
    for place in range(number):
        (folder / f"s-{place}.yaml").write_bytes(b"schema: 1\n")

    weight = scales.weigh("check", ".", cwd=folder)

    assert weight.ended_by == 0
    assert weight.seconds < number / 1_000
