"""The layouts of lists that we read: our own form, and what applicant tracking systems and networks write."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

_Cells: TypeAlias = Mapping[str, str]
_NOT_NAME: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one system names its columns, as `plain` spells them; `known_by` are names that no other layout has.

    `columns` says which of our columns each one fills; two of them may fill the same. `order` is given where a header
    need not have these names: the first line is then passed over.
    """

    name: str
    known_by: frozenset[str]
    columns: Mapping[str, str]
    reads: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    order: Sequence[str] = ()

    def cells(self, row: _Cells) -> dict[str, str]:
        """The cells of a row by the names of our columns."""
        found: dict[str, str] = {}
        for name, cell in row.items():
            ours, read = self.columns.get(name), self.reads.get(name)
            if ours is None or not cell:
                continue
            value = read(cell) if read else cell
            found[ours] = f"{found[ours]};{value}" if found.get(ours) else value
        return _with_names(found)


def plain(name: str) -> str:
    """The name of a column without case, blanks and marks: `First Name` and `first_name` are one."""
    return _NOT_NAME.sub("", name.lower())


def layout_of(columns: Sequence[str]) -> Layout | None:
    """The layout that a header belongs to; None for our own form."""
    names = {plain(name) for name in columns}
    return next((layout for layout in LAYOUTS.values() if layout.known_by <= names), None)


def _with_names(cells: dict[str, str]) -> dict[str, str]:
    """One name in one cell: the last word is the family's; a single word is a first name."""
    full = cells.pop("full_name", "")
    if full and not cells.get("first_name") and not cells.get("last_name"):
        first, _, last = full.strip().rpartition(" ")
        cells["first_name"], cells["last_name"] = (first.strip(), last) if first else (last, "")
    return cells


def _commas(cell: str) -> str:
    return ";".join(part.strip() for part in cell.split(","))


def _place(cell: str) -> str:
    return cell.partition(",")[0].strip()


def _first(cell: str) -> str:
    return re.split(r"[,;]", cell)[0].strip()


_GREENHOUSE = Layout(
    name="greenhouse",
    known_by=frozenset({"firstname", "lastname", "whogetscredit"}),
    columns={
        "firstname": "first_name",
        "lastname": "last_name",
        "email": "emails",
        "socialmedia": "profiles",
        "website": "profiles",
        "source": "source",
    },
    reads={"email": _commas, "socialmedia": _commas, "website": _commas},
)
_LEVER = Layout(
    name="lever",
    known_by=frozenset({"fullname", "leverpostingurl"}),
    columns={"fullname": "full_name", "email": "emails", "sources": "source", "tags": "tags", "links": "profiles"},
    reads={"email": _commas, "sources": _first, "tags": _commas, "links": _commas},
)
_RECRUITER = Layout(
    name="linkedin-recruiter",
    known_by=frozenset({"firstname", "pipelinestage", "notevisibility"}),
    columns={
        "firstname": "first_name",
        "lastname": "last_name",
        "email": "emails",
        "location": "city",
        "tags": "tags",
    },
    reads={"location": _place, "tags": _commas},
    order=(
        "firstname",
        "lastname",
        "email",
        "phone",
        "jobtitle",
        "company",
        "location",
        "pipelinestage",
        "note",
        "notevisibility",
        "tags",
    ),
)
_TALENT_HUB = Layout(
    name="linkedin-talent-hub",
    known_by=frozenset({"candidateid", "profileurl", "hiringstateid"}),
    columns={
        "candidateid": "id.linkedin",
        "firstname": "first_name",
        "lastname": "last_name",
        "emails": "emails",
        "tags": "tags",
        "profileurl": "profiles",
        "sourcingchannels": "source",
    },
    reads={"sourcingchannels": _first},
)
LAYOUTS: Final[Mapping[str, Layout]] = {
    layout.name: layout for layout in (_GREENHOUSE, _LEVER, _RECRUITER, _TALENT_HUB)
}
