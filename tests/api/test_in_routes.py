"""What a program is told to do next, it can do: it has no command line."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.in_routes import ROUTES, in_routes
from cli.main import COMMANDS
from tests.api.doors import Visitor

ROOT = Path(__file__).parents[2]
# What only operators of this installation, or authors of its sequences, can do.
NO_ROUTE = {"doctor", "paths", "publish", "replies", "senders"}
_NAMED = re.compile(r"(`?)rapport ([a-z]+)")


@pytest.mark.parametrize(
    ("asked", "route"),
    [
        ("calendar/nothing", "GET /v1/calendar"),
        ("tasks/t_nobody", "GET /v1/tasks"),
        ("candidates/c_nobody", "GET /v1/candidates"),
        ("enrollments/welcome/c_nobody/1", "GET /v1/enrollments"),
        ("pools/nothing", "GET /v1/pools"),
    ],
)
async def test_an_error_names_a_call_and_no_command(visitor: Visitor, asked: str, route: str) -> None:
    """The next step of an answer is one that the caller can take."""
    detail = (await visitor.get(f"/v1/{asked}")).json()["detail"]

    assert f"`{route}`" in detail
    assert "rapport " not in detail


async def test_a_row_of_a_list_names_calls_too(visitor: Visitor) -> None:
    """Lists are answered line by line, in the same words."""
    await visitor.person("c_bo")
    both = "email,emails\nc_ana@people.example,c_bo@people.example\n"
    answer = await visitor.http.post("/v1/imports?dry_run=true", content=both, headers={"Idempotency-Key": "k"})

    [conflict] = answer.json()["conflicts"]
    assert conflict["reason"].endswith("merge them: `POST /v1/candidates/{candidate}/merge`")


async def test_every_route_that_is_named_exists(visitor: Visitor) -> None:
    """A call that was renamed is renamed here as well."""
    paths = (await visitor.get("/openapi.json")).json()["paths"]
    calls = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    assert set() == set(ROUTES.values()) - calls


def test_the_longest_beginning_of_a_command_decides() -> None:
    """Options and names behind it do not matter; what has no route stays."""
    text = "`rapport sends drop 5`, `rapport sends --parked`, `rapport sendsx`, `rapport doctor`"

    assert "`POST /v1/sends/{send}/drop`, `GET /v1/sends`, `rapport sendsx`, `rapport doctor`" == in_routes(text)


def test_every_command_in_a_hint_can_be_translated() -> None:
    """Whoever writes a hint puts a command between backticks, and says here when no call does the same."""
    named = [found for file in _files() for text in _texts(file) for found in _NAMED.findall(text)]
    bare = [command for tick, command in named if command in COMMANDS and not tick]
    commands = {command for _, command in named if command in COMMANDS}

    assert [] == bare
    assert NO_ROUTE == commands - {known.split()[0] for known in ROUTES}


def _files() -> Iterator[Path]:
    for folder in ("usecases", "store"):
        yield from (ROOT / "rapport" / folder).rglob("*.py")


def _texts(file: Path) -> Iterator[str]:
    """The texts of a file, without its docstrings; an f-string comes in parts."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            yield node.value
