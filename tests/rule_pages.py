"""The pages of docs/rules, read: title, sentence, kind, and the examples as files that can be checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs" / "rules"
_PAGE = re.compile(
    r"# (?P<name>[a-z0-9-]+)\n\n(?P<sentence>[^\n]+)\n\n(?P<kind>Error|Error in judgment|Warning)\.\n\n"
    r"## Wrong\n\n(?P<wrong>.+?)\n\n## Right\n\n(?P<right>.+?)\n\n## Why\n\n(?P<why>[^#]+)",
    re.DOTALL,
)
_BLOCK = re.compile(r"^```(yaml|markdown)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:# (?P<yaml>[\w.-]+\.yaml)|<!-- (?P<mail>mails/[\w./-]+\.md) -->)\n")
_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
_SEQUENCE = {
    "schema": "1",
    "title": "Example",
    "owner": "anna-koch",
    "purpose": "nurture",
    "start": "{when: {added_to_pool: engineering}}",
    "exit": "[{replied: any}]",
    "defaults": "{from: talent-team, send_between: office-hours}",
    "steps": "[{id: welcome, send: welcome}]",
}
_TEST = {"sequence": "example", "starts": "2026-03-02 10:00 Europe/Berlin"}


@dataclass(frozen=True, kw_only=True)
class RulePage:
    """A page; `wrong` and `right` are the texts of files by their path in a folder of sequences."""

    name: str
    sentence: str
    kind: str
    wrong: Mapping[str, str]
    right: Mapping[str, str]


def read_page(path: Path, project: str) -> RulePage:
    """Read a page; examples of project.yaml are completed from `project`."""
    page = _PAGE.fullmatch(path.read_text(encoding="utf-8"))
    assert page, f"{path.name} has not the parts that docs/rules/README.md asks for"
    return RulePage(
        name=page["name"],
        sentence=page["sentence"],
        kind=page["kind"],
        wrong=_files(page["wrong"], project),
        right=_files(page["right"], project),
    )


def top_level_keys(text: str) -> dict[str, str]:
    """The parts of a YAML file by their key, each as it is written."""
    starts = [*(match.start() for match in _KEY.finditer(text)), len(text)]
    parts = [text[start:end] for start, end in pairwise(starts)]
    return {part.partition(":")[0]: part for part in parts}


def _files(section: str, project: str) -> dict[str, str]:
    files = dict(_file(text, project) for _, text in _BLOCK.findall(section))
    return files if "example.test.yaml" not in files else dict([_file("", project)]) | files


def _file(text: str, project: str) -> tuple[str, str]:
    first = _FILE.match(text)
    name = (first["yaml"] or first["mail"]) if first else "example.yaml"
    body = text[first.end() :] if first else text
    if name.endswith(".md"):
        return name, body
    if name == "project.yaml":
        return name, _completed(body, top_level_keys(project))
    lacking = _TEST if name.endswith(".test.yaml") else _SEQUENCE
    return name, _completed(body, {key: f"{key}: {value}\n" for key, value in lacking.items()})


def _completed(text: str, parts: Mapping[str, str]) -> str:
    """The example, and below it what it lacks; a list of steps comes under its key."""
    if "schema" in _KEY.findall(text):
        return text
    whole = f"steps:\n{text}" if text.startswith("- ") else text
    return whole + "".join(part for key, part in parts.items() if key not in _KEY.findall(whole))
