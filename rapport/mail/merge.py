"""Merge values kept apart from the text: each stands as an ASCII token until the text around it has its final form.

So data about people can never become Markdown, HTML, a link or a header, whatever they typed into a form.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import quote

from rapport.errors import BadInput, Refused
from rapport.mail.headers import one_line
from rapport.mail.phrases import spoken_date

_LONGEST_VALUE = 2_000  # characters; a job's summary fits, a novel in the field for the name does not
_LONGEST_LIST = 200
_DEEPEST = 6


class DataMissing(Refused):
    """A mail needs a field that is empty for this person; the mail must not be sent with a hole in it."""

    def __init__(self, *, path: str) -> None:
        """Name the field, never the person."""
        self.path = path
        super().__init__(
            reason="needs_data",
            message=f"The mail needs {path}, which is empty for this person.",
            hint=f"Fill it in, or write {{{{ {path} or 'something else' }}}}.",
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A field's value with its path; `ours` when it comes from the organization and may be a link's address."""

    value: object
    path: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What `link('jobs', 'https://…')` stands for."""

    name: str
    url: str


@dataclass(slots=True)
class Merge:
    """The values of one mail in the order in which they were put; `nonce` cannot be guessed by who fills in fields."""

    nonce: str
    room: int
    language: str = "en"
    values: list[Said | Named] = field(default_factory=list)

    def put(self, value: object) -> str:
        """Keep a value and give the token that stands for it; Refused for a field that is empty."""
        if isinstance(value, Named):
            kept: Said | Named = value
        else:
            path, ours = (value.path, value.ours) if isinstance(value, Said) else ("a value", False)
            text = in_words(value.value if isinstance(value, Said) else value, self.language)
            if isinstance(value, Said) and not text:
                raise DataMissing(path=path)
            self.room -= len(text)
            kept = Said(text, path, ours)
        if self.room < 0:
            raise BadInput(place="mail", message="the text grows too long", hint="Use shorter values or fewer loops.")
        self.values.append(kept)
        return f"qz{self.nonce}n{len(self.values) - 1}zq"

    @property
    def pattern(self) -> re.Pattern[str]:
        """Find tokens of this mail; the group is the number of the value."""
        return re.compile(rf"qz{self.nonce}n(\d{{1,6}})zq")

    def fill(self, text: str, write: Callable[[Said | Named], str]) -> str:
        """Replace each token by what `write` makes of its value; what it writes is not looked at again."""
        return self.pattern.sub(lambda match: write(self.values[int(match[1])]), text)

    def plain(self, text: str) -> str:
        """Replace tokens for a header or another place without markup."""
        return self.fill(text, lambda kept: kept.url if isinstance(kept, Named) else str(kept.value))

    def quoted(self, text: str) -> str:
        """Replace tokens inside an address, percent-encoded."""
        return self.fill(text, lambda kept: quote(kept.url if isinstance(kept, Named) else str(kept.value), safe=""))

    def escaped(self, text: str, link: Callable[[Named], str]) -> str:
        """Replace tokens in HTML."""
        return self.fill(text, lambda kept: html.escape(link(kept) if isinstance(kept, Named) else str(kept.value)))


def plain_data(value: object, *, depth: int = 0) -> object:
    """Copy data to what templates may see: text, numbers, dates, lists and mappings; BadInput for anything else."""
    if depth > _DEEPEST:
        raise BadInput(place="merge fields", message="they are nested too deeply", hint="Hand in flat fields.")
    match value:
        case None | bool() | int() | float() | date():
            return value
        case str():
            return value[:_LONGEST_VALUE].encode("utf-8", "replace").decode()
        case Mapping():
            return {str(key): plain_data(item, depth=depth + 1) for key, item in value.items()}
        case Sequence() | frozenset() | set() if not isinstance(value, bytes | bytearray):
            items = sorted(value, key=str) if isinstance(value, frozenset | set) else value
            return [plain_data(item, depth=depth + 1) for item in items[:_LONGEST_LIST]]
        case _:
            raise BadInput(
                place="merge fields", message=f"{type(value).__name__} is not plain data", hint="Hand in plain values."
            )


def in_words(value: object, language: str) -> str:
    """Write one value on one line, as a reader expects it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{spoken_date(value.date(), language)}, {value:%H:%M}"
        case date():
            return spoken_date(value, language)
        case list() | tuple():
            return ", ".join(in_words(item, language) for item in value)
        case str() | int() | float():
            return one_line(str(value))
        case _:
            raise BadInput(
                place="mail",
                message=f"{type(value).__name__} cannot be written into a mail",
                hint="Name one of its fields.",
            )
