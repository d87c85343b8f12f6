"""Published plans and projects, read once: what a hash names never changes, so it is kept."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.store import published
from rapport.store.database import Tx
from rapport.store.tables.published import VersionRow

Read = TypeVar("Read")

# A plan takes some 20 kB in memory; a company has a hundred sequences with a few versions each.
_KEPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a sequence: what a walk through it does, and whose it is (a key of `people`)."""

    plan: Plan
    owner: str


class _Shelf(Generic[Read]):
    """The things that were read last, by name."""

    def __init__(self, read: Callable[[Any], Read]) -> None:
        self._read = read
        self._kept: OrderedDict[tuple[str, ...], Read] = OrderedDict()

    def find(self, *name: str) -> Read | None:
        return self._kept.get(name)

    def keep(self, source: Any, *name: str) -> Read:
        thing = self._kept[name] = self._read(source)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return thing


def _version(row: VersionRow) -> Version:
    return Version(plan=Plan.read(row.plan), owner=row.owner)


_VERSIONS = _Shelf(_version)
_PROJECTS = _Shelf(Project.read)


async def version_of(tx: Tx, sequence: str, version: str) -> Version:
    """One version of a sequence."""
    known = _VERSIONS.find(sequence, version)
    if known is not None:
        return known
    return _VERSIONS.keep(await published.version(tx, sequence, version), sequence, version)


async def plan_of(tx: Tx, sequence: str, version: str) -> Plan:
    """The compiled plan of one version of a sequence."""
    return (await version_of(tx, sequence, version)).plan


async def live_project(tx: Tx) -> Project:
    """The project.yaml that holds now; NotFound before the first publish."""
    name = await published.live_project_hash(tx)
    known = _PROJECTS.find(name)
    return known if known is not None else _PROJECTS.keep((await published.project(tx, name)).source, name)
