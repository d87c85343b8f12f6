"""A mail's file, read without rendering it."""

import time

from rapport.dsl.mail_source import read_mail_source, read_note

MAIL = """---
subject: {{ candidate.first_name or "Hello" }}, 3 posts #1: "new"
preheader: "What's inside"
---
Hi {{ candidate['first_name'] or 'there' }},

{% for role in roles %}[{{ role.title }}]({{ link('role', role.url) }}) {{ loop.index }}{% endfor %}
[Blog]({{ link('blog', 'https://acme.example/') }})
{{ sender.name | upper }}
"""


def test_front_matter_is_the_rest_of_its_line() -> None:
    """A subject may hold quotes, colons, a hash and fields; only quotes around all of it are taken off."""
    source = read_mail_source(MAIL, "mails/a.md")

    assert '{{ candidate.first_name or "Hello" }}, 3 posts #1: "new"' == source.subject
    assert "What's inside" == source.preheader
    assert source.layout is None
    assert () == source.problems


def test_the_body_begins_below_the_front_matter() -> None:
    """Lines of a problem are lines of the file."""
    source = read_mail_source(MAIL, "mails/a.md")

    assert 5 == source.body_line
    assert source.body == "\n".join(MAIL.split("\n")[4:])


def test_fields_and_links_are_found() -> None:
    """What a mail reads and links to is known before it is sent; names of a loop are its own."""
    source = read_mail_source(MAIL, "mails/a.md")

    assert ("candidate.first_name", "roles", "sender.name") == source.fields
    assert ("blog", "role") == source.links


def test_a_note_has_no_front_matter() -> None:
    """The text of an ATS note is text from its first line."""
    facts = read_note("Back since {{ application.rejected_on }}.\n", "mails/notes/a.md")

    assert ["application.rejected_on"] == [use.path for use in facts.uses]
    assert [] == facts.problems


def test_hostile_texts_are_problems_at_once() -> None:
    """Deep brackets, long numbers and large files neither crash nor hang the check."""
    texts = ["{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}", "{{ " + "9" * 20_000 + " }}", "x" * 300_000]
    texts += ["{% if a %}" * 2_000, "{{ a" + ".b" * 50_000 + " }}", "{{ a" + " or a" * 5_000 + " }}"]
    before = time.process_time()

    found = [read_mail_source(f"---\nsubject: x\n---\n{text}", "mails/a.md").problems for text in texts]

    assert all(found[:4])
    assert time.process_time() - before < 6


def test_dangerous_templates_are_refused() -> None:
    """Nothing that could cost much time or memory, or leave the sandbox, gets past the check."""
    refused = [
        "{{ 'a' * 9 }}",
        "{{ 2 ** 9 }}",
        "{{ '%0999d' % 1 }}",
        "{{ range(9) }}",
        "{{ lipsum() }}",
        "{{ candidate.delete() }}",
        "{{ candidate.first_name | safe }}",
        "{{ candidate | attr('x') }}",
        "{% include 'x' %}",
        "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}",
        "{{ 'x'.format(1) }}",
        "{% for a in range(9) %}{% endfor %}",
    ]

    passed = [text for text in refused if not read_mail_source(f"---\nsubject: x\n---\n{text}", "a.md").problems]

    assert [] == passed


def test_a_mail_with_thousands_of_brackets_is_refused() -> None:
    """Nobody writes two thousand links, and finding the end of each would keep a worker busy."""
    text = "---\nsubject: Hello\n---\n" + "![" * 2_001

    [problem] = read_mail_source(text, "mails/a.md").problems

    assert ("too-large", "a mail may have 2,000 opening brackets; this one has more") == (problem.rule, problem.message)
    assert () == read_mail_source(text[:-2], "mails/a.md").problems
