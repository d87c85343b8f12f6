"""Role files: what `rapport match` looks for, read as strictly as sequences are."""

from pathlib import Path

from rapport.dsl.loader import Loaded, load_file
from rapport.dsl.problem import Problem
from rapport.dsl.schema import schema_problems


def load_role(path: Path) -> tuple[Loaded, tuple[Problem, ...]]:
    """Read a role from YAML or JSON, and everything that is wrong with it; OSError when the disk refuses."""
    loaded = load_file(path)
    if loaded.problems:
        return loaded, loaded.problems
    problems, _ = schema_problems(loaded, "role")
    return loaded, problems
