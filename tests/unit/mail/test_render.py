"""What people typed into a form stays text, and no template can do harm."""

import re
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2.exceptions import SecurityError, UndefinedError

from rapport.errors import BadInput
from rapport.mail.markdown import Link
from rapport.mail.merge import DataMissing, Merge
from rapport.mail.render import Rendered, render
from rapport.mail.sandbox import Sandbox
from tests.unit.mail.builders import CONTEXT, a_source, about

HOSTILE = [
    "<b>bold</b>",
    "[x](http://evil.example)",
    "# head",
    "javascript:alert(1)",
    "{{ 7 }}{% for a in b %}",
    "a\r\nBcc: x@evil.example",
    "nul\0nul",
    "<http://evil.example>",
    "![x](http://evil.example/p.png)",
    "</td></table><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "*a* _b_ `c` > d\n\n- e",
    "&lt;b&gt;",
    "<em>x</em>",
    '<a href="http://evil.example">x</a>',
    "qz00n0zq",
]
EVERYWHERE = (
    "Hi {{ candidate.first_name }},\n\n"
    "*{{ candidate.first_name }}* `{{ candidate.first_name }}`"
    ' [{{ candidate.first_name }}](https://acme.example/?q={{ candidate.first_name }} "{{ candidate.first_name }}")'
    " ![{{ candidate.first_name }}](https://acme.example/a.png)\n"
)


def rendered(body: str, context: Mapping[str, Any] = CONTEXT, subject: str = "Hello") -> Rendered:
    """Render a mail whose links lead to `https://go/<number>`."""
    return render(a_source(body, subject), context, nonce="0f" * 10, wrap=lambda number: f"https://go/{number}")


