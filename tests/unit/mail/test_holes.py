"""What the check says about empty fields is what rendering does about them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rapport.mail.layout
from rapport.dsl.mail_source import LAYOUTS
from rapport.mail.render import Rendered, render
from tests.unit.mail.builders import a_source

_NOBODY: dict[str, Any] = {
    "candidate": {"first_name": None, "city": None, "skills": []},
    "event": {"title": None},
    "sender": {"name": "Anna Koch"},
    "roles": [],
}
_FIELDS = st.sampled_from(["candidate.first_name", "candidate.city", "event.title", "sender.name"])
_TESTS = st.one_of(
    _FIELDS,
    _FIELDS.map(lambda field: f"not {field}"),
    st.builds(lambda one, other, word: f"{one} {word} {other}", _FIELDS, _FIELDS, st.sampled_from(["and", "or"])),
    _FIELDS.map(lambda field: f"{field} == 'Bonn'"),
    _FIELDS.map(lambda field: f"{field} is none"),
)
_VALUES = st.one_of(
    _FIELDS,
    _FIELDS.map(lambda field: f"{field} or 'x'"),
    st.builds(lambda one, other: f"{one} or {other}", _FIELDS, _FIELDS),
    st.builds(lambda one, test, other: f"{one} if {test} else {other}", _FIELDS, _TESTS, _FIELDS),
    _FIELDS.map(lambda field: f"{field} | upper"),
    _FIELDS.map(lambda field: f"{field} | default('x') | upper"),
    _FIELDS.map(lambda field: f"'a' ~ {field}"),
)
_TEXTS = st.recursive(
    _VALUES.map(lambda value: f"{{{{ {value} }}}} "),
    lambda inner: st.one_of(
        st.builds(lambda test, one, two: f"{{% if {test} %}}{one}{{% else %}}{two}{{% endif %}}", _TESTS, inner, inner),
        st.builds(lambda one, two: one + two, inner, inner),
    ),
    max_leaves=5,
)


def rendered(body: str, context: dict[str, Any]) -> Rendered:
    """The mail for one person."""
    return render(a_source(body, "Hello"), context, nonce="ab12", wrap=str)


@pytest.mark.parametrize(
    ("body", "bare"),
    [
        ("{{ candidate.city }}", ["candidate.city"]),
        ("{{ candidate.city or event.title }}", ["event.title"]),
        ("{{ candidate.city | upper }}", ["candidate.city"]),
        ("{{ candidate.city | default('x') }}{{ candidate.skills | length }}", []),
        ("{% if candidate.city or sender.name %}{{ candidate.city }}{% endif %}", ["candidate.city"]),
        ("{% if candidate.city and event.title %}{{ candidate.city }}{% endif %}", []),
        (
            "{% if not candidate.city %}{{ candidate.city }}{% else %}{{ candidate.city }}{% endif %}",
            ["candidate.city"],
        ),
        ("{% if candidate.city is not none %}{{ candidate.city }}{% endif %}", []),
        ("{{ candidate.city if candidate.city else event.title }}", ["event.title"]),
        ("{% for skill in candidate.skills %}{{ skill }}{% endfor %}", []),
    ],
)
def test_a_field_is_bare_where_nothing_is_said_instead(body: str, bare: list[str]) -> None:
    """A guard counts where it leads, and nowhere else."""
    assert bare == [use.path for use in a_source(body).uses if use.bare]


@settings(max_examples=300)
@given(_TEXTS)
def test_a_mail_without_a_bare_field_has_no_hole_for_anybody(body: str) -> None:
    """What the check lets through can be sent to somebody of whom we know nothing, and says so in no odd way."""
    bare = {use.path for use in a_source(body).uses if use.bare} - {"sender.name"}

    if not bare:
        assert "none" not in rendered(body, _NOBODY).text.lower()


def test_a_default_stands_in_for_what_is_not_known() -> None:
    """`| default('there')` is what many write first, and it does what it says."""
    said = rendered("Hi {{ candidate.first_name | default('there') }}, {{ sender.name | default('x') }}", _NOBODY)

    assert "Hi there, Anna Koch" == said.text


def test_every_layout_that_a_mail_may_name_is_there() -> None:
    """The check knows the layouts by name, because it never renders one."""
    folder = Path(rapport.mail.layout.__file__).parent / "layouts"

    assert set(LAYOUTS) == {path.stem for path in folder.glob("*.html")}
