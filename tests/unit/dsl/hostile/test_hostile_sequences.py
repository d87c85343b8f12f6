"""Sequences made to hurt: whatever a file holds, a check of it takes less than a second and little memory."""

from pathlib import Path

import pytest

from tests.unit.dsl.hostile.sizes import HEAD, SEQUENCE_SIZE, filled, steps
from tests.unit.dsl.hostile.verdict import assert_light
from tests.weighing import Scales


def many_steps(number: int, line: str) -> str:
    """A sequence of one step many times; `#` is its number."""
    return steps(*(f"  - {line.replace('#', str(place))}" for place in range(number)))


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


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("command", ["check", "fmt --check"])
def test_a_hostile_sequence_costs_little(scales: Scales, folder: Path, name: str, command: str) -> None:
    """A pull request can hold anything; reading it never keeps the others waiting."""
    text = SEQUENCES[name]
    (folder / "hostile.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())

    assert_light(scales.weigh(*command.split(), "hostile.yaml", cwd=folder))


ACCEPTED = ("two to the power of 40 paths", "as many steps as a file may have", "questions that need months")


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.parametrize("command", ["paths hostile --in .", "graph hostile --in . --format svg"])
def test_what_is_large_but_right_can_still_be_shown(scales: Scales, folder: Path, name: str, command: str) -> None:
    """A sequence that is too large to be wise is listed and drawn in time as well."""
    (folder / "hostile.yaml").write_bytes(str(SEQUENCES[name]).encode())

    assert_light(scales.weigh(*command.split(), cwd=folder))
