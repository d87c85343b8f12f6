"""Broken in a thousand ways: the check always answers with problems at places that exist, never with a traceback."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.dsl.checks import check, has_errors
from rapport.dsl.declared import declared_by
from rapport.dsl.loader import load_bytes
from rapport.dsl.mail_source import read_mail_source
from rapport.dsl.plan import compile_plan
from rapport.dsl.problem import Problem, as_json, as_text
from rapport.dsl.subject import Subject
from rapport.dsl.workspace import load_workspace
from rapport.usecases.walk_rules import WALK_RULES
from tests.whole_sequences import as_yaml, whole_sequences

GOOD = Path(__file__).parents[2] / "sequences" / "good"
SEQUENCES = {
    path.stem: path.read_text(encoding="utf-8") for path in GOOD.glob("every-*.yaml") if ".test." not in path.name
}
TEST = (GOOD / "every-verb.test.yaml").read_text(encoding="utf-8")
PROJECT = (GOOD / "project.yaml").read_text(encoding="utf-8")
WORKSPACE = load_workspace(GOOD)
# `make soak` tries more.
USUAL = settings.default.max_examples if settings.default else 0
# Pieces that YAML, our grammar or Python's strings are most likely to stumble over.
MARKS = ["{", "}", "[", "]", ":", "- ", "#", "&a ", "*a", "!!x ", "|", "> ", "'", '"', "{{", "---\n", "[]", "{}", "~"]
STRANGE = ["\t", "\0", "\r", "\u2028", "\ufeff", "💌", "e\u0301", "\n"]
WORDS = ["null", "7", "-1 day", "0.5", "true", "send", "then", "steps:", "any: "]
PIECES = st.sampled_from([*MARKS, *STRANGE, *WORDS]) | st.text(max_size=5)
EDITS = st.lists(
    st.tuples(st.sampled_from(["drop", "twice", "swap", "insert", "cut", "indent", "value"]), st.integers(0), PIECES),
    min_size=1,
    max_size=4,
)


def broken(text: str, edits: list[tuple[str, int, str]]) -> bytes:
    """The text after some slips of the hand."""
    for how, place, piece in edits:
        lines = text.split("\n")
        at = place % len(lines)
        char = place % (len(text) + 1)
        match how:
            case "drop":
                lines = lines[:at] + lines[at + 1 :] or [""]
            case "twice":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[at - 1] = lines[at - 1], lines[at]
            case "indent":
                lines[at] = "  " + lines[at]
            case "value":
                lines[at] = f"{lines[at].partition(': ')[0]}: {piece}"
            case "insert":
                text = text[:char] + piece + text[char:]
                continue
            case _:
                text = text[:char]
                continue
        text = "\n".join(lines)
    return text.encode("utf-8", "surrogatepass")


def assert_readable(problems: tuple[Problem, ...], data: bytes) -> None:
    """Every problem is at a place of the file, and can be printed."""
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.help
    assert as_text(problems).encode("utf-8", "replace") is not None
    assert as_json(problems)


def checked(name: str, data: bytes) -> tuple[Subject, tuple[Problem, ...]]:
    """A sequence among those of the folder, and what every rule has against it."""
    others: dict[str, Subject] = {}
    for other, text in SEQUENCES.items():
        loaded = load_bytes(data if other == name else text.encode(), f"{other}.yaml")
        others[other] = Subject(
            name=other, loaded=loaded, project=WORKSPACE.project, mails=WORKSPACE.texts, sequences=others
        )
    subject = others[name]
    return subject, check(subject, "sequence", WALK_RULES)


@settings(max_examples=max(300, USUAL), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(SEQUENCES)), edits=EDITS)
def test_a_broken_sequence_is_problems_and_a_whole_one_compiles(name: str, edits: list[tuple[str, int, str]]) -> None:
    """Slips of the hand are named; what is not named walks."""
    data = broken(SEQUENCES[name], edits)

    subject, problems = checked(name, data)

    assert_readable(problems, data)
    if not has_errors(problems):
        assert compile_plan(name, subject.loaded.tree).nodes


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 0.5, 10**14, "", "any", "7 days", "welcome", [], {}, ["any"], [[]], {"any": "any"}, {"": None}]
)


def routes(tree: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a value."""
    yield route
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from routes(value, (*route, key))


@settings(max_examples=max(200, USUAL), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), tree=whole_sequences())
def test_a_right_shape_with_wrong_values_is_problems(data: st.DataObject, tree: dict[str, Any]) -> None:
    """Keys that go missing, values in each other's place, and values of other kinds are named as well."""
    tree = deepcopy(tree)  # parts of it belong to the strategy
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from([*routes(tree)][1:] or [("schema",)]))
        owner: Any = tree
        for part in above:
            owner = owner[part]
        how = data.draw(st.sampled_from(["drop", "value", "swap"]))
        if how == "drop":
            del owner[last]
        elif how == "swap":
            other = data.draw(st.sampled_from([*owner] if isinstance(owner, dict) else [*range(len(owner))]))
            owner[last], owner[other] = owner[other], owner[last]
        else:
            owner[last] = deepcopy(data.draw(VALUES))  # the next slip may change it
    written = as_yaml(tree).encode()

    subject, problems = checked("every-verb", written)

    assert_readable(problems, written)
    if not has_errors(problems):
        assert compile_plan("every-verb", subject.loaded.tree).nodes


@settings(max_examples=max(100, USUAL), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(SEQUENCES)), place=st.integers(0), garbage=st.binary(min_size=1, max_size=6))
def test_garbage_in_a_sequence_is_a_problem(name: str, place: int, garbage: bytes) -> None:
    """A bad disk, a bad merge or a file that is no text: the message says where it stops being one."""
    whole = SEQUENCES[name].encode()
    at = place % (len(whole) + 1)
    data = whole[:at] + garbage + whole[at:]

    assert_readable(checked(name, data)[1], data)


@settings(max_examples=max(100, USUAL), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_broken_test_file_is_problems(edits: list[tuple[str, int, str]]) -> None:
    """Test files are checked as strictly as sequences."""
    data = broken(TEST, edits)
    sequences = {name: Subject(name=name, loaded=load_bytes(text.encode(), name)) for name, text in SEQUENCES.items()}
    subject = Subject(name="t", loaded=load_bytes(data, "t"), project=WORKSPACE.project, sequences=sequences)

    assert_readable(check(subject, "test"), data)


@settings(max_examples=max(100, USUAL), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_broken_project_is_problems(edits: list[tuple[str, int, str]]) -> None:
    """So is project.yaml, and what can be read of it is enough to check a sequence by."""
    data, verb = broken(PROJECT, edits), SEQUENCES["every-verb"].encode()
    loaded = load_bytes(data, "project.yaml")
    project, unsure = declared_by(loaded)
    beside = Subject(name="every-verb", loaded=load_bytes(verb, "every-verb.yaml"), project=project, unsure=unsure)

    assert_readable(check(Subject(name="project", loaded=loaded), "project"), data)
    assert_readable(check(beside, "sequence"), verb)


@settings(max_examples=max(100, USUAL), deadline=None)
@given(
    text=st.lists(PIECES | st.sampled_from(["---\n", "subject: ", "{% if x %}", "}}", "link('a', b)", "|upper"])).map(
        "".join
    )
)
def test_a_broken_mail_is_problems(text: str) -> None:
    """A mail text can hold anything; reading it never fails."""
    source = read_mail_source(text, "mails/a.md")

    assert all(problem.line >= 1 and problem.help for problem in source.problems)
