"""A role that is to be filled, as far as matching asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What is looked for; who lacks a `must` skill is not qualified. `country` is two capitals."""

    title: str
    must: tuple[str, ...] = ()
    nice: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None
    remote: bool = False
    seniority: str | None = None

    @classmethod
    def read(cls, tree: Mapping[str, Any]) -> "Role":
        """Read a role file that fits its schema."""
        skills, place = tree.get("skills", {}), tree.get("location", {})
        must = tuple(skills.get("must", ()))
        return cls(
            title=tree["title"],
            must=must,
            nice=tuple(word for word in skills.get("nice", ()) if word not in must),
            city=place.get("city"),
            country=place.get("country"),
            remote=place.get("remote", False),
            seniority=tree.get("seniority"),
        )
