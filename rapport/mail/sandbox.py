"""Jinja2 for strangers: plain data only, no calls but `link()`, and limits on time and size.

The first gate is the language's own list of what a mail may use (`rapport.dsl.mail_template`); this environment
holds even for text that never went through `check`.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, UndefinedError, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rapport.dsl.allow_comments import without_comments
from rapport.dsl.mail_source import MAX_BYTES
from rapport.dsl.mail_template import FILTERS, TESTS, read_template
from rapport.dsl.problem import Source, Span
from rapport.errors import BadInput, RapportError
from rapport.mail.guard import Guard
from rapport.mail.merge import Merge, Named, Said, in_words

MAX_OUTPUT = 256 * 1024  # characters; Gmail clips at 102 kB
_MOST_TURNS = 10_000  # turns of all loops of one mail together
# A mail is three texts, so these are the mails of a hundred sequences; a program takes some 10 kB.
_KEPT_PROGRAMS = 1_000
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one mail: what it puts out goes to `merge`, and its limits are for this mail alone."""

    def __init__(self, merge: Merge) -> None:
        """Close the world: no globals but `link`, and only the language's filters and tests."""
        super().__init__(undefined=StrictUndefined, finalize=self._put, autoescape=False, cache_size=0)
        self.intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
        self._merge, self._turns = merge, 0
        self.globals = {"link": _link}
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.filters |= {"default": _default, "join": self._join, "turns_of": self._turns_of, "said": Said}
        self.tests = {name: self.tests[name] for name in TESTS}

    def fill(self, text: str, context: Mapping[str, Any], *, file: str, line: int = 1) -> str:
        """Run a text: values come out as tokens of `merge`. BadInput names the file and line of a mistake."""
        try:
            program = self.template_class.from_code(self, _program(text, file, line), self.make_globals(None))
            return "".join(self._capped(program.generate(context)))
        except RapportError:
            raise
        except UndefinedError as error:
            raise _refused(f"{file}:{line}", f"{error.message}", "Use the fields that mails know.") from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise _refused(f"{file}:{line}", f"the text cannot be filled in ({error})", "Simplify it.") from error
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise _refused(f"{file}:{line}", "the text is nested too deeply", "Take brackets away.") from error

    def is_safe_callable(self, obj: Any) -> bool:
        """Let mails call link() and nothing else."""
        return obj is _link

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002  # Jinja2's signature
        """Refuse arithmetic: `'a' * 100000000` is a mail of 100 MB."""
        message = f"mails cannot use {operator!r}"
        raise SecurityError(message)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field; never an attribute of a Python object."""
        if isinstance(obj, Undefined) or (isinstance(obj, LoopContext) and attribute in _LOOP):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read a field of a mapping or an item of a list."""
        if isinstance(obj, dict) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    # Who asks for the context is called when a mail is filled in; else Jinja2 puts constants out while it compiles,
    # and the program would hold the first mail's tokens.
    @pass_context
    def _put(self, _: Any, value: Any) -> str:
        inner, path = (value.value, value.path) if isinstance(value, Said) else (value, "this name")
        if isinstance(inner, Undefined):
            raise _refused("mail", f"mails know no field {path}", "Use the fields that the language lists.")
        return self._merge.put(value)

    def _capped(self, pieces: Iterable[str]) -> Iterator[str]:
        room = MAX_OUTPUT
        for piece in pieces:
            room -= len(piece)
            if room < 0:
                raise _refused("mail", "the text grows too long", "Use fewer loops.")
            yield piece

    def _join(self, items: Iterable[Any], separator: str = "") -> str:
        parts = [item if isinstance(item, str) else in_words(item, self._merge.language) for item in items]
        if sum(map(len, parts)) + len(parts) * len(separator) > MAX_OUTPUT:
            raise _refused("mail", "the text grows too long", "Join fewer values.")
        return separator.join(parts)

    def _turns_of(self, items: Any) -> Iterator[Any]:
        if not isinstance(items, list | tuple):
            raise _refused("mail", "a loop needs a list", "Loop over a list such as roles.")
        for item in items:
            self._turns += 1
            if self._turns > _MOST_TURNS:
                raise _refused("mail", f"the loops take more than {_MOST_TURNS} turns", "Use fewer loops.")
            yield item


@lru_cache(maxsize=_KEPT_PROGRAMS)
def _program(text: str, file: str, line: int) -> CodeType:
    """The program of a checked text, which holds nothing of any mail: the same text for a thousand people is one.

    Reading, guarding and compiling took 3 of the 4 ms of a mail.
    """
    text = without_comments(text)
    _check(text, file, line)
    sandbox = Sandbox(Merge(nonce="", room=0))
    tree = sandbox.parse(text)
    Guard().visit(tree, sandbox.globals)
    return sandbox.compile(tree)


def _default(value: Any, instead: Any = "", *_: Any) -> Any:
    """Jinja2's own looks at names that are not there; here a name is always there, and its value may be nothing."""
    return instead if isinstance(value, Undefined) or value in (None, "", []) else value


def _link(name: str, url: str) -> Named:
    return Named(str(name), str(url))


def _check(text: str, file: str, line: int) -> None:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _refused(f"{file}:{line}", f"the text is larger than {MAX_BYTES // 1024} kB", "Shorten it.")
    facts = read_template(text, Source.of(file, text), Span(1, 1))
    if facts.problems:
        first = facts.problems[0]
        raise _refused(f"{file}:{line + first.line - 1}", first.message, f"{first.help}.")


def _refused(place: str, message: str, hint: str) -> BadInput:
    return BadInput(place=place, message=message, hint=hint)
