"""The pages of docs/language, read: sections with their tables, and the examples as files that can be checked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

from tests.rule_pages import top_level_keys

PAGES = Path(__file__).parents[1] / "docs" / "language"
_FENCE = "```"
_CALENDAR = "text calendar"
_HEADING = re.compile(r"#{1,3} (.+)")
_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_SEQUENCES = ("yaml", "yaml fragment", "yaml steps")
_ATTACHED = re.compile(r"yaml project|markdown mails/[\w./-]+\.md")
_TEST = {"sequence": "sequence: example\n", "starts": "starts: 2026-03-02 10:00 Europe/Berlin\n"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: `info` is what stands behind the backticks."""

    info: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """The part of a page below one heading; `prose` is everything that is not fenced."""

    page: str
    heading: str
    prose: str
    blocks: Sequence[Block]

    def tables(self) -> Sequence[Sequence[Sequence[str]]]:
        """Every table as rows of cells, its heading first; the line below it is left out."""
        found = re.findall(r"(?:^\|.*\|$\n?)+", self.prose, re.MULTILINE)
        return [[_cells(row) for row in table.splitlines() if not row.startswith("|---")] for table in found]


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example as texts of files by their path in a folder of sequences; `calendar` is what it is said to do."""

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    calendar: str | None = None


def pages_of_the_language() -> Sequence[str]:
    """The files of all pages but those about a command, which have tests of their own and name it in their title."""
    titles = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in PAGES.glob("*.md")}
    return sorted(name for name, title in titles.items() if "`rapport " not in title)


def section_of(page: str, heading: str) -> Section:
    """The part of a page below a heading."""
    [found] = [section for section in read_sections(PAGES / page) if section.heading == heading]
    return found


def words_of(section: Section, column: int = 0) -> Sequence[str]:
    """What stands between backticks in a column of the tables of a section."""
    return [word for table in section.tables() for row in table[1:] for word in code_in(row[column])]


def read_sections(path: Path) -> Sequence[Section]:
    """Read a page in the order of its headings."""
    return [_section(path.name, lines) for lines in _split(path.read_text(encoding="utf-8"))]


def read_examples(path: Path, frame: str, project: str) -> Iterator[Example]:
    """Every example of a page: a sequence with the mails, project and test that stand beside it in its section."""
    for section in read_sections(path):
        for number, blocks in enumerate(_groups(section.blocks)):
            files = dict(_file(block, frame, project) for block in blocks if block.info != _CALENDAR)
            calendar = next((block.text for block in blocks if block.info == _CALENDAR), None)
            name = f"{path.stem}/{section.heading}" + (f" {number + 1}" if number else "")
            yield Example(name=name, files={"example.yaml": frame, **files}, calendar=calendar)


def frame_of(readme: Path) -> str:
    """The file in which steps and fragments stand, as the README shows it."""
    [block] = [block for section in read_sections(readme) if "examples" in section.heading for block in section.blocks]
    return block.text


def below_steps(block: Block) -> str:
    """A list of steps as it stands in its file."""
    return f"steps:\n{indent(block.text, '  ')}"


def code_in(cell: str) -> list[str]:
    """What stands between backticks."""
    return _CODE.findall(cell)


def _split(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith(_FENCE)
        if not fenced and _HEADING.fullmatch(line) and lines:
            yield lines
            lines = []
        lines.append(line)
    yield lines


def _section(page: str, lines: Sequence[str]) -> Section:
    text = "\n".join(lines[1:])
    fenced = re.compile(r"^```([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    blocks = [Block(info=info, text=body) for info, body in fenced.findall(text)]
    return Section(page=page, heading=lines[0].lstrip("# "), prose=fenced.sub("", text), blocks=blocks)


def _cells(row: str) -> Sequence[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _groups(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Blocks that belong together: a second sequence, or a file in front of it, begins a new example."""
    group: list[Block] = []
    for block in blocks:
        if block.info == "sh":
            continue
        begins = block.info in _SEQUENCES or _ATTACHED.fullmatch(block.info)
        if begins and any(known.info in _SEQUENCES for known in group):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _file(block: Block, frame: str, project: str) -> tuple[str, str]:
    match block.info.split(" "):
        case ["yaml"]:
            return "example.yaml", block.text
        case ["yaml", "steps"]:
            return "example.yaml", _completed(below_steps(block), top_level_keys(frame))
        case ["yaml", "fragment"]:
            return "example.yaml", _completed(block.text, top_level_keys(frame))
        case ["yaml", "project"]:
            return "project.yaml", _completed(block.text, top_level_keys(project))
        case ["yaml", "test"]:
            return "example.test.yaml", _completed(block.text, _TEST)
        case ["markdown", name]:
            return name, block.text
        case _:
            raise ValueError(f"a block is called {block.info!r}; use one of the words of _file")


def _completed(text: str, parts: Mapping[str, str]) -> str:
    """The example, and below it what it lacks."""
    own = _KEY.findall(text)
    return text + "".join(part for key, part in parts.items() if key not in own)
