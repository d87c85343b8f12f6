"""The installation that a command works on: its settings, its store, the real time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.migrate import migrate

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What nearly every command needs."""

    settings: Settings
    store: Store
    clock: SystemClock


@asynccontextmanager
async def installed(settings: Settings | None = None) -> AsyncIterator[Installation]:
    """Open the installation that the environment names, its tables brought up to date."""
    settings = settings or Settings.from_environ(os.environ)
    await migrate(settings.database, pepper=settings.pepper)
    store = Store.open(settings.database)
    try:
        yield Installation(settings=settings, store=store, clock=SystemClock())
    finally:
        await store.close()


def run(work: Callable[[Installation], Coroutine[Any, Any, Result]]) -> Result:
    """Do something with the installation."""

    async def inside() -> Result:
        async with installed() as installation:
            return await work(installation)

    return asyncio.run(inside())


def existing_folder(*names: str) -> Path:
    """The first of these folders that is here; a wrong use when none is."""
    found = next((Path(name) for name in names if Path(name).is_dir()), None)
    if found is None:
        message = f"there is no folder `{names[0]}` here; name one"
        raise click.UsageError(message)
    return found
