"""From the file as written to the one layout: order, indentation, brackets, quotes and empty lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rapport.dsl.layout.order import Role, Style
from rapport.dsl.layout.quotes import as_block, spelled, spelled_key
from rapport.dsl.layout.written import Collection, Comment, Document, Entry, Node, Scalar

# As long as a line of our code: a step with a task fits, and two windows stand beside each other on a laptop.
WIDTH = 120
_INDENT = 2
_GAP = 2


def write_document(document: Document, role: Role) -> str:
    """The whole file; every line ends with a line break, and none with a space."""
    body = _root_lines(document.root, role)
    lines = [*_comment_lines(document.head, 0), *([""] if document.gap and body else []), *body]
    lines += _comment_lines(document.foot, 0)
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    return "".join(f"{line}\n" for line in lines[first:])


def _root_lines(root: Node | None, role: Role) -> list[str]:
    if root is None:
        return []
    if isinstance(root, Collection) and root.entries:
        return _block(root, role, 0)
    text = spelled(root, in_brackets=False) if isinstance(root, Scalar) else "{}" if root.mapping else "[]"
    return [text] if text else []


def _block(node: Collection, role: Role, indent: int) -> list[str]:
    """A mapping or list over several lines."""
    entries = _ordered([_with_remarks_above(entry, role) for entry in node.entries], role)
    written = [(entry, _entry_lines(entry, role, indent)) for entry in entries]
    lines: list[str] = []
    for place, (entry, own) in enumerate(written):
        if place and _apart(written[place - 1], (entry, own), role):
            lines.append("")
        lines += _comment_lines(entry.above, indent, first=not lines or not lines[-1])
        if entry.above and entry.blank:
            lines.append("")
        lines += own
    return lines + _comment_lines(node.below, indent)


def _apart(before: tuple[Entry, list[str]], here: tuple[Entry, list[str]], role: Role) -> bool:
    """Whether an empty line comes between two entries."""
    entry = here[0]
    if role.groups and _group(before[0], role) != _group(entry, role):
        return True
    if role.spread and (len(before[1]) > 1 or len(here[1]) > 1):
        return True
    wished = entry.above[0].blank if entry.above else entry.blank
    return wished and (bool(entry.above) or not role.order)


def _group(entry: Entry, role: Role) -> int:
    names = [number for number, group in enumerate(role.groups) if entry.key and entry.key.text in group]
    return names[0] if names else -1


def _ordered(entries: Sequence[Entry], role: Role) -> Sequence[Entry]:
    """The entries in the order of their keys; one that we do not know stays behind the one that it followed."""
    if not role.order:
        return entries
    rank = -1
    ranks = []
    for entry in entries:
        name = entry.key.text if entry.key else ""
        rank = role.order.index(name) if name in role.order else rank
        ranks.append(rank)
    return [entry for _, entry in sorted(zip(ranks, entries, strict=True), key=lambda pair: pair[0])]


def _entry_lines(entry: Entry, role: Role, indent: int) -> list[str]:
    """An entry without the comments above it."""
    inner = role.of(entry.key.text if entry.key else None)
    head = " " * indent + ("-" if entry.key is None else f"{spelled_key(entry.key, in_brackets=False)}:")
    text = _in_line(entry.value, inner, in_brackets=False, always=False)
    if isinstance(entry.value, Scalar):
        lines = _scalar_lines(entry.value, text, head, indent)
    elif text is not None and _has_room(f"{head} {text}", entry):
        lines = [f"{head} {text}"]
    elif entry.key is None:
        return _item_lines(entry, inner, indent)
    else:
        lines = [head, *_block(entry.value, inner, indent + _INDENT)]
    return _beside(lines, entry.beside)


def _has_room(line: str, entry: Entry) -> bool:
    """Whether a value may stand on one line; what the check was told about a line must stay true of it."""
    return len(line) <= WIDTH or any(comment.is_about_its_line for comment in entry.beside)


def _scalar_lines(value: Scalar, text: str | None, head: str, indent: int) -> list[str]:
    if text is not None:
        return [f"{head} {text}".rstrip()]
    sign, rows = as_block(value) or ("", [])
    return [f"{head} {sign}", *(f"{' ' * (indent + _INDENT)}{row}".rstrip() for row in rows)]


def _item_lines(entry: Entry, role: Role, indent: int) -> list[str]:
    """An item of a list that is itself a block: its first line stands behind the dash."""
    value = entry.value
    if isinstance(value, Scalar):
        return []
    lines = _block(value, role, indent + _INDENT)
    lines[0] = f"{' ' * indent}- {lines[0][indent + _INDENT :]}"
    if not _ordered(value.entries, role)[0].beside:
        return _beside(lines, entry.beside)
    # A line has room for one comment.
    return [*_comment_lines(entry.beside, indent), *lines]


def _with_remarks_above(entry: Entry, role: Role) -> Entry:
    """An item whose first line has a comment above it gets that comment: nothing stands between dash and key."""
    if entry.key is not None or isinstance(entry.value, Scalar) or not entry.value.entries:
        return entry
    first, *rest = _ordered(entry.value.entries, role.of(None))
    first = _with_remarks_above(first, role.of(None))
    value = replace(entry.value, entries=(replace(first, above=(), blank=False), *rest))
    if not first.above:
        return replace(entry, value=value)
    hoisted = first.above if entry.above else (replace(first.above[0], blank=entry.blank), *first.above[1:])
    return replace(entry, value=value, above=entry.above + hoisted, blank=first.blank)


def _beside(lines: list[str], comments: Sequence[Comment]) -> list[str]:
    """The comment at the end of the first line, in the column where it stood if there is room for that."""
    for comment in comments:
        space = max(_GAP, comment.column - len(lines[0]))
        lines = [f"{lines[0]}{' ' * space}{comment.text}", *lines[1:]]
    return lines


def _comment_lines(comments: Iterable[Comment], indent: int, *, first: bool = False) -> list[str]:
    """Comments on lines of their own; `first` where an empty line before them would be one too many."""
    return [line for number, comment in enumerate(comments) for line in _own(comment, indent, first and not number)]


def _own(comment: Comment, indent: int, first: bool) -> Iterator[str]:  # noqa: FBT001  # private, and read at one place
    if comment.blank and not first:
        yield ""
    yield " " * indent + comment.text


def _in_line(node: Node, role: Role, *, in_brackets: bool, always: bool) -> str | None:
    """A value as one line; None when it must take several: for its comments, its role, or as somebody wrote it so."""
    if isinstance(node, Scalar):
        return None if as_block(node) else spelled(node, in_brackets=in_brackets)
    if not node.entries:
        return "{}" if node.mapping else "[]"
    if node.below or not _may_be_in_line(node, role, always=always):
        return None
    within = always or _wants_brackets(node, role)
    parts = [_part(entry, role, always=within) for entry in _ordered(node.entries, role)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return f"{{{', '.join(known)}}}" if node.mapping else f"[{', '.join(known)}]"


def _part(entry: Entry, role: Role, *, always: bool) -> str | None:
    if entry.above or entry.beside:
        return None
    value = _in_line(entry.value, role.of(entry.key.text if entry.key else None), in_brackets=True, always=always)
    if value is None or entry.key is None:
        return value
    return f"{spelled_key(entry.key, in_brackets=True)}: {value}"


def _may_be_in_line(node: Collection, role: Role, *, always: bool) -> bool:
    if role.style is Style.BLOCK:
        return False
    return always or node.flow or _wants_brackets(node, role)


def _wants_brackets(node: Collection, role: Role) -> bool:
    """Whether it stands in brackets whoever wrote it, as far as the line is long enough."""
    if role.style is Style.BRACKETS:
        return not any(entry.key and entry.key.text in role.long for entry in node.entries)
    return node.mapping and len(node.entries) <= role.short
