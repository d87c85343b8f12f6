"""`lint: allow RULE — reason`: what reviewers have agreed to, and comments that say it wrongly."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from rapport.dsl.allow_comments import Comment, comments_in_mail, comments_in_yaml
from rapport.dsl.problem import Problem, Source, Span
from rapport.dsl.rules.rulebook import RULEBOOK
from rapport.dsl.wording import did_you_mean, quoted

_FORM = "write `lint: allow RULE — reason`"
# Names, then a dash with spaces around it (names have hyphens of their own), then the reason.
_DASH = r"(?:\u2014|\u2013|--?)"
_SAID = re.compile(
    rf"(?!{_DASH}(?:[ \t]|$))(?P<names>[^\s,]+(?:[ \t]*,[ \t]*[^\s,]+)*)"
    rf"(?:[ \t]+{_DASH}(?:[ \t]+(?P<reason>.*))?)?(?P<rest>.*)"
)
_NAME = re.compile(r"[^\s,]+")
# One more than a check shows of one file.
_MOST = 101


@dataclass(frozen=True, slots=True)
class _Allowed:
    """One rule that a comment names; `counts` says whether it may be allowed, with a reason."""

    source: Source
    rule: str
    span: Span
    about: int
    counts: bool

    @property
    def key(self) -> tuple[str, int, str]:
        return (self.source.file, self.about, self.rule)


@dataclass(frozen=True)
class Allowances:
    """The comments of some files; `keep` remembers which of them were needed, `unused` tells the rest."""

    mistakes: tuple[Problem, ...]
    _allowed: tuple[_Allowed, ...]
    _used: set[tuple[str, int, str]] = field(default_factory=set)

    @classmethod
    def in_yaml(cls, source: Source) -> "Allowances":
        """Read the comments of a YAML file."""
        return cls._read((source, comment) for comment in comments_in_yaml(source))

    @classmethod
    def in_mails(cls, sources: Iterable[Source]) -> "Allowances":
        """Read the comments of mails and notes."""
        return cls._read((source, comment) for source in sources for comment in comments_in_mail(source))

    @classmethod
    def _read(cls, comments: Iterable[tuple[Source, Comment]]) -> "Allowances":
        pairs = list(comments)
        allowed = tuple(chain.from_iterable(_named(source, comment) for source, comment in pairs))
        unclear = (problem for source, comment in pairs for problem in _unclear(source, comment))
        wrong = (problem for one in allowed for problem in _wrong(one))
        return cls((*islice(unclear, _MOST), *islice(wrong, _MOST)), allowed)

    def keep(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Those that no comment allows."""
        allowed = {one.key for one in self._allowed if one.counts}
        for problem in problems:
            key = (problem.file, problem.line, problem.rule)
            if key in allowed:
                self._used.add(key)
            else:
                yield problem

    def unused(self, *, unasked: frozenset[str] = frozenset()) -> Iterator[Problem]:
        """A problem for each comment that nothing needed which `keep` has seen; `unasked` rules did not run."""
        for one in self._allowed:
            if one.counts and one.key not in self._used and one.rule not in unasked:
                where = "this line" if one.about == one.span.line else f"line {one.about}"
                message = f"there is nothing to allow: {where} has no {one.rule}"
                yield one.source.problem(one.span, "allow-unused", message, f"take {one.rule} out of the comment")


def _named(source: Source, comment: Comment) -> Iterator[_Allowed]:
    """The rules that a comment names, in their places."""
    said = _SAID.fullmatch(comment.said)
    for name in islice(_NAME.finditer(said["names"] if said else ""), _MOST):
        span = Span(comment.span.line, comment.column + name.start(), len(name[0]))
        is_open = name[0] in RULEBOOK and not RULEBOOK[name[0]].fixed
        counts = is_open and bool(said and said["reason"])
        yield _Allowed(source, name[0], span, comment.about, counts=counts)


def _unclear(source: Source, comment: Comment) -> Iterator[Problem]:
    said = _SAID.fullmatch(comment.said)
    if said is None:
        yield source.problem(comment.span, "unknown-rule", "this comment names no rule", _FORM)
    elif not said["reason"]:
        hint = ", behind a dash" if said["rest"].strip() else ""
        yield source.problem(comment.span, "allow-without-reason", f"this comment does not say why{hint}", _FORM)


def _wrong(one: _Allowed) -> Iterator[Problem]:
    if one.rule not in RULEBOOK:
        message = f"no rule is called {quoted(one.rule)}{did_you_mean(one.rule, RULEBOOK)}"
        step = "take the name from the end of the message, in brackets"
        yield one.source.problem(one.span, "unknown-rule", message, step)
    elif RULEBOOK[one.rule].fixed:
        message = f"{one.rule} cannot be allowed: the file would not run as written, or somebody would not be safe"
        yield one.source.problem(one.span, "fixed-rule", message, "put it right, and delete the comment")
