"""`rapport classify`: says what an incoming mail is, and why; of a folder, how many there are of each kind."""

import csv
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from rapport.errors import BadInput
from rapport.mail.classify import Score, as_json, expected_label, label
from rapport.mail.inbound import read_inbound
from rapport.mail.parsed import LARGEST_MAIL
from rapport.settings import Settings
from rapport.wiring.house import signer_of

_LISTS = ("expected.json", "expected.csv", "manifest.jsonl", "expected.jsonl")
_SHOWN = 60  # characters of a reason in a table


@click.command(short_help="Say what an incoming mail is, and why.")
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "in_json", is_flag=True, help="Print JSON.")
def classify(place: Path, *, in_json: bool) -> int:
    """Say what the mail in the file PLACE is, or count the kinds of all *.eml in the folder PLACE.

    Where a file expected.json, expected.csv or manifest.jsonl in the folder says what each mail is, the two are
    compared. Nothing is stored, and no walk hears of it. Exit code: 0, or 1 when a folder holds no mail.
    """
    if place.is_file():
        _show_one(_classified(place), in_json=in_json)
        return EXIT_OK
    found = {str(path.relative_to(place)): _classified(path) for path in sorted(place.rglob("*.eml"))}
    if not found:
        click.echo(f"There is no *.eml file in {place}.", err=True)
        return EXIT_PROBLEMS
    _show_all(found, _expected(place), in_json=in_json)
    return EXIT_OK


def _classified(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        raw = file.read(LARGEST_MAIL)
    return as_json(read_inbound(raw, None, signer_of(Settings.from_environ(os.environ))))


def _show_one(said: Mapping[str, Any], *, in_json: bool) -> None:
    if in_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    matched = said["matched"]
    click.echo(label(said["kind"], said["class"]) + (" (delayed: the server still tries)" if said["delayed"] else ""))
    for reason in said["reasons"]:
        click.echo(f"  because {reason}")
    if said["back_on"]:
        click.echo(f"  back on {said['back_on']}")
    if said["unsubscribe"]:
        click.echo(f"  asks for no more: {said['unsubscribe']}")
    click.echo(f"  leads to our mail by {matched['by']}" if matched else "  leads to no mail of ours")


def _show_all(found: Mapping[str, Mapping[str, Any]], expected: Mapping[str, str], *, in_json: bool) -> None:
    labels = {name: label(said["kind"], said["class"]) for name, said in found.items()}
    score = Score.of(expected, labels)
    wrong = sorted(
        name for name in labels if expected.get(name, labels[name]) not in (labels[name], _kind_of(labels, name))
    )
    if in_json:
        compared = {"compared": score.total, "right": score.right, "people_mistaken": score.people_mistaken()}
        summary = {"counts": dict(Counter(labels.values())), **(compared if expected else {}), "mails": dict(found)}
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    for kind, number in sorted(Counter(labels.values()).items()):
        click.echo(f"{number:6}  {kind}")
    click.echo(f"{len(labels):6}  in all")
    if expected:
        click.echo("\n" + "\n".join(score.table()) + "\n")
        for name in wrong:
            click.echo(
                f"{name}: {expected[name]}, taken for {labels[name]} ({'; '.join(found[name]['reasons'])[:_SHOWN]})"
            )
        click.echo(
            f"{score.right} of {score.total} right; "
            f"people taken for machines or the reverse: {score.people_mistaken()}."
        )


def _kind_of(labels: Mapping[str, str], name: str) -> str:
    return labels[name].partition("-")[0]


def _expected(folder: Path) -> dict[str, str]:
    """What the mails are, by file, as a list beside them says; empty when there is none."""
    place = next((folder / name for name in _LISTS if (folder / name).is_file()), None)
    if place is None:
        return {}
    try:
        rows = _rows(place)
        return {str(row["file"]): expected_label(_written(row)) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            place=str(place),
            message=f"it cannot be read ({type(error).__name__}).",
            hint="Each entry needs `file` and `kind`, and bounces a `class`.",
        ) from error


def _rows(place: Path) -> list[Mapping[str, Any]]:
    text = place.read_text(encoding="utf-8")
    if place.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    if place.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    tree = json.loads(text)
    if isinstance(tree, dict):
        return [{"file": name, **(said if isinstance(said, dict) else {"kind": said})} for name, said in tree.items()]
    return list(tree)


def _written(row: Mapping[str, Any]) -> str:
    """The corpus writes kind and class in one word (`cls`)."""
    if row.get("cls"):
        return str(row["cls"])
    return label(str(row["kind"]), str(row["class"]) if row.get("class") else None)
