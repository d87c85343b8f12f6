"""What project.yaml declares as far as it can be read: a mistake in one section says nothing about the others."""

from collections.abc import Mapping
from typing import Any, Final

from rapport.dsl.loader import Loaded
from rapport.dsl.project import Project
from rapport.dsl.schema import schema, schema_problems

# Stands in for one with a mistake; rules do not ask about it, and nobody walks in a project with errors.
_NOWHERE: Final[Mapping[str, Any]] = {"name": "", "zone": "UTC", "country": ""}


def declared_by(loaded: Loaded | None) -> tuple[Project | None, frozenset[str]]:
    """The project that the sections without a mistake make, and the names of those that nobody can be sure of.

    None, and every section, when there is no file or nothing of it can be read.
    """
    sections = frozenset(schema("project")["properties"])
    if loaded is None or loaded.problems or not isinstance(loaded.tree, dict):
        return None, sections
    _, wrong = schema_problems(loaded, "project")
    if wrong is None:
        return None, sections
    unsure = {str(route[0]) for route in wrong if route}
    if () in wrong:  # a key that is misspelled is probably one of those that are missing
        unsure |= sections - loaded.tree.keys()
    sure = {key: value for key, value in loaded.tree.items() if key in sections - unsure}
    return Project.read({"organization": _NOWHERE, **sure}), frozenset(unsure & sections)
