"""A folder of sequences, read and checked as a whole."""

import shutil
import time
from pathlib import Path

import pytest

from rapport.dsl.workspace import load_workspace

SEQUENCES = Path(__file__).parents[2] / "sequences"
GOOD = SEQUENCES / "good"
SHARED = Path(__file__).parents[4] / "shared" / "examples" / "sequences"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the good folder that a test may change."""
    return Path(shutil.copytree(GOOD, tmp_path / "sequences"))


def rules(folder: Path) -> set[str]:
    """The rules that complain."""
    return {problem.rule for problem in load_workspace(folder).problems}


def test_a_good_folder_is_clean() -> None:
    """Every verb, event, condition and form of the language passes, without even a warning."""
    workspace = load_workspace(GOOD)

    assert () == workspace.problems
    assert ["every-condition", "every-event", "every-verb"] == sorted(workspace.sequences)
    assert ["every-verb"] == list(workspace.tests)
    assert {"welcome", "welcome.de", "check-in"} == set(workspace.mails)
    assert {"invited"} == set(workspace.notes)


def test_the_examples_have_no_errors() -> None:
    """The three sequences that we show to everybody can run; their warnings are for who copies them."""
    if not SHARED.is_dir():
        pytest.skip("the shared examples are not beside this repository")
    workspace = load_workspace(SHARED)

    assert [] == [problem for problem in workspace.problems if problem.severity == "error"]
    assert {"welcome-engineering", "job-fair-follow-up", "silver-medalists"} == set(workspace.sequences)


def test_a_file_with_errors_is_not_among_the_sequences(folder: Path) -> None:
    """What has errors cannot be started by mistake; the others can."""
    file = folder / "every-verb.yaml"
    file.write_text(file.read_text().replace("send: welcome", "sned: welcome"))

    workspace = load_workspace(folder)

    assert {"every-event", "every-condition"} == set(workspace.sequences)
    assert workspace.has_errors


def test_a_single_file_is_checked_in_the_light_of_its_folder(folder: Path) -> None:
    """`check FILE` knows project.yaml and the mails, and reports that file only."""
    (folder / "every-event.yaml").write_text("nonsense")

    assert () == load_workspace(folder / "every-condition.yaml").problems
    assert len(load_workspace(folder / "every-event.yaml").problems) == 1


def test_the_project_may_stand_above(folder: Path) -> None:
    """The nearest project.yaml above a folder is the folder's."""
    inner = folder / "team"
    inner.mkdir()
    shutil.move(folder / "mails", inner / "mails")
    shutil.move(folder / "every-condition.yaml", inner / "every-condition.yaml")

    assert () == load_workspace(inner).problems


def test_no_project_is_a_problem(folder: Path) -> None:
    """Without project.yaml nobody knows who sends."""
    (folder / "project.yaml").unlink()

    assert rules(folder) == {"no-project"}


def test_another_ending_is_named(folder: Path) -> None:
    """A sequence that nobody reads is not passed over in silence."""
    (folder / "every-event.yaml").rename(folder / "every-event.yml")

    assert "every-event.yml" in {Path(problem.file).name for problem in load_workspace(folder).problems}


def test_a_mail_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    """A link could lead to any file of the machine."""
    (tmp_path / "secret.md").write_text("---\nsubject: x\n---\n")
    (folder / "mails" / "check-in.md").unlink()
    (folder / "mails" / "check-in.md").symlink_to(tmp_path / "secret.md")

    assert {"mail-symlink", "missing-template"} == rules(folder)


def test_a_language_without_the_link_that_a_step_waits_for(folder: Path) -> None:
    """German readers need the link as well, or their step never comes true."""
    (folder / "mails" / "welcome.de.md").write_text("---\nsubject: Willkommen\n---\nHallo!\n")

    assert {"unknown-link"} == rules(folder)


def test_a_broken_mail_takes_its_sequences_out(folder: Path) -> None:
    """A sequence whose mail cannot be rendered must not start."""
    (folder / "mails" / "check-in.md").write_text("---\nsubject: {{ candidate.first_name\n---\n")

    workspace = load_workspace(folder)

    assert {"every-event", "every-condition"} == set(workspace.sequences)


def test_a_typo_in_a_text_keeps_the_version_and_a_new_variable_does_not(folder: Path) -> None:
    """People keep their plan when a text is put right; a text that needs more is a new version."""
    mail = folder / "mails" / "welcome.md"
    before = load_workspace(folder).sequences["every-event"].version
    mail.write_text(mail.read_text().replace("Read", "Do read"))
    typo = load_workspace(folder).sequences["every-event"].version
    mail.write_text(mail.read_text() + "{{ candidate.city or 'there' }}\n")
    more = load_workspace(folder).sequences["every-event"].version

    assert before == typo
    assert before != more


def test_the_title_and_the_owner_are_not_part_of_the_version(folder: Path) -> None:
    """A rename in reports moves nobody to a new version."""
    file = folder / "every-event.yaml"
    before = load_workspace(folder).sequences["every-event"].version
    file.write_text(file.read_text().replace("title: Every event", "title: Each event # once"))

    assert before == load_workspace(folder).sequences["every-event"].version


def test_more_than_a_hundred_problems_are_cut_and_said(folder: Path) -> None:
    """A file of another kind does not flood the screen, and never passes."""
    steps = "".join(f"  - {{id: s{n}, wait: 7d}}\n" for n in range(150))
    (folder / "every-event.yaml").write_text(
        f"schema: 1\ntitle: T\nowner: anna-koch\npurpose: nurture\nsteps:\n{steps}"
    )

    problems = [problem for problem in load_workspace(folder).problems if problem.file.endswith("every-event.yaml")]

    assert len(problems) <= 101
    assert "many-problems" == problems[-1].rule


def test_twenty_steps_are_checked_in_no_time(folder: Path) -> None:
    """The check can run on every save: under ten milliseconds for a file of twenty steps."""
    steps = "".join(
        f"  - {{id: s{n}, send: check-in, from: talent-team}}\n"
        f"  - {{id: w{n}, wait_for: {{replied: s{n}}}, within: 7 days, then: [{{id: t{n}, tag: {{add: x}}}}]}}\n"
        for n in range(7)
    )
    text = f"schema: 1\ntitle: T\nowner: anna-koch\npurpose: nurture\nexit: [{{replied: any}}]\nsteps:\n{steps}"
    load_workspace(folder)
    (folder / "long.yaml").write_text(text)
    alone = _seconds(folder)
    for n in range(20):
        (folder / f"long-{n}.yaml").write_text(text)

    # Twice the promise, for a machine that does other things as well.
    assert (_seconds(folder) - alone) / 20 < 0.020


def _seconds(folder: Path) -> float:
    runs = []
    for _ in range(3):
        before = time.process_time()
        load_workspace(folder)
        runs.append(time.process_time() - before)
    return min(runs)
