"""What is changed in a template's syntax tree before it runs, so that limits and origins are seen at run time."""

from typing import Any, cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from rapport.errors import BadInput

_OURS = frozenset({"roles", "organization", "sender"})  # written by the company: may hold the address of a link
_LINK_ARGUMENTS = 2


class Guard(NodeTransformer):
    """Counts the turns of loops, caps `~`, and notes for each value that is put out which field it comes from."""

    def __init__(self) -> None:
        """Begin outside of any loop."""
        self._ours = set(_OURS)

    def visit_For(self, node: nodes.For, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802  # Jinja2's naming
        """Count turns; what comes out of our own list is ours, too, whatever an outer name was."""
        names = {name.name for name in [node.target, *node.target.find_all(nodes.Name)] if isinstance(name, nodes.Name)}
        before = set(self._ours)
        self._ours = self._ours | names if self._is_ours(node.iter) else self._ours - names
        self.generic_visit(node, *args, **kwargs)
        self._ours = before
        node.iter = _filtered(node.iter, "turns_of")
        return node

    def visit_Concat(self, node: nodes.Concat, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802  # Jinja2's naming
        """Join with a limit."""
        self.generic_visit(node, *args, **kwargs)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "join")

    def visit_Output(self, node: nodes.Output, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802  # Jinja2's naming
        """Keep the path of a field that is put out as it is."""
        self.generic_visit(node, *args, **kwargs)
        node.nodes = [self._noted(child) for child in node.nodes]
        return node

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802  # Jinja2's naming
        """Let links go only where we wrote that they go."""
        self.generic_visit(node, *args, **kwargs)
        url = node.args[1] if len(node.args) == _LINK_ARGUMENTS else None
        if not isinstance(url, nodes.Const) and not (url is not None and self._is_ours(url)):
            raise BadInput(
                place="link()",
                message="the address of a link is not a text or a field of ours",
                hint="Write link('name', 'https://…').",
            )
        return node

    def _noted(self, child: nodes.Expr) -> nodes.Expr:
        path = _path(child)
        if path is None:
            return child
        ours = nodes.Const(self._is_ours(child), lineno=child.lineno)
        return _filtered(child, "said", nodes.Const(path, lineno=child.lineno), ours)

    def _is_ours(self, node: nodes.Node) -> bool:
        path = _path(node)
        return path is not None and path.partition(".")[0] in self._ours


def _filtered(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(cast("nodes.Expr", node), name, list(arguments), [], None, None, lineno=node.lineno)


def _path(node: nodes.Node) -> str | None:
    """Read `candidate.first_name` from a chain of names; None for anything computed."""
    match node:
        case nodes.Name():
            return str(node.name)
        case nodes.Getattr(attr=step):
            inner = _path(node.node)
        case nodes.Getitem(arg=nodes.Const(value=step)):
            inner = _path(node.node)
        case _:
            return None
    return None if inner is None else f"{inner}.{step}"
