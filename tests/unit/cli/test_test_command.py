"""`rapport test`, as a marketer reads it."""

from pathlib import Path

import pytest

from tests.unit.cli.hello import SEQUENCE, hello_folder, run_test, write_case

SILENT = "{mails: [{day 0: hello}, {day 7 10:00: hello}], ends: end}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of sequences, and the place where we are."""
    monkeypatch.chdir(hello_folder(tmp_path))
    return Path()


def test_cases_that_hold_are_only_counted_and_gaps_are_noted(folder: Path) -> None:
    """Silence is good news; a step without a test is worth a line."""
    write_case(folder, SILENT)

    result = run_test(folder)

    assert (0, "note: hello.yaml:13:12: no case reaches warm\n1 case: 1 passed, 0 failed\n") == (
        result.return_value,
        result.output,
    )


def test_a_failing_case_shows_expected_got_and_why_line_by_line(folder: Path) -> None:
    """Two columns, the rows that differ marked; below, what happened and why, each line with its place."""
    write_case(
        folder,
        "{mails: [{day 0: hello}, {day 7: hello}], actions: [warm], ends: replied}",
        when="{day 3 09:30: {clicked: hello}}",
        case="clicks",
    )

    result = run_test(folder)

    assert result.return_value == 1
    assert result.output == (
        "FAIL  hello / clicks (1 mail, ends: end)\n"
        "      hello.test.yaml:5:5\n"
        "      ok  expected day 0: hello    got day 0   Mon 02 Mar 10:00  hello\n"
        "      →   expected day 7: hello    got (nothing)\n"
        "      ok  expected action warm     got day 3   Thu 05 Mar 09:30  action warm\n"
        "      →   expected ends: replied   got ends: end\n"
        "      why:\n"
        "        day 0    Mon 02 Mar 2026 10:00  hello              Send hello"
        "                                                hello.yaml:9\n"
        "        day 0    Mon 02 Mar 2026 10:00  read               Wait 7 days for a click on hello,"
        " until Mon 09 Mar 10:00  hello.yaml:10\n"
        "        day 3    Thu 05 Mar 2026 09:30  (happens)          clicked: hello"
        "                                            hello.test.yaml:6\n"
        "        day 3    Thu 05 Mar 2026 09:30  read               a click on hello happened → then"
        "                          hello.yaml:10\n"
        "        day 3    Thu 05 Mar 2026 09:30  warm               Add tag warm"
        "                                              hello.yaml:13\n"
        "        day 3    Thu 05 Mar 2026 09:30                     ends: end\n"
        "\n"
        "note: hello.yaml:14:12: no case reaches again\n"
        "1 case: 0 passed, 1 failed\n"
    )


def test_a_mail_too_many_moves_no_other_row_out_of_place(folder: Path) -> None:
    """What is right stays right beside what is not."""
    write_case(folder, "{mails: [{day 7: hello}]}")

    result = run_test(folder)

    assert (
        "      →   expected (nothing)      got day 0   Mon 02 Mar 10:00  hello\n"
        "      ok  expected day 7: hello   got day 7   Mon 09 Mar 10:00  hello\n"
    ) in result.output


def test_the_end_of_a_walk_names_the_line_that_ended_it(folder: Path) -> None:
    """An exit has a place in the file, and a reply has one in the test."""
    write_case(folder, "{ends: end}", when="{day 2: replied}")

    result = run_test(folder)

    lines = result.output.splitlines()
    happened, ended = (next(line for line in lines if word in line) for word in ("(happens)", "  ends: replied"))
    assert happened.split()[-2:] == ["replied", "hello.test.yaml:6"]
    assert ended.split()[-3:] == ["ends:", "replied", "hello.yaml:6"]


