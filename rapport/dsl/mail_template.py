"""What a piece of mail text reads: its fields and links, found in Jinja2's syntax tree without rendering anything."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import Environment, TemplateSyntaxError, nodes

from rapport.dsl.mail_guards import Sure, path_of, sure_if, sure_unless
from rapport.dsl.problem import Problem, Source, Span

# Filters that cannot be made to use much time or memory, or to leave the sandbox (no `format`, `attr`, `map`, `safe`).
FILTERS = frozenset(
    ("capitalize", "default", "first", "join", "last", "length", "lower", "sort", "title", "trim", "upper"),
)
TESTS = frozenset({"defined", "none", "equalto", "eq", "ne", "lt", "le", "gt", "ge", "in"})
# Arithmetic is left out on purpose: `'a' * 100000000` is a mail of 100 MB.
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.TemplateData,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.List,
    nodes.Tuple,
    nodes.Concat,
    nodes.Keyword,
)
# Whose fields the company fills in itself, so that they may be the address of a link.
OWN_WORDS = frozenset({"organization", "sender", "roles"})
_ARITHMETIC = {"Mul": "*", "Pow": "**", "Mod": "%", "Div": "/", "FloorDiv": "//", "Add": "+", "Sub": "-"}
_ENVIRONMENT = Environment(autoescape=True)  # only ever parses: nothing is compiled or rendered here
_LINK_NAME = re.compile(r"[a-z0-9-]+")
_UNCLOSED = re.compile(r"The innermost block that needs to be closed is '(\w+)'")
_LINK_ARGUMENTS = 2


@dataclass(frozen=True, slots=True)
class Use:
    """A field that a mail reads, and where; `bare` when it is put out with nothing to say instead."""

    path: str
    span: Span
    bare: bool = False


@dataclass(slots=True)
class TemplateFacts:
    """What was found in one piece of text; `links` are names of `link('name', …)`."""

    uses: list[Use] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_template(text: str, source: Source, start: Span) -> TemplateFacts:
    """Read a piece of the file that begins at `start`; mistakes in it become problems."""
    facts = TemplateFacts()
    try:
        tree = _ENVIRONMENT.parse(text)
        _Reader(source, start, facts).visit(tree, frozenset())
    except TemplateSyntaxError as error:
        span = _line_span(source, start.line + error.lineno - 1)
        message = f"this text cannot be read: {_plain(error.message or 'unknown mistake')}"
        facts.problems.append(source.problem(span, "mail-syntax", message, "check the braces and quotes of this line"))
    except (RecursionError, ValueError):  # a bracket too many, or a number of more than 4,300 digits
        message = "this text is nested too deeply, or holds too long a number"
        facts.problems.append(source.problem(start, "mail-syntax", message, "take some of it away"))
    return facts


@dataclass(slots=True)
class _Reader:
    source: Source
    start: Span
    facts: TemplateFacts
    _last: tuple[int, int, int] = (0, 0, 0)  # the line, column and width of the token that was found last

    def visit(self, node: nodes.Node, local: frozenset[str], sure: Sure = frozenset()) -> None:
        """Walk the tree; `local` are the names that loops around this node define, `sure` fields that have a value."""
        match node:
            case nodes.Output():
                for child in node.nodes:
                    self._put_out(child, local, sure)
            case nodes.If():
                self._branch(node, local, sure)
            case nodes.Call():
                self._call(node, local, sure)
            case nodes.Getattr() | nodes.Getitem() | nodes.Name():
                self._read(node, local, sure)
            case nodes.For():
                self._loop(node, local, sure)
            case _:
                self._allow(node)
                for part in node.iter_child_nodes():
                    self.visit(part, local, sure)

    def _put_out(self, node: nodes.Node, local: frozenset[str], sure: Sure) -> None:
        """Walk what stands between {{ and }}: a field here must have a value, or the mail has a hole."""
        match node:
            case nodes.Getattr() | nodes.Getitem() | nodes.Name():
                self._read(node, local, sure, bare=True)
            case nodes.Or():
                self.visit(node.left, local, sure)
                self._put_out(node.right, local, sure)
            case nodes.CondExpr():
                self.visit(node.test, local, sure)
                self._put_out(node.expr1, local, sure | sure_if(node.test))
                if node.expr2 is not None:
                    self._put_out(node.expr2, local, sure | sure_unless(node.test))
            case nodes.Concat() | nodes.Filter() if not _never_empty(node):
                self._allow(node)
                for part in node.iter_child_nodes():
                    self._put_out(part, local, sure)
            case _:
                self.visit(node, local, sure)

    def _allow(self, node: nodes.Node) -> None:
        match node:
            case nodes.Filter() if node.name not in FILTERS:
                self._refuse(node, f'mails have no filter "{node.name}"', node.name, FILTERS)
            case nodes.Test() if node.name not in TESTS:
                self._refuse(node, f'mails have no test "{node.name}"', node.name, TESTS)
            case _ if not isinstance(node, _ALLOWED):
                self._refuse(node, f"mails cannot use {_spoken(node)}", _token(node), frozenset())
            case _:
                pass

    def _branch(self, node: nodes.If, local: frozenset[str], sure: Sure) -> None:
        self.visit(node.test, local, sure)
        for child in node.body:
            self.visit(child, local, sure | sure_if(node.test))
        for child in [*node.elif_, *node.else_]:
            self.visit(child, local, sure | sure_unless(node.test))

    def _loop(self, node: nodes.For, local: frozenset[str], sure: Sure) -> None:
        self.visit(node.iter, local, sure)
        names = {name.name for name in node.target.find_all(nodes.Name)}
        if isinstance(node.target, nodes.Name):
            names.add(node.target.name)
        inner = local | names | {"loop"}
        for child in [*node.body, *([node.test] if node.test else [])]:
            self.visit(child, inner, sure | sure_if(node.iter))
        for child in node.else_:
            self.visit(child, inner, sure)

    def _read(self, node: nodes.Node, local: frozenset[str], sure: Sure, *, bare: bool = False) -> None:
        path = path_of(node)
        if path is None:
            for child in node.iter_child_nodes():
                self.visit(child, local, sure)
        elif path.partition(".")[0] not in local:
            self.facts.uses.append(Use(path, self._span(node, path), bare and path not in sure))

    def _call(self, node: nodes.Call, local: frozenset[str], sure: Sure) -> None:
        called = path_of(node.node)
        if called != "link":
            message = f"mails cannot call {called or 'this'}; only link('name', 'https://…')"
            self._refuse(node, message, called or "", frozenset())
            return
        for argument in node.args[1:]:
            self._put_out(argument, local, sure)
        self._link(node, local)

    def _link(self, node: nodes.Call, local: frozenset[str]) -> None:
        name = node.args[0] if len(node.args) == _LINK_ARGUMENTS and not node.kwargs else None
        if not isinstance(name, nodes.Const) or not _LINK_NAME.fullmatch(str(name.value)):
            message = "a link needs a name of small letters, digits and hyphens, then its address"
            step = "write link('name', 'https://…')"
            self.facts.problems.append(self.source.problem(self._span(node, "link"), "bad-link", message, step))
            return
        self.facts.links.append(str(name.value))
        self._address(node.args[1], local)

    def _address(self, node: nodes.Node, local: frozenset[str]) -> None:
        """Nobody but us decides where a link leads: its address is a text, or a field of our own."""
        path = path_of(node) or ""
        root = path.partition(".")[0]
        if isinstance(node, nodes.Const):
            if str(node.value).startswith(("https://", "http://")):
                return
            message, step = f'"{node.value}" is not the address of a page', "start it with https://"
            wrong = str(node.value)
        elif root in OWN_WORDS or root in local:
            return
        else:
            message, step = "the address of a link is put together here", "write it out: link('name', 'https://…')"
            wrong = path
        self.facts.problems.append(self.source.problem(self._span(node, wrong), "bad-link", message, step))

    def _refuse(self, node: nodes.Node, message: str, wrong: str, allowed: frozenset[str]) -> None:
        near = get_close_matches(wrong, allowed, 1) if wrong else []
        hint = f' — did you mean "{near[0]}"?' if near else ""
        step = f"use one of {', '.join(sorted(allowed))}" if allowed else "write it without"
        span = self._span(node, wrong)
        self.facts.problems.append(self.source.problem(span, "mail-syntax", message + hint, step))

    def _span(self, node: nodes.Node, token: str) -> Span:
        """The token on the node's line; Jinja2 knows lines only, so that the column is found in the text.

        The tree is walked in the order of the text, so that the second of two equal tokens is found behind the first.
        """
        line = self.start.line + node.lineno - 1
        first = self.start.column - 1 if node.lineno == 1 else 0
        text, (last, place, width) = self.source.line(line), self._last
        behind = max(first, place + width) if line == last else first
        column = text.find(token, behind) if token else -1
        if column < 0 and token:
            column = text.find(token, first)
        if column < 0:
            return _line_span(self.source, line)
        self._last = (line, column, len(token))
        return Span(line, column + 1, len(token))


def _never_empty(node: nodes.Node) -> bool:
    """Whether it makes something of nothing."""
    return isinstance(node, nodes.Filter) and node.name in {"default", "length"}


def _line_span(source: Source, number: int) -> Span:
    line = source.line(number)
    indent = len(line) - len(line.lstrip())
    return Span(number, indent + 1, max(len(line.strip()), 1))


def _token(node: nodes.Node) -> str:
    """The operator of a calculation; empty for anything else."""
    return _ARITHMETIC.get(type(node).__name__, "")


def _spoken(node: nodes.Node) -> str:
    return f'"{token}"' if (token := _token(node)) else f"{{% {type(node).__name__.lower()} %}}"


def _plain(message: str) -> str:
    """Jinja2's message without its own jargon, and without a mail's length of text in it."""
    if unclosed := _UNCLOSED.search(message):
        return f"{{% {unclosed[1]} %}} is not closed with {{% end{unclosed[1]} %}}"
    spoken = message.partition(". ")[0].rstrip(".").replace("Unexpected end of template", "it ends too early")
    return spoken.replace("end of print statement", "}}")[:200]
