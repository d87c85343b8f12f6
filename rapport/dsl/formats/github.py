"""Workflow commands of GitHub Actions: each problem becomes a note on its line of the pull request."""

from collections.abc import Iterable

from rapport.dsl.problem import Problem, in_order

_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def as_github(problems: Iterable[Problem]) -> str:
    """One line per problem: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`."""
    return "\n".join(_command(problem) for problem in in_order(problems))


def _command(problem: Problem) -> str:
    properties = {
        "file": problem.file,
        "line": problem.line,
        "endLine": problem.line,
        "col": problem.column,
        "endColumn": problem.column + problem.width,
        "title": problem.rule,
    }
    written = ",".join(f"{name}={str(value).translate(_IN_PROPERTY)}" for name, value in properties.items())
    message = f"{problem.message}\nhelp: {problem.help}"
    return f"::{problem.severity} {written}::{message.translate(_IN_MESSAGE)}"
