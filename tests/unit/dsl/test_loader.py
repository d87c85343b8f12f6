"""The strict loader: what marketers write is what they get."""

import time

import pytest

from rapport.dsl.loader import MAX_BYTES, load_bytes, load_text
from rapport.dsl.problem import Span

# A file is checked on every save; generous for a busy machine.
SECONDS = 1.0


@pytest.mark.parametrize(
    "text", ["NO", "on", "yes", "10:30", "09:30", "0123", "1_000", "2026-02-30", "+5", "0x1f", "1e3"]
)
def test_text_that_yaml_would_turn_into_something_else_stays_text(text: str) -> None:
    """Norway, half past ten and a postal code are not a truth value, 630 or 83."""
    loaded = load_text(f"value: {text}\n", "a.yaml")

    assert {"value": text} == loaded.tree
    assert () == loaded.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [("null", None), ("~", None), ("", None), ("true", True), ("False", False), ("7", 7), ("-3", -3), ("0.5", 0.5)],
)
def test_the_values_of_yaml_1_2_are_values(text: str, value: object) -> None:
    """Truth values, whole numbers and decimals are read as such."""
    loaded = load_text(f"value: {text}\n", "a.yaml")

    assert {"value": value} == loaded.tree
    assert type(loaded.tree["value"]) is type(value)


@pytest.mark.parametrize("text", ['"7"', "'true'", '"null"', "'0.5'"])
def test_quotes_make_text(text: str) -> None:
    """What stands in quotes is text, whatever it looks like."""
    loaded = load_text(f"value: {text}\n", "a.yaml")

    assert {"value": text[1:-1]} == loaded.tree


def test_every_key_and_value_knows_its_place() -> None:
    """A problem can point at the key or at the value."""
    loaded = load_text("steps:\n  - {id: welcome, wait: 7 days}\n", "a.yaml")

    assert Span(2, 19, 4) == loaded.key(("steps", 0, "wait"))
    assert Span(2, 25, 6) == loaded.value(("steps", 0, "wait"))
    assert Span(2, 5, 1) == loaded.value(("steps", 0))
    assert loaded.value(("steps", 0)) == loaded.value(("steps", 0, "missing"))


def test_a_byte_order_mark_moves_no_column() -> None:
    """Files from Windows editors read the same."""
    loaded = load_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "a.yaml")

    assert {"a": 1, "b": 2} == loaded.tree
    assert Span(2, 1, 1) == loaded.key(("b",))


HOSTILE = {
    "alias bomb": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "yaml-alias"),
    "alias as a key": (b"&a a: 1\n*a : 2\n", "yaml-alias"),
    "a hundred thousand brackets": (b"[" * 100_000, "too-deep"),
    "a hundred thousand braces": (b"{" * 100_000, "unquoted-braces"),
    "a hundred thousand dashes": (b"- " * 100_000, "too-deep"),
    "a hundred thousand question marks": (b"? " * 100_000, "bad-yaml"),
    "python tag": (b"a: !!python/object/apply:os.system [ls]\n", "yaml-tag"),
    "duplicate keys": (b"a: 1\nb: 2\na: 3\n", "duplicate-key"),
    "forty thousand duplicates": (b"{" + b"a: 1, " * 40_000 + b"}", "duplicate-key"),
    "forty thousand values": (b"[" + b"a, " * 40_000 + b"]", "too-large"),
    "NUL": (b"a: \x00\n", "control-character"),
    "NUL as an escape": (b'a: "\\0"\n', "control-character"),
    "half a character": (b"a: \xc3\n", "bad-encoding"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "bad-encoding"),
    "tab": (b"a:\n\tb: 1\n", "tab"),
    "unquoted braces": (b"title: {{ name }}\n", "unquoted-braces"),
    "unquoted braces in a sentence": (b"title: {{ name }}, hello\n", "unquoted-braces"),
    "two documents": (b"a: 1\n---\nb: 2\n", "second-document"),
    "directive": (b"%YAML 1.1\n---\na: NO\n", "yaml-directive"),
    "an endless number": (b"a: " + b"9" * 20_000, "bad-number"),
    "a large file": (b"#" * (MAX_BYTES + 1), "too-large"),
    "an open quote": (b'a: "' + b"x " * 100_000, "bad-yaml"),
    "a line separator": ("a: b\u2028c\n".encode(), "control-character"),
    "an object as a key": (b"{a: 1}: 2\n", "bad-yaml"),
}


@pytest.mark.parametrize(("data", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_a_problem_at_once(data: bytes, rule: str) -> None:
    """Whatever is in a file, the check names it within a second and lives on."""
    before = time.process_time()

    loaded = load_bytes(data, "a.yaml")

    assert rule in {problem.rule for problem in loaded.problems}
    assert time.process_time() - before < SECONDS


def test_a_duplicate_key_names_the_first_place() -> None:
    """One of the two is a slip, so both places are named."""
    [problem] = load_text("send: welcome\nsend: check-in\n", "a.yaml").problems

    assert '"send" is written twice; the first is at line 1, column 1' == problem.message
    assert (2, 1) == (problem.line, problem.column)


def test_an_open_bracket_is_named_where_it_begins() -> None:
    """The parser stumbles later than the mistake; the message leads back."""
    [problem] = load_text("exit: [{replied: any}\nsteps: []\n", "a.yaml").problems

    assert (1, 7, "this [ is not closed") == (problem.line, problem.column, problem.message)
