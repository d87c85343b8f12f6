"""Whatever a sequence says and wherever somebody commented it: the layout keeps both."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.read import comments_in
from rapport.dsl.loader import load_text
from rapport.dsl.plan import compile_plan, version_of
from tests.strategies import trees

_HEAD = {"schema": 1, "title": "Made up", "owner": "anna-koch", "start": {"when": {"added_to_pool": "engineering"}}}
# How somebody else's tool, or a person in a hurry, may have laid the file out. No line is folded: a comment that is
# put between two lines of one text would be a part of that text.
_WAYS = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([None, True, False]),
        "sort_keys": st.booleans(),
        "indent": st.integers(2, 6),
    }
)
_QUOTES = st.sampled_from(["", "'", '"'])
_PLACES = st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=6)


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A sequence in somebody's layout, with their remarks."""
    quote = draw(_QUOTES)

    class Dumper(yaml.SafeDumper):
        """Writes every value where it stands, and texts in one kind of quotes."""

        def ignore_aliases(self, data: Any) -> bool:
            del data
            return True

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, quote))
    text: str = yaml.dump(_HEAD | draw(trees()), Dumper=Dumper, width=10**6, allow_unicode=True, **draw(_WAYS))  # type: ignore[call-overload]  # the stubs want to see each option
    return _commented(text, draw(_PLACES))


def _commented(text: str, places: list[tuple[int, bool]]) -> str:
    """Put a comment above some lines, indented like them, and at the end of others."""
    lines = text.splitlines()
    for number, (place, above) in enumerate(places):
        at = place % len(lines)
        if above:
            margin = len(lines[at]) - len(lines[at].lstrip(" "))
            lines.insert(at, f"{' ' * margin}# remark {number}")
        elif "#" not in lines[at]:
            lines[at] += f" # remark {number}"
    return "\n".join(lines) + "\n"


def _laid(text: str) -> str:
    laid = lay_out(text.encode(), "made-up.yaml", "sequence")
    assert laid.text is not None, laid.problems
    return laid.text


def _loaded(text: str) -> Any:
    return load_text(text, "made-up.yaml").tree


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=_files())
def test_values_versions_and_comments_stay(before: str) -> None:
    """A formatted sequence is the same sequence in the same version, with every remark that was in it."""
    after = _laid(before)

    assert _loaded(before) == _loaded(after)
    assert _version(before) == _version(after)
    assert Counter(comments_in(before)) == Counter(comments_in(after))


def _version(text: str) -> str:
    tree = _loaded(text)
    return version_of(compile_plan("made-up", tree), tree["start"], {})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=_files())
def test_formatting_twice_changes_nothing(before: str) -> None:
    """A colleague who formats the file again gets no difference, and no line ends with a space."""
    once = _laid(before)

    assert once == _laid(once)
    assert [] == [line for line in once.splitlines() if line != line.rstrip()]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=_files())
def test_a_comment_stays_at_its_step(before: str) -> None:
    """What somebody noted about one step is never read as a note about another."""
    after = _homes(_laid(before))

    strayed = {remark: (ids, after[remark]) for remark, ids in _homes(before).items() if not ids & after[remark]}
    assert {} == strayed


def _homes(text: str) -> dict[str, set[str]]:
    """For every remark the steps on its line, or, where it has a line of its own, the step that begins on the next."""
    steps = _steps_by_line(text)
    lines = text.splitlines()
    homes = {}
    for number, line in enumerate(lines, 1):
        before, mark, remark = line.partition("# ")
        if mark and before.strip():
            homes[remark] = {name for _, name in steps[number]}
        elif mark:
            following = next((at for at in range(number + 1, len(lines) + 1) if at in steps), None)
            homes[remark] = {min(steps[following])[1]} if following else {""}
    return homes


def _steps_by_line(text: str) -> dict[int, set[tuple[int, str]]]:
    """By line, the step that each of its keys and values belongs to, with the column of that token."""
    loaded = load_text(text, "made-up.yaml")
    found: dict[int, set[tuple[int, str]]] = {}
    for route, place in loaded.places.items():
        spans = (place.key, None if isinstance(_at(loaded.tree, route), dict | list) else place.value)
        for span in filter(None, spans):
            found.setdefault(span.line, set()).add((span.column, _step_of(loaded.tree, route)))
    return found


def _at(tree: Any, route: tuple[str | int, ...]) -> Any:
    for part in route:
        tree = tree[part]
    return tree


def _step_of(tree: Any, route: tuple[str | int, ...]) -> str:
    """The id of the innermost step around a value; empty outside of the steps."""
    return next(reversed(list(_ids(tree, route))), "")


def _ids(tree: Any, route: tuple[str | int, ...]) -> Iterator[str]:
    for part in route:
        tree = tree[part]
        if isinstance(tree, dict) and "id" in tree:
            yield tree["id"]
