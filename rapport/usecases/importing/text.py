"""Reading the text of a file that any program may have written: which encoding, and what separates its columns."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final

from rapport.errors import BadInput
from rapport.usecases.csv_rows import CsvFile

# A person takes some 300 characters; a line of a megabyte is another kind of file.
_LONGEST_LINE: Final = 1024 * 1024
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS: Final = ",;\t"
# A picture has some of these in its first lines, a list of people never.
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\r\n\f\v"})
_AS_WINDOWS: Final = (
    "the file is not UTF-8 and was read as Windows-1252, as old spreadsheets write it; look at names with accents"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The lines of a file; `warning` says what was guessed about them."""

    lines: Iterator[str]
    warning: str | None = None


def read_text(raw: BinaryIO) -> Text:
    """The text of a file that can be read twice; what is neither UTF-8, UTF-16 nor Windows-1252 stays undecoded.

    Undecoded bytes are surrogates, so that their row can be named. Raises BadInput for what is no text, when it comes.
    """
    start = raw.read(4)
    raw.seek(0)
    if start.startswith(_UTF16):
        wide = io.TextIOWrapper(raw, encoding="utf-16", errors="surrogatepass", newline="")
        return Text(lines=_wide_lines(wide))
    if not start.startswith(codecs.BOM_UTF8) and _is_windows(raw):
        raw.seek(0)
        return Text(lines=_narrow_lines(raw, "cp1252"), warning=_AS_WINDOWS)
    raw.seek(0)
    return Text(lines=_narrow_lines(raw, "utf-8"))


def separator_of(header: str) -> str:
    """What stands between the columns: the most frequent of comma, semicolon and tab."""
    return max(_SEPARATORS, key=header.count)


def csv_of(raw: BinaryIO) -> CsvFile:
    """A CSV file as any spreadsheet writes it, that can be read twice; BadInput for what is none."""
    lines = iter(read_text(raw).lines)
    header = next(lines, "")
    return CsvFile(chain([header], lines) if header else lines, separator=separator_of(header))


def _is_windows(raw: BinaryIO) -> bool:
    """Whether some letters are not UTF-8, none is, and all are letters of Windows-1252."""
    foreign = False
    while chunk := raw.readline(_LONGEST_LINE):
        if len(chunk.translate(None, _CONTROLS)) != len(chunk):
            return False
        if chunk.isascii():
            continue
        try:
            chunk.decode("utf-8")
        except UnicodeDecodeError:
            try:
                chunk.decode("cp1252")
            except UnicodeDecodeError:
                return False
            foreign = True
        else:
            return False
    return foreign


def _narrow_lines(raw: BinaryIO, encoding: str) -> Iterator[str]:
    number = 0
    while chunk := raw.readline(_LONGEST_LINE):
        number += 1
        _demand_line(number, "\0" if b"\0" in chunk else "", len(chunk))
        name = "utf-8-sig" if encoding == "utf-8" and number == 1 else encoding
        yield chunk.decode(name, errors="surrogateescape")


def _wide_lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    try:
        while line := text.readline(_LONGEST_LINE):
            number += 1
            _demand_line(number, line, len(line))
            yield line
    except UnicodeError as error:
        place = f"line {number + 1}"
        raise BadInput(place=place, message="the file is not UTF-16.", hint=CsvFile.SAVE_AS) from error
    finally:
        text.detach()  # whoever opened the file closes it


def _demand_line(number: int, line: str, length: int) -> None:
    if "\0" in line:
        raise BadInput(place=f"line {number}", message="this is no text file.", hint=CsvFile.SAVE_AS)
    if length == _LONGEST_LINE:
        raise BadInput(place=f"line {number}", message="the line is longer than 1 MB.", hint=CsvFile.SAVE_AS)
