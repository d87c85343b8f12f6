"""The mend for a text that begins with {{ and so looks like a mapping to YAML."""

import re

from rapport.dsl.layout.quotes import in_quotes
from rapport.dsl.problem import Edit

_ALONE = re.compile(r"\s*(?:- +)*[\w.-]+: +")
_REMARK = re.compile(r"\s+#.*")
# The end of one text between brackets: its last braces, and words behind them up to the next sign.
_END = re.compile(r"\}\}[^,{}\[\]]*?(?=\s*(?:[,}\]]|$))")


def quoted_braces(line: str, number: int, column: int) -> Edit | None:
    """Put a text that begins with {{ in quotes: up to the end of its line, or of its place between brackets."""
    begin = column - 1
    if _ALONE.fullmatch(line[:begin]):
        text = _REMARK.sub("", line[begin:]).rstrip()
    elif end := _END.search(line, begin):
        text = line[begin : end.end()]
    else:
        return None
    return Edit(number, column, len(text), in_quotes(text))
