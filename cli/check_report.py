"""What `rapport check` prints: the problems in the format that was asked for, and a verdict for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rapport.dsl.formats.github import as_github
from rapport.dsl.formats.junit import as_junit
from rapport.dsl.formats.sarif import as_sarif
from rapport.dsl.problem import Problem, as_json, as_text
from rapport.dsl.wording import counted

Form = Literal["text", "json", "sarif", "github", "junit"]
_BLOB = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")


def check_report(
    form: Form | None, problems: Sequence[Problem], files: Sequence[str], *, strict: bool, environ: Mapping[str, str]
) -> str:
    """Write the problems; without a format it is text, and on GitHub Actions the notes on lines as well."""
    match form:
        case "json":
            return as_json(problems)
        case "sarif":
            return as_sarif(problems, pages=_pages(environ))
        case "junit":
            return as_junit(problems, files, strict=strict)
        case "github":
            return _parts(as_github(problems), _verdict(problems, files))
        case "text":
            return _parts(as_text(problems), _verdict(problems, files))
        case None:
            notes = as_github(problems) if environ.get("GITHUB_ACTIONS") == "true" else ""
            return _parts(as_text(problems), notes, _verdict(problems, files))


def _parts(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _pages(environ: Mapping[str, str]) -> str:
    """Where this commit's pages are on the code host; empty where that is not known, so that links are relative."""
    known = [environ.get(name, "") for name in _BLOB]
    server, repository, commit = known
    return f"{server}/{repository}/blob/{commit}/" if all(known) else ""


def _verdict(problems: Sequence[Problem], files: Sequence[str]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    found = " and ".join(_counted([(errors, "error"), (len(problems) - errors, "warning")]))
    return f"{''.join(_counted([(len(files), 'file')])) or 'no files'} checked: {found or 'no problems'}."


def _counted(numbers: Iterable[tuple[int, str]]) -> list[str]:
    return [counted(number, noun) for number, noun in numbers if number]
