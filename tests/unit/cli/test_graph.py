"""`rapport graph`, as a marketer calls it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.graph import graph

_SHIPPED = Path(__file__).parents[3] / "sequences"


def test_a_sequence_is_printed_as_mermaid() -> None:
    """It can be pasted into a pull request."""
    result = CliRunner().invoke(graph, ["welcome-engineering", "--in", str(_SHIPPED)], standalone_mode=False)

    assert result.return_value == 0
    assert result.output.startswith("flowchart TD\n")
    assert 's3 -- "short 50%" --> s4' in result.output


@pytest.mark.parametrize("sequence", [path.name.split(".")[0] for path in _SHIPPED.glob("*.test.yaml")])
def test_shipped_sequences_are_drawn_into_a_file(sequence: str, tmp_path: Path) -> None:
    """One picture, written where it was asked for."""
    picture = tmp_path / "g.svg"

    arguments = [sequence, "--in", str(_SHIPPED), "--format", "svg", "-o", str(picture)]
    result = CliRunner().invoke(graph, arguments, standalone_mode=False)

    assert result.return_value == 0
    assert f"steps in {picture}" in result.output
    assert picture.read_text(encoding="utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_a_drawing_changes_only_with_its_sequence(tmp_path: Path) -> None:
    """A picture in a repository makes no noise in a diff."""
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for picture in pictures:
        arguments = ["silver-medalists", "--in", str(_SHIPPED), "--format", "svg", "-o", str(picture)]
        CliRunner().invoke(graph, arguments, standalone_mode=False)

    assert pictures[0].read_bytes() == pictures[1].read_bytes()


def test_counts_are_drawn_at_their_steps(tmp_path: Path) -> None:
    """Figures of a sequence stand where they belong, in both drawings."""
    counts = tmp_path / "counts.json"
    counts.write_text('{"welcome": 1240}', encoding="utf-8")
    arguments = ["welcome-engineering", "--in", str(_SHIPPED), "--counts", str(counts)]

    drawn = {form: CliRunner().invoke(graph, [*arguments, "--format", form]).output for form in ("mermaid", "svg")}

    assert "<br>1,240 people" in drawn["mermaid"]
    assert ">1,240 people</text>" in drawn["svg"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"welcom": 3}', 'no step is called "welcom" — did you mean "welcome"?'),
        ('{"welcome": -1}', "something else than numbers of people"),
        ('{"welcome": true}', "something else than numbers of people"),
        ("[]", "something else than numbers of people"),
        ("{", "is no JSON"),
    ],
)
def test_a_wrong_count_is_not_drawn(tmp_path: Path, text: str, said: str) -> None:
    """A figure that belongs nowhere is a mistake, not a guess."""
    counts = tmp_path / "counts.json"
    counts.write_text(text, encoding="utf-8")

    result = CliRunner().invoke(graph, ["welcome-engineering", "--in", str(_SHIPPED), "--counts", str(counts)])

    assert 2 == result.exit_code
    assert said in " ".join(result.output.replace("│", " ").split())
