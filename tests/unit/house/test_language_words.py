"""Every word of the language is on its page of the reference, and no page names a word that there is not."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click
import pytest

from cli.main import COMMANDS
from rapport.dsl.build import VERBS
from rapport.dsl.catalogue import FIELDS, MAIL_FIELDS, MAIL_STATES, OPERATORS_OF
from rapport.dsl.conditions import GROUPS, OPERATORS
from rapport.dsl.duration import Unit
from rapport.dsl.events import ALWAYS_ON
from rapport.dsl.mail_source import KEYS
from rapport.dsl.mail_template import FILTERS, TESTS
from rapport.dsl.schema import schema
from tests.language_pages import PAGES, code_in, pages_of_the_language, read_sections, section_of, words_of

VERB_PAGE = ["Example", "Options", "What the candidate experiences", "When it fails", "Common mistakes"]
# Parts of the language with a page of their own, so that the others only link to them.
ELSEWHERE = ("condition", "event", "events", "ifFails", "moment", "operators", "step", "steps", "value", "when")


def keys_in(definition: Any) -> set[str]:
    """Every key that may be written in a part of a schema, those of parts with a page of their own left out."""
    match definition:
        case {"$ref": str(reference)}:
            file, _, name = reference.partition("#/$defs/")
            parts = schema(file.removesuffix(".schema.json") if file else "sequence")["$defs"]
            return set() if name in ELSEWHERE else keys_in(parts[name])
        case {"properties": dict(properties), **rest}:
            inner = [keys_in(part) for part in (*properties.values(), *rest.values())]
            return set(properties).union(*inner)
        case dict():
            return set().union(*map(keys_in, definition.values()))
        case list():
            return set().union(*map(keys_in, definition))
        case _:
            return set()


def options_of(verb: str) -> set[str]:
    """Every option of a verb: beside it, and in its argument."""
    [then] = [
        part["then"]["properties"]
        for part in schema("sequence")["$defs"]["step"]["allOf"]
        if part["then"].get("x-verb") == verb
    ]
    beside = {key for key in then if key not in ("id", "renamed", verb)}
    return beside | keys_in(then[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_page_has_all_parts_and_all_options(verb: str) -> None:
    """An option that is missing on its page fails the build, and so does one that there is not."""
    headings = [section.heading for section in read_sections(PAGES / f"{verb}.md")]
    options = words_of(section_of(f"{verb}.md", "Options"))

    assert [verb, *VERB_PAGE] == headings
    assert sorted(options_of(verb)) == sorted(options)


@pytest.mark.parametrize(
    ("page", "heading", "keys"),
    [
        ("start.md", "Options", set(schema("sequence")["$defs"]["start"]["properties"])),
        ("exit.md", "Options", {"goal", "exit"}),
        ("failures.md", "Options", {*keys_in(schema("sequence")["$defs"]["ifFails"]), "go_on", "stop", "hold"}),
        ("durations.md", "Moments", set(schema("sequence")["$defs"]["moment"]["properties"])),
        ("durations.md", "Durations", {f"{unit}s" for unit in Unit}),
        ("mails.md", "Front matter", set(KEYS)),
        ("mails.md", "Fields", set(MAIL_FIELDS)),
        ("conditions.md", "Groups", set(GROUPS)),
        ("tests.md", "Keys of a test file", set(schema("test")["properties"])),
        ("tests.md", "Keys of a case", set(schema("test")["$defs"]["case"]["properties"])),
        ("tests.md", "What you expect", set(schema("test")["$defs"]["expected"]["properties"])),
        ("project.md", "project.yaml", set(schema("project")["properties"])),
    ],
)
def test_a_table_names_what_there_is(page: str, heading: str, keys: set[str]) -> None:
    """Every key is in the table of its page, and the table has no other."""
    names = [word for word in words_of(section_of(page, heading)) if not re.match(r"\d", word)]

    assert sorted(keys) == sorted(names)


def test_the_readme_names_every_key_of_a_sequence_and_every_verb() -> None:
    """Whoever reads the first page knows what can stand in a file."""
    keys = words_of(section_of("README.md", "How a file is built"))
    [table] = section_of("README.md", "The verbs").tables()

    assert [*schema("sequence")["properties"], "id", "renamed"] == keys
    assert sorted(f"[`{verb}`]({verb}.md)" for verb in VERBS) == sorted(row[0] for row in table[1:])


def test_every_page_is_linked_from_the_first_one() -> None:
    """No page is found by chance only."""
    pages = {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    readme = (PAGES / "README.md").read_text(encoding="utf-8")

    assert pages == set(re.findall(r"\]\(([a-z_]+\.md)\)", readme))


def test_a_link_to_a_part_of_a_page_leads_to_its_heading() -> None:
    """Nobody ends up at the top of a long page and looks for what the link promised."""
    parts = {
        f"{name}#{section.heading.lower().replace(' ', '-')}"
        for name in pages_of_the_language()
        for section in read_sections(PAGES / name)
    }
    texts = [(PAGES / name).read_text(encoding="utf-8") for name in pages_of_the_language()]
    links = [(name, link) for name, text in zip(pages_of_the_language(), texts, strict=True) for link in _parts(text)]

    assert [] == [link for name, link in links if (link if link[0] != "#" else name + link) not in parts]
    assert len(links) > 10


def _parts(text: str) -> list[str]:
    return re.findall(r"\]\(((?:[a-z_]+\.md)?#[^)]+)\)", text)


def test_the_events_are_those_of_the_language() -> None:
    """Sequences and tests know the events of the two tables, with the options of the third."""
    in_sequences, options = section_of("events.md", "In a sequence").tables()
    known = schema("sequence")["$defs"]["event"]["properties"]
    in_tests = schema("test")["$defs"]["happeningWithDetail"]["properties"]

    assert sorted(known) == sorted(row[0].strip("`") for row in in_sequences[1:])
    assert sorted(set().union(*map(keys_in, known.values()))) == sorted(row[0].strip("`") for row in options[1:])
    assert sorted({*in_tests} - {*known}) == sorted(words_of(section_of("events.md", "Only in tests")))


def test_the_fields_and_what_can_be_asked_of_them_are_those_of_the_catalogue() -> None:
    """Every field is in the table with its kind, and every operator with a kind that it can be asked of."""
    kinds, fields = section_of("conditions.md", "Fields").tables()
    operators = words_of(section_of("conditions.md", "Tests of a field"))
    asked = {row[0]: tuple(code_in(row[1])) for row in kinds[1:]}

    assert {path: str(kind) for path, kind in FIELDS.items()} == {row[0].strip("`"): row[1] for row in fields[1:]}
    assert {str(kind): tuple(word for word in words if word != "is") for kind, words in OPERATORS_OF.items()} == asked
    assert sorted(OPERATORS) == sorted(operators)
    assert all(f"`{state}`" in section_of("conditions.md", "Fields").prose for state in MAIL_STATES)


def test_what_mails_may_use_is_listed() -> None:
    """The filters and tests of mail texts are on their page, and no other."""
    prose = section_of("mails.md", "Fields").prose
    [filters], [tests] = (re.findall(rf"^{word}: (.+)\.$", prose, re.MULTILINE) for word in ("Filters", "Tests"))

    assert sorted(FILTERS) == sorted(code_in(filters))
    assert sorted(TESTS) == sorted(code_in(tests))


@pytest.mark.parametrize("key", [key for key in schema("project")["properties"] if key != "schema"])
def test_every_key_of_project_yaml_is_on_its_page(key: str) -> None:
    """Each part of project.yaml has a section that shows it and names its keys."""
    section = section_of("project.md", key)

    keys = {name for name in keys_in(schema("project")["properties"][key]) if name not in {"all", "any", "none"}}

    assert sorted(keys) == sorted(words_of(section))
    assert [f"{key}:"] == [
        block.text.split("\n")[0][: len(key) + 1] for block in section.blocks if "project" in block.info
    ]


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("wait_until.md", schema("sequence")["$defs"]["lateMoment"]),
        ("ats.md", schema("sequence")["$defs"]["ats"]),
        ("project.md", schema("project")["properties"]),
        ("failures.md", schema("sequence")["$defs"]["ifFails"]),
        ("events.md", schema("sequence")["$defs"]["ending"]),
    ],
)
def test_the_words_that_a_key_takes_are_on_its_page(page: str, part: Any) -> None:
    """Where only some words may stand, all of them are named."""
    text = (PAGES / page).read_text(encoding="utf-8")

    # Which events a policy may name is said by the page of events.
    elsewhere = schema("sequence")["$defs"]["event"]["properties"]

    assert [] == [word for word in _words(part) if f"`{word}`" not in text and word not in elsewhere]


def _words(part: Any) -> Iterator[str]:
    match part:
        case {"enum": list(words)}:
            yield from words
        case dict():
            for inner in part.values():
                yield from _words(inner)
        case list():
            for inner in part:
                yield from _words(inner)
        case _:
            pass


def test_the_ends_that_always_hold_are_listed() -> None:
    """Every end that no file has to name is in the table of ends."""
    assert [] == sorted(set(ALWAYS_ON.values()) - set(words_of(section_of("exit.md", "How a walk ends"))))


def test_the_commands_that_pages_show_are_there() -> None:
    """A command or an option that was renamed is renamed in the reference."""
    texts = [(PAGES / name).read_text(encoding="utf-8") for name in pages_of_the_language()]
    lines = [line.split("#")[0] for text in texts for line in re.findall(r"^rapport .+$", text, re.MULTILINE)]
    lines += [code for text in texts for code in re.findall(r"`(rapport [^`]+)`", text)]

    unknown = [line for line in lines if not _is_command(line.split()[1:])]

    assert [] == unknown
    assert len(lines) > 10


def _is_command(words: list[str]) -> bool:
    if words[0] not in COMMANDS:
        return False
    module, attribute, _ = COMMANDS[words[0]]
    command: click.Command = getattr(import_module(module), attribute)
    known = {option for parameter in command.params for option in parameter.opts}
    return all(word in known for word in words if word.startswith("--"))
