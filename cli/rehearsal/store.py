"""The stores of cases: published once, then one copy for each case, so that no case sees another's people."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.publication import NOTES
from rapport.dsl import model
from rapport.dsl.plan import Plan
from rapport.dsl.workspace import CheckedSequence
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.publish import Publication, PublishedSequence, publish

_OFF = {"never_between": None}
_COMMIT = "test"
# No mail goes without one, and a project may have none yet.
_ADDRESS = "1 Test Street"


@dataclass(frozen=True, kw_only=True)
class Stores:
    """A folder of stores; the templates are made by `prepare`."""

    folder: Path

    async def prepare(self, project: Mapping[str, Any], sequences: Mapping[str, CheckedSequence], at: datetime) -> None:
        """Make what all cases are copied from: for each sequence a store that holds nothing else, and an empty one."""
        empty = self._settings("empty")
        await migrate(empty.database)
        for name, checked in sequences.items():
            for policy in ("on", "off"):
                ruled = {**project, "contact_policy": _OFF} if policy == "off" else project
                ruled = {**ruled, "organization": {"postal_address": _ADDRESS, **project["organization"]}}
                settings = self._copy("empty", _template(name, policy))
                store = Store.open(settings.database)
                try:
                    await publish(store, _publication(ruled, checked), commit=_COMMIT, at=at)
                finally:
                    await store.close()

    @asynccontextmanager
    async def case(self, sequence: str, number: int, *, policy: str) -> AsyncIterator[tuple[Store, Settings]]:
        """A store for one case, gone at the end."""
        settings = self._copy(_template(sequence, policy), f"case-{number}")
        store = Store.open(settings.database)
        try:
            yield store, settings
        finally:
            await store.close()
            shutil.rmtree(settings.state_folder)

    def _copy(self, template: str, name: str) -> Settings:
        shutil.copytree(self.folder / template, self.folder / name)
        return Settings(state_folder=self.folder / name)

    def _settings(self, name: str) -> Settings:
        (self.folder / name).mkdir()
        return Settings(state_folder=self.folder / name)


def _template(sequence: str, policy: str) -> str:
    return f"{sequence}.policy-{policy}"


def _publication(project: Mapping[str, Any], checked: CheckedSequence) -> Publication:
    """The sequence alone, without its start: nothing that happens in a case begins another walk.

    A case is about the walk and not about texts, so that each mail and note says its name: nobody has to write
    every field of a candidate that some text may use.
    """
    sequence = PublishedSequence(
        plan=checked.plan.source,
        start={},
        title=checked.tree["title"],
        owner=checked.tree["owner"],
        version=checked.version,
    )
    mails = {(name, ""): f"---\nsubject: {name}\n---\n{name}\n" for name in checked.plan.mails}
    notes = {(f"{NOTES}{name}", ""): name for name in _notes(checked.plan)}
    return Publication(project=project, sequences={checked.name: sequence}, mails={**mails, **notes})


def _notes(plan: Plan) -> list[str]:
    actions = (node.action for node in plan.nodes)
    return [action.what for action in actions if isinstance(action, model.Ats) and action.how == "add_note"]