def test_a_script_that_comes_before_its_mail_is_a_mistake_of_the_test(folder: Path) -> None:
    """A reply to a mail that was not sent fails the case, with the line of the script."""
    (folder / "hello.yaml").write_text(SEQUENCE.replace("steps:\n", "steps:\n  - {id: week, wait: 7 days}\n"))
    write_case(folder, "{ends: end}", when="{day 1: {replied: hello}}")

    result = run_test(folder)

    said = "hello.test.yaml:6:12: replied: hello has not been sent by then; move it, or send the mail earlier"
    assert (1, True) == (result.return_value, said in result.output)


def test_a_click_on_any_mail_needs_a_mail(folder: Path) -> None:
    """Nobody clicks before the first mail; later, `any` is the latest one."""
    (folder / "hello.yaml").write_text(SEQUENCE.replace("steps:\n", "steps:\n  - {id: week, wait: 7 days}\n"))
    write_case(folder, "{actions: [warm]}", when="{day 1: {clicked: any}}, {day 8: {clicked: any}}")

    too_early = run_test(folder)
    write_case(folder, "{actions: [warm]}", when="{day 8: {clicked: any}}")
    in_time = run_test(folder)

    assert "clicked: a mail has not been sent by then" in too_early.output
    assert (1, 0) == (too_early.return_value, in_time.return_value)


def test_a_mistake_in_a_file_comes_before_any_case(folder: Path) -> None:
    """Nothing is run on a sequence with errors."""
    write_case(folder, SILENT)
    (folder / "hello.yaml").write_text(SEQUENCE.replace("send: hello", "sned: hello", 1))

    result = run_test(folder)

    assert (1, True) == (result.return_value, 'did you mean "send"?' in result.output)


def test_one_file_runs_its_own_cases_only(folder: Path) -> None:
    """A marketer at work on one sequence waits for no other."""
    write_case(folder, SILENT)
    (folder / "other.yaml").write_text(SEQUENCE)
    (folder / "other.test.yaml").write_text((folder / "hello.test.yaml").read_text().replace("hello\n", "other\n", 1))

    both, one, by_sequence = run_test(folder), run_test("other.test.yaml"), run_test("hello.yaml")

    assert ["2 cases:", "1 case:", "1 case:"] == [
        " ".join(result.output.splitlines()[-1].split()[:2]) for result in (both, one, by_sequence)
    ]


def test_a_sequence_with_mistakes_beside_the_file_is_named(folder: Path) -> None:
    """A test of a broken sequence says where to look."""
    write_case(folder, SILENT)
    (folder / "hello.yaml").write_text(SEQUENCE.replace("send: hello", "sned: hello", 1))

    result = run_test("hello.test.yaml")

    assert "hello has mistakes. See them with: rapport check ." in str(result.exception)


def test_a_folder_without_cases_is_no_success(folder: Path) -> None:
    """Green without a test would lie."""
    result = run_test(folder)

    said = "No case was run: there is no test file. Write ./<sequence>.test.yaml; `rapport new` writes one too.\n"
    assert (1, said) == (result.return_value, result.output)


def test_a_filter_that_fits_nothing_says_what_there_is(folder: Path) -> None:
    """A typo in the filter is no green run."""
    write_case(folder, SILENT)

    result = run_test(folder, "--filter", "helo")

    said = "No case was run: neither a sequence nor a case contains 'helo'. There are tests of hello.\n"
    assert (1, said) == (result.return_value, result.output)


def test_a_case_that_cannot_be_walked_is_named(folder: Path) -> None:
    """A morning in Tokyo is a night in Berlin, when no mail goes; the case says so with its place."""
    never = '\nwindows: {tokyo: {between: ["09:00", "11:00"], zone: Asia/Tokyo}}\n'
    (folder / "project.yaml").write_text((folder / "project.yaml").read_text() + never)
    (folder / "hello.yaml").write_text(SEQUENCE.replace("send: hello}", "send: hello, send_between: tokyo}", 1))
    write_case(folder, SILENT)

    result = run_test(folder)

    assert (
        "hello.test.yaml:5:5: No mail may go in the 400 days after 2026-03-02" in f"{result.output}{result.exception}"
    )