class Elements(HTMLParser):
    """The elements of a page, as a browser sees them."""

    def __init__(self, page: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.shapes: list[tuple[str, list[str]]] = []
        self.addresses: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element, the names of its attributes and where it leads."""
        self.shapes.append((tag, [name for name, _ in attrs]))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]


@given(st.text(min_size=1).filter(lambda name: name.strip("\0 ") and name.isprintable()) | st.sampled_from(HOSTILE))
@example("[x](http://evil.example)")
def test_a_name_never_becomes_markup_or_a_link(name: str) -> None:
    """Whoever calls themselves `<b>` is greeted as `<b>`."""
    plain = Elements(rendered(EVERYWHERE, about("Ada")).html)
    hostile = rendered(EVERYWHERE, about(name))
    seen = Elements(hostile.html)

    assert plain.shapes == seen.shapes
    assert plain.addresses == seen.addresses
    assert len(hostile.links) == 1
    assert hostile.links[0].url.startswith("https://acme.example/?q=")


@given(st.text() | st.sampled_from(HOSTILE))
def test_a_name_never_breaks_a_subject(name: str) -> None:
    """A subject is one line of readable characters, whatever the name is."""
    subject = rendered("x", about(name), "{{ candidate.first_name or 'Hello' }}, news!").subject

    assert subject.isprintable() or not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in subject)
    assert subject.endswith(", news!")


def test_the_text_part_is_the_marketers_own_text() -> None:
    """People who read plain text get the same words, with addresses behind the links."""
    mail = rendered(
        "Hi **{{ candidate.first_name }}**,\n\n"
        "[jobs]({{ link('jobs', 'https://acme.example/jobs') }}) <mailto:a@acme.example>"
    )

    assert mail.text == "Hi **Ada**,\n\njobs (https://go/1) mailto:a@acme.example"


def test_comments_to_the_check_stay_at_home() -> None:
    """Why a line was allowed is for reviewers; candidates get the mail without a trace of it."""
    comment = "<!-- lint: allow variable-may-be-empty — always known here -->"

    mail = rendered(f"Hi you,\n{comment}\nwelcome. {comment}\n")

    assert ("Hi you,\nwelcome.", "<p>Hi you,\nwelcome.</p>\n") == (mail.text, mail.html)


def test_links_are_collected_with_their_names_and_led_through_our_address() -> None:
    """Steps can wait for a click on a link by its name; only pages are counted."""
    mail = rendered(
        "[a]({{ link('jobs', 'https://acme.example/jobs') }}) [b](http://acme.example/b) [c](mailto:a@acme.example)"
        " [d](tel:+49301) [e](#top) [f](ftp://acme.example) [a again]({{ link('jobs', 'https://acme.example/jobs') }})"
    )

    assert (Link(1, "jobs", "https://acme.example/jobs"), Link(2, None, "http://acme.example/b")) == mail.links
    assert (re.findall(r'href="([^"]*)"', mail.html)) == [
        "https://go/1",
        "https://go/2",
        "mailto:a@acme.example",
        "tel:+49301",
        "#top",
        "#",
        "https://go/1",
    ]


def test_open_roles_are_listed_with_their_own_links() -> None:
    """A loop over roles makes a link for each."""
    mail = rendered("{% for role in roles %}\n- [{{ role.title }}]({{ role.url }})\n{% endfor %}")

    assert (Link(1, None, "https://acme.example/jobs/1"),) == mail.links
    assert '<li><a href="https://go/1">Backend engineer</a></li>' in mail.html.replace("\n", "")


@pytest.mark.parametrize(
    "body",
    [
        "[site]({{ candidate.first_name }})",
        "[site]({{ link('site', candidate.first_name) }})",
        "[site](https://{{ candidate.first_name }}/x)",
        "[site](https://acme.example{{ candidate.first_name }})",
        "{% for role in candidate.skills %}[x]({{ role }}){% endfor %}",
        "{% for roles in candidate.skills %}[x]({{ roles }}){% endfor %}",
        "![x]({{ candidate.first_name }})",
        "[site]({{ candidate.first_name|lower }})",
    ],
)
def test_no_field_of_a_person_decides_where_a_link_leads(body: str) -> None:
    """Nobody plants a link in our mails by filling in a form."""
    with pytest.raises(BadInput, match="link"):
        rendered(body, about("http://evil.example"))


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ candidate.__class__ }}",
        "{{ candidate['__class__'] }}",
        "{{ candidate.items }}",
        "{{ link.__globals__ }}",
        "{{ link.__code__ }}",
        "{{ candidate.first_name.upper() }}",
        "{{ range(5) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ namespace() }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{{ 'x' * 50000000 }}",
        "{{ 9 ** 99999999 }}",
        "{{ '%999999999s' % 1 }}",
        "{{ 'x'|center(999999999) }}",
        "{{ '<b>'|safe }}",
        "{{ candidate|attr('x') }}",
        "{{ candidate.first_name|join(candidate.first_name) ~ link }}",
        "{{ self }}",
        "{{ loop }}",
        "{{ candidate }}",
        "{{ nothing_like_it }}",
        "{{ candidate.shoe_size }}",
        "{{ candidate.first_name ~ nothing }}",
        "x" * 70_000,
        "{{ " + "(" * 5_000 + ")" * 5_000 + " }}",
        "{% if candidate.first_name %}" * 3_000 + "{% endif %}" * 3_000,
        "{% for a in roles %}" * 30 + "x" + "{% endfor %}" * 30,
        "{% for a in roles %}{% for b in roles %}{% for c in roles %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in roles %}" + "x" * 60_000 + "{% endfor %}",
        "{% for a in candidate.first_name %}x{% endfor %}",
        "{{ candidate.first_name" + "|join('0123456789' ~ candidate.first_name)" * 500 + " }}",
        "{{ " + " ~ ".join(["candidate.last_name"] * 5_000) + " }}",
    ],
)
def test_escapes_and_bombs_are_refused_at_once(body: str) -> None:
    """A mail that tries to break out, or to eat the machine, is refused in the blink of an eye."""
    context = about("x" * 2_000) | {"roles": [{}] * 200}
    context["candidate"]["last_name"] = "y" * 2_000
    began = time.process_time()

    with pytest.raises(BadInput):
        rendered(body, context)
    assert time.process_time() - began < 2


def test_a_field_that_may_be_empty_has_a_fallback() -> None:
    """People without a first name are greeted, too."""
    assert rendered("Hi {{ candidate.first_name or 'there' }}", about(None)).text == "Hi there"


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_a_mail_with_a_hole_in_it_is_not_made(empty: str | None) -> None:
    """Nobody gets "Hi ,"; the error names the field and not the person."""
    with pytest.raises(DataMissing) as caught:
        rendered("Hi {{ candidate.first_name }},", about(empty))

    assert caught.value.path == "candidate.first_name"


def test_a_field_in_an_address_is_one_word_of_it() -> None:
    """A field behind the host adds no parameter and no folder of its own."""
    mail = rendered(
        "[x](https://acme.example/{{ candidate.first_name }}?q={{ candidate.first_name }})", about("a/b&c=ü")
    )

    assert mail.links == (Link(1, None, "https://acme.example/a%2Fb%26c%3D%C3%BC?q=a%2Fb%26c%3D%C3%BC"),)


@pytest.mark.parametrize(
    "text",
    [
        "{{ x.upper() }}",
        "{{ ''.join }}",
        "{{ x.__class__ }}",
        "{{ 'a' * 9 }}",
        "{{ 1 % 1 }}",
        "{{ d.items() }}",
        "{{ f() }}",
    ],
)
def test_the_sandbox_holds_without_the_check_before_it(text: str) -> None:
    """A mail that was never checked can do no harm, either."""
    sandbox = Sandbox(Merge(nonce="0f", room=1_000))

    with pytest.raises((SecurityError, UndefinedError, BadInput)):
        sandbox.from_string(text).render(x="x", d={"a": 1}, f=lambda: "called")


@pytest.mark.parametrize("value", [object(), {1: object()}, b"bytes", lambda: 1])
def test_only_plain_data_gets_into_a_mail(value: object) -> None:
    """Templates never see an object of ours."""
    with pytest.raises(BadInput):
        rendered("x", about(value))


def test_a_mistake_is_named_with_its_line() -> None:
    """The error says where in the file the mistake is."""
    with pytest.raises(BadInput, match=r"mail:7"):
        rendered("one\n\n{{ 'a' * 3 }}")


def one_of_many(first_name: str, nonce: str) -> Rendered:
    """The same text for another person; it puts out nothing, constants, a loop and a link of ours as well."""
    body = (
        "{{ '' }}{{ 'Hello' }} {{ candidate.first_name }} {{ 3 }} {{ 'a' ~ 'b' }}"
        "{% for role in roles %} [{{ role.title }}]({{ role.url }}){% endfor %}"
        " [jobs]({{ link('jobs', 'https://acme.example/j') }})"
    )
    context = {**CONTEXT, "candidate": {**CONTEXT["candidate"], "first_name": first_name}}
    return render(a_source(body, "{{ 'Hi' }} there"), context, nonce=nonce, wrap=lambda number: f"https://go/{number}")


def test_one_text_for_many_people_holds_nothing_of_any_of_them() -> None:
    """Thousands get the same text in one morning: each mail has its own words, whoever came before."""
    mails = [one_of_many(name, nonce) for name, nonce in (("Ada", "0a" * 10), ("Bo", "0b" * 10), ("Ada", "0c" * 10))]

    texts = [f"Hello {name} 3 ab Backend engineer (https://go/1) jobs (https://go/2)" for name in ("Ada", "Bo", "Ada")]
    assert texts == [mail.text for mail in mails]
    assert ["Hi there"] * 3 == [mail.subject for mail in mails]
    assert mails[0].html == mails[2].html


def test_mistake_is_told_to_everybody() -> None:
    """A text that was refused once is refused the second time as well, with the same words."""
    refusals = []
    for _ in range(2):
        with pytest.raises(BadInput) as refusal:
            rendered("{{ candidate.first_name * 9 }}")
        refusals.append(str(refusal.value))

    assert refusals[0] == refusals[1]


def test_limits_are_for_each_mail_alone() -> None:
    """The turns of loops are counted anew for each person: the thousandth mail is as good as the first."""
    body = "{% for role in roles %}{{ role.title }} {% endfor %}"
    context = {**CONTEXT, "roles": [{"title": "x"}] * 200}

    assert {rendered(body, context).text for _ in range(60)} == {" ".join("x" * 200)}
