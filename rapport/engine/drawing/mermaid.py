"""A plan as Mermaid text, for pull requests and wikis."""

from collections.abc import Iterator

from rapport.dsl import model
from rapport.dsl.plan import Node
from rapport.engine import words
from rapport.engine.choices import choices
from rapport.engine.drawing.kinds import kind_of
from rapport.engine.drawing.subject import Drawn

_SHAPES = {"decide": ("{{", "}}"), "wait": ("([", "])"), "send": ("[", "]"), "act": ("[/", "/]"), "end": ("([", "])")}


def mermaid(drawn: Drawn) -> str:
    """Mermaid flowchart text, one line a step and one an arrow, in the order of the file."""
    return "\n".join(_lines(drawn)) + "\n"


def _lines(drawn: Drawn) -> Iterator[str]:
    yield "flowchart TD"
    yield f"  accTitle: {_bare(drawn.title)}"
    yield f"  accDescr: {_bare('. '.join(f'{name}: {said}' for name, said in drawn.header))}"
    header = "<br>".join(f"{name}: {_quoted(said)}" for name, said in drawn.header)
    yield f'  about["<b>{_quoted(drawn.title)}</b><br>{header}"]'
    for node in drawn.plan.nodes:
        before, after = _SHAPES[kind_of(node)]
        came = drawn.came(node.id)
        yield f'  s{node.index}{before}"{_quoted(words.step(node))}{came and f"<br>{came}"}"{after}'
    yield '  finish(["End"])'
    yield f"  about -.- {_place(0 if drawn.plan.nodes else None)}"
    for node in drawn.plan.nodes:
        yield from _arrows(node)


def _arrows(node: Node) -> Iterator[str]:
    for way in choices(node):
        if way.ends is not None and isinstance(node.action, model.Stop) and not way.label:
            continue
        arrow = f' -- "{_quoted(way.label)}" --> ' if way.label else " --> "
        target = _place(way.to) if way.ends is None else f'{_end(node)}(["Ends: {_quoted(way.ends)}"])'
        yield f"  s{node.index}{arrow}{target}"


def _place(to: int | None) -> str:
    return "finish" if to is None else f"s{to}"


def _end(node: Node) -> str:
    return f"e{node.index}"


def _quoted(text: str) -> str:
    """Text inside quotes: what Mermaid or HTML would read as theirs is written as an entity."""
    named = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "`": "#96;"}
    return "".join(named.get(letter, letter) for letter in _plain(text))


def _plain(text: str) -> str:
    """One line, whatever was written."""
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Text outside quotes, where entities mean nothing: without what Mermaid or HTML would read as theirs."""
    return "".join(letter for letter in _plain(text) if letter not in '<>#;{}`"')
