"""Broken in five hundred ways: the check always answers with problems at places that exist, never with a traceback."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.dsl.checks import check, has_errors
from rapport.dsl.loader import load_bytes
from rapport.dsl.mail_source import read_mail_source
from rapport.dsl.plan import compile_plan
from rapport.dsl.problem import Problem, as_json, as_text
from rapport.dsl.subject import Subject
from rapport.dsl.workspace import load_workspace

GOOD = Path(__file__).parents[2] / "sequences" / "good"
SEQUENCES = {
    path.stem: path.read_text(encoding="utf-8") for path in GOOD.glob("every-*.yaml") if ".test." not in path.name
}
TEST = (GOOD / "every-verb.test.yaml").read_text(encoding="utf-8")
PROJECT = (GOOD / "project.yaml").read_text(encoding="utf-8")
WORKSPACE = load_workspace(GOOD)
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
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 2
        assert problem.help
    assert as_text(problems).encode("utf-8", "replace") is not None
    assert as_json(problems)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(SEQUENCES)), edits=EDITS)
def test_a_broken_sequence_is_problems_and_a_whole_one_compiles(name: str, edits: list[tuple[str, int, str]]) -> None:
    """Slips of the hand are named; what is not named walks."""
    data = broken(SEQUENCES[name], edits)
    loaded = load_bytes(data, f"{name}.yaml")
    others: dict[str, Subject] = {}
    subject = Subject(name=name, loaded=loaded, project=WORKSPACE.project, mails=WORKSPACE.texts, sequences=others)
    others |= dict.fromkeys(SEQUENCES, subject)

    problems = check(subject, "sequence")

    assert_readable(problems, data)
    if not has_errors(problems):
        assert compile_plan(name, loaded.tree).nodes


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_broken_test_file_is_problems(edits: list[tuple[str, int, str]]) -> None:
    """Test files are checked as strictly as sequences."""
    data = broken(TEST, edits)
    sequences = {name: Subject(name=name, loaded=load_bytes(text.encode(), name)) for name, text in SEQUENCES.items()}
    subject = Subject(name="t", loaded=load_bytes(data, "t"), project=WORKSPACE.project, sequences=sequences)

    assert_readable(check(subject, "test"), data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_broken_project_is_problems(edits: list[tuple[str, int, str]]) -> None:
    """So is project.yaml."""
    data = broken(PROJECT, edits)

    assert_readable(check(Subject(name="project", loaded=load_bytes(data, "project.yaml")), "project"), data)


@settings(max_examples=100, deadline=None)
@given(
    text=st.lists(PIECES | st.sampled_from(["---\n", "subject: ", "{% if x %}", "}}", "link('a', b)", "|upper"])).map(
        "".join
    )
)
def test_a_broken_mail_is_problems(text: str) -> None:
    """A mail text can hold anything; reading it never fails."""
    source = read_mail_source(text, "mails/a.md")

    assert all(problem.line >= 1 and problem.help for problem in source.problems)
