"""`lint: allow RULE — reason`: one place is excused, with a word to the reviewers."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.dsl.allow import Allowances
from rapport.dsl.allow_comments import comments_in_mail, comments_in_yaml, without_comments
from rapport.dsl.problem import Problem, Source
from rapport.dsl.rules.rulebook import RULEBOOK
from rapport.dsl.workspace import load_workspace
from tests.rule_pages import PAGES

SEQUENCES = PAGES.parents[1] / "tests" / "sequences" / "good"
HEAD = """\
schema: 1
title: Example
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
"""
WAIT = "  - {id: opened, wait_for: {opened: hello}, within: 3 days}"


def said(tmp_path: Path, steps: str) -> list[tuple[int, str]]:
    """The line and rule of every problem in a sequence with these steps; `steps:` is on line 7."""
    (tmp_path / "project.yaml").write_bytes((SEQUENCES / "project.yaml").read_bytes())
    (tmp_path / "mails").mkdir(exist_ok=True)
    (tmp_path / "mails" / "welcome.md").write_text("---\nsubject: Hello\n---\nHello.\n", encoding="utf-8")
    file = tmp_path / "example.yaml"
    file.write_text(f"{HEAD}steps:\n  - {{id: hello, send: welcome}}\n{steps}\n", encoding="utf-8")
    return [(problem.line, problem.rule) for problem in load_workspace(file).problems]


@pytest.mark.parametrize("dash", ["—", "\N{EN DASH}", "-", "--"])
def test_a_comment_on_the_line_allows_it(tmp_path: Path, dash: str) -> None:
    """What was agreed is not said again; the dash may be typed as the keyboard has it."""
    assert [] == said(tmp_path, f"{WAIT}  # lint: allow open-as-gate {dash} only for the tone")


def test_a_comment_above_the_line_allows_it(tmp_path: Path) -> None:
    """A long line keeps its length; other comments may stand between."""
    assert [] == said(tmp_path, f"  # lint: allow open-as-gate — only for the tone\n  # see the plan\n{WAIT}")


def test_a_comment_allows_nothing_on_other_lines(tmp_path: Path) -> None:
    """Only this place was agreed upon."""
    other = WAIT.replace("id: opened", "id: again")

    problems = said(tmp_path, f"{WAIT}  # lint: allow open-as-gate — only for the tone\n{other}")

    assert [(10, "open-as-gate")] == problems


def test_a_comment_may_name_several_rules(tmp_path: Path) -> None:
    """One reason can cover two rules."""
    again = "  - {id: again, send: welcome}"

    assert [] == said(tmp_path, f"{again}  # lint: allow same-mail-twice - sent anew on purpose")
    assert [(9, "allow-unused")] == said(
        tmp_path, f"{again}  # lint: allow same-mail-twice, open-as-gate — sent anew on purpose"
    )


@pytest.mark.parametrize("ending", ["", " —", " — ", " only for the tone", ": only for the tone"])
def test_a_comment_without_a_reason_allows_nothing(tmp_path: Path, ending: str) -> None:
    """Reviewers are owed a reason, behind a dash."""
    problems = said(tmp_path, f"{WAIT}  # lint: allow open-as-gate{ending}")

    assert (9, "open-as-gate") in problems
    assert {"open-as-gate", "allow-without-reason", "unknown-rule"} >= {rule for _, rule in problems}
    assert len(problems) > 1


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("# lint: allow opens-as-gate — a slip", "unknown-rule"),
        ("# lint: allow — no name at all", "unknown-rule"),
        ("# lint: allow no-consent — we are sure", "fixed-rule"),
        ("# lint: allow same-mail-twice — once it was", "allow-unused"),
    ],
)
def test_a_comment_that_says_it_wrongly_is_a_problem(tmp_path: Path, comment: str, rule: str) -> None:
    """A comment that does nothing must not look as if it did."""
    assert [(9, rule)] == said(tmp_path, f"  - {{id: week, wait: 7 days}}  {comment}")


def test_a_misspelled_rule_is_shown_at_its_name() -> None:
    """The caret stands under the name, and the right one is named."""
    source = Source.of("a.yaml", "steps: []   # lint: allow allow-unusd, tab — x")

    wrong, fixed = Allowances.in_yaml(source).mistakes

    assert ("unknown-rule", 27, 11) == (wrong.rule, wrong.column, wrong.width)
    assert 'no rule is called "allow-unusd" — did you mean "allow-unused"?' == wrong.message
    assert ("fixed-rule", 40, 3) == (fixed.rule, fixed.column, fixed.width)


@pytest.mark.parametrize(
    "text",
    [
        'title: "# lint: allow open-as-gate — x"',
        "title: it#lint: allow",
        "title: |\n  # lint: allow open-as-gate — x\n",
        "title: >-\n  text\n  # lint: allow open-as-gate — x\nowner: a",
        "title: 'over\n  # lint: allow open-as-gate — x\n  lines'",
    ],
)
def test_a_text_that_looks_like_a_comment_is_none(text: str) -> None:
    """What candidates or colleagues read is never an order to the check."""
    assert [] == list(comments_in_yaml(Source.of("a.yaml", text)))


def test_a_comment_below_a_block_of_text_is_one() -> None:
    """A text ends where its indentation ends."""
    text = "title: |\n  a\n\n# lint: allow open-as-gate — x\nowner: a"

    [comment] = comments_in_yaml(Source.of("a.yaml", text))

    assert ("open-as-gate — x", 5) == (comment.said, comment.about)


MAIL = """\
---
# lint: allow rule-a — reason
subject: Hello
---
Hi, <!-- lint: allow rule-b — reason -->
<!-- lint: allow rule-c — reason -->
{# lint: allow rule-d — reason #}
there.
# lint: allow rule-e — a heading
"""


def test_a_mail_has_comments_of_its_own() -> None:
    """In the front matter a line with #, in the text a comment of HTML or Jinja."""
    comments = comments_in_mail(Source.of("mails/a.md", MAIL))

    assert {"rule-a": 3, "rule-b": 5, "rule-c": 8, "rule-d": 8} == {
        comment.said.partition(" ")[0]: comment.about for comment in comments
    }


def test_candidates_never_see_our_comments() -> None:
    """Markdown would print an HTML comment into the mail."""
    comment = "<!-- lint: allow a — b -->"
    text = f"Hi, {comment}you\n  {comment}  \nthere\n{{# lint: allow a — b #}}\n<!-- kept -->"

    assert "Hi, you\nthere\n<!-- kept -->" == without_comments(text)


@given(st.text(alphabet="<!- lint:alow{#}—,\n", max_size=200))
def test_no_text_stops_the_search(text: str) -> None:
    """Whatever somebody types, the check goes on, and points into the file."""
    source = Source.of("a.md", text)

    found = [*comments_in_mail(source), *comments_in_yaml(Source.of("a.yaml", text.replace("{", "").replace("-", "")))]

    assert all(1 <= comment.about <= len(source.lines) for comment in found)


@pytest.mark.parametrize(
    "line",
    [
        "# lint: allow" + " " * 250_000 + "x",
        "<!-- lint: allow " * 15_000,
        "{# lint: allow " * 15_000,
        "# lint: allow " + "a," * 120_000 + "a — x",
        "<!-- lint: allow a — b -->" * 9_000,
    ],
)
def test_a_hostile_line_costs_no_time(line: str) -> None:
    """A file that was made to harm the check holds it up for a moment only."""
    source = Source.of("a.md", line)
    began = process_time()

    Allowances.in_mails([source])
    Allowances.in_yaml(source)
    without_comments(line)

    assert process_time() - began < 1


def test_an_allowed_problem_in_a_mail_is_not_told() -> None:
    """Mails are excused in the same way as sequences."""
    source = Source.of("mails/a.md", "Hello\n<!-- lint: allow open-as-gate — an example -->\nthere")
    problem = Problem(file="mails/a.md", line=3, column=1, rule="open-as-gate", message="m", help="h")
    allowances = Allowances.in_mails([source])

    kept = list(allowances.keep([problem]))

    assert ([], []) == (kept, list(allowances.unused()))


def test_every_rule_that_keeps_people_safe_is_fixed() -> None:
    """Consent, secrets and what makes YAML surprising are nobody's choice."""
    people = {"no-consent", "no-unsubscribe-link", "secret-in-file", "url-in-webhook"}
    safe = people | {"yaml-alias", "yaml-directive", "yaml-tag", "bad-yaml", "duplicate-key"}

    assert set() == {name for name in safe if not RULEBOOK[name].fixed}
