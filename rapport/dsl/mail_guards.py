"""What an `{% if %}` of a mail makes sure of: fields that have a value where it led."""

from collections.abc import Iterator

from jinja2 import nodes

Sure = frozenset[str]
_NOTHING: Sure = frozenset()


def path_of(node: nodes.Node) -> str | None:
    """`candidate.first_name` of a chain of names; None when something is computed on the way."""
    parts: list[str] = []
    for part in _chain(node):
        if part is None:
            return None
        parts.append(part)
    return ".".join(reversed(parts))


def sure_if(test: nodes.Node) -> Sure:
    """The fields that have a value when the test holds."""
    match test:
        case nodes.Not(node=inner):
            return sure_unless(inner)
        case nodes.And(left=left, right=right):
            return sure_if(left) | sure_if(right)
        case nodes.Or(left=left, right=right):
            return sure_if(left) & sure_if(right)
        case nodes.Compare(expr=expr, ops=[nodes.Operand(op="eq" | "in" | "gt" | "gteq" | "lt" | "lteq")]):
            return _field(expr)
        case nodes.Filter(name="trim" | "length", node=nodes.Expr() as inner):
            return sure_if(inner)
        case _:
            return _field(test)


def sure_unless(test: nodes.Node) -> Sure:
    """The fields that have a value when the test does not hold."""
    match test:
        case nodes.Not(node=inner):
            return sure_if(inner)
        case nodes.Or(left=left, right=right):
            return sure_unless(left) | sure_unless(right)
        case nodes.And(left=left, right=right):
            return sure_unless(left) & sure_unless(right)
        case nodes.Test(name="none", node=inner):
            return _field(inner)
        case _:
            return _NOTHING


def _field(node: nodes.Node) -> Sure:
    path = path_of(node)
    return frozenset({path}) if path else _NOTHING


def _chain(node: nodes.Node) -> Iterator[str | None]:
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            yield node.attr
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            yield node.arg.value
        else:
            yield None
            return
        node = node.node
    yield node.name
