"""`rapport doctor`: says what is set up, what is not, and what to do about it."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import click

from cli import doctor_checks
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.findings import Warned
from rapport.errors import RapportError
from rapport.settings import Settings

_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, whether it is well, and what to do if it is not."""

    name: str
    ok: bool
    text: str

    def __str__(self) -> str:
        """Write the line; what only should be looked into is no problem yet."""
        word = "problem" if not self.ok else "warning" if isinstance(self.text, Warned) else "ok     "
        return f"{word}  {self.name}: {self.text}"


@click.command(short_help="Say what is set up, what is not, and what to do about it.")
def doctor() -> int:
    """Look at the settings, the store, Temporal, the mail server and the outbox; exit 1 when something is wrong."""
    return asyncio.run(_run())


async def _run() -> int:
    problems = 0
    async for finding in examine():
        problems += not finding.ok
        click.echo(str(finding))
    return EXIT_PROBLEMS if problems else EXIT_OK


async def examine() -> AsyncIterator[Finding]:
    """Look at everything, one after the other; what cannot be looked at is a problem."""
    try:
        settings = Settings.from_environ(os.environ)
    except RapportError as error:
        yield Finding(name="settings", ok=False, text=str(error))
        return
    yield Finding(name="settings", ok=True, text="they can be read")
    for name, check in doctor_checks.CHECKS.items():
        yield await _look(name, partial(check, settings))


async def _look(name: str, check: doctor_checks.Bound) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            return Finding(name=name, ok=True, text=await check())
    except RapportError as error:
        return Finding(name=name, ok=False, text=str(error))
    except TimeoutError:
        return Finding(name=name, ok=False, text=f"no answer within {_PATIENCE.total_seconds():.0f} s")
    except Exception as error:  # noqa: BLE001  # a doctor reports what it stumbles over
        return Finding(name=name, ok=False, text=f"{type(error).__name__}; look at the logs of that service")
