"""The mails of a folder: `mails/<name>.md`, language variants `<name>.<lang>.md`, notes in `mails/notes/`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rapport.dsl.mail_source import MAX_BYTES, MailSource, read_mail_source, read_note
from rapport.dsl.mail_template import TemplateFacts
from rapport.dsl.problem import Problem, Source, Span

_FILE = re.compile(r"(?P<name>[a-z0-9-]+)(?:\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?))?\.md")
_FOLDER = "mails"
_NOTES = "notes"


@dataclass(frozen=True, kw_only=True)
class Mails:
    """What is in the folder; `files` are keyed by name and language (None for the mail itself).

    `shown` and `texts` hold the same by the file names that problems show, notes included.
    """

    folder: Path = Path(_FOLDER)
    files: Mapping[tuple[str, str | None], Path] = field(default_factory=dict)
    sources: Mapping[tuple[str, str | None], MailSource] = field(default_factory=dict)
    notes: Mapping[str, Path] = field(default_factory=dict)
    shown: Mapping[str, MailSource | TemplateFacts] = field(default_factory=dict)
    texts: Mapping[str, Source] = field(default_factory=dict)
    shown_as: Mapping[Path, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that `send` may use."""
        return frozenset(name for name, language in self.files if language is None)

    def versions_of(self, name: str) -> Iterator[tuple[str | None, MailSource]]:
        """A mail and its language variants."""
        return ((language, source) for (other, language), source in self.sources.items() if other == name)

    def facts_of(self, name: str) -> dict[str, list[str]]:
        """The fields and link names of a mail, over all its languages: what its part of the version is."""
        sources = [source for _, source in self.versions_of(name)]
        return {
            "fields": sorted({path for source in sources for path in source.fields}),
            "links": sorted({link for source in sources for link in source.links}),
        }


def read_mails(folder: Path, shown_as: str) -> Mails:
    """Read every mail and note of a folder of sequences; symlinks are refused, as they may lead out of it."""
    problems: list[Problem] = []
    mails, notes = folder / _FOLDER, folder / _FOLDER / _NOTES
    files = {_key(path): path for path in _texts(mails, f"{shown_as}{_FOLDER}", problems)}
    note_files = {path.stem: path for path in _texts(notes, f"{shown_as}{_FOLDER}/{_NOTES}", problems)}
    texts = {
        path: Source.of(_shown(path, folder, shown_as), _text(path)) for path in (*files.values(), *note_files.values())
    }
    sources = {key: read_mail_source("\n".join(texts[path].lines), texts[path].file) for key, path in files.items()}
    facts = [read_note("\n".join(texts[path].lines), texts[path].file) for path in note_files.values()]
    shown: dict[str, MailSource | TemplateFacts] = {texts[files[key]].file: source for key, source in sources.items()}
    shown |= {texts[path].file: fact for path, fact in zip(note_files.values(), facts, strict=True)}
    return Mails(
        folder=mails,
        files=files,
        sources=sources,
        notes=note_files,
        shown=shown,
        shown_as={path: source.file for path, source in texts.items()},
        texts={source.file: source for source in texts.values()},
        problems=(*problems, *(problem for read in shown.values() for problem in read.problems)),
    )


def _shown(path: Path, folder: Path, shown_as: str) -> str:
    return f"{shown_as}{path.relative_to(folder).as_posix()}"


def _texts(folder: Path, shown_as: str, problems: list[Problem]) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in sorted(folder.glob("*.md")):
        file = Source(f"{shown_as}/{path.name}", ())
        if path.is_symlink():
            message, step = "a mail cannot be a link to another file", "put the text itself here"
            problems.append(file.problem(Span(1, 1), "mail-symlink", message, step))
        elif not _FILE.fullmatch(path.name):
            message = "the file's name cannot be the name of a mail"
            step = "use small letters, digits and hyphens: `check-in.md`, `check-in.de.md`"
            problems.append(file.problem(Span(1, 1), "bad-name", message, step))
        elif path.is_file():
            yield path


def _key(path: Path) -> tuple[str, str | None]:
    match = _FILE.fullmatch(path.name)
    return (match["name"], match["language"]) if match else (path.stem, None)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1).decode("utf-8", "replace").removeprefix("\ufeff")
