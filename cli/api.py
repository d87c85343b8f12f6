"""`rapport api`: the HTTP doors."""

import asyncio
import os
import sys

import click

from api.app import create_app
from api.keys import new_key
from api.temporal import LiveWalks
from cli.exits import EXIT_OK
from cli.installation import Installation, run
from cli.log_lines import log_as_lines
from cli.serving import serve
from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.wiring.house import open_house


@click.command(short_help="Serve the HTTP API.")
@click.option("--new-key", "name", help="Make an API key for this caller, print it once, and end.")
def api(name: str | None) -> int:
    """Serve the API on RAPPORT_API_HOST and RAPPORT_API_PORT; its documentation is at /docs."""
    if name is not None:
        click.echo(run(lambda here: _new_key(here, name)))
        return EXIT_OK
    log_as_lines(sys.stderr)
    asyncio.run(_serve(Settings.from_environ(os.environ)))
    return EXIT_OK


async def _new_key(here: Installation, name: str) -> str:
    return await new_key(here.store, name, at=here.clock.now())


async def _serve(settings: Settings) -> None:
    clock = SystemClock()
    await migrate(settings.database, pepper=settings.pepper)
    async with open_house(settings, clock) as house:
        app = create_app(house, clock, connect=lambda: LiveWalks.connect(settings), vendors=house.vendors)
        await serve(app, host=settings.api_host, port=settings.api_port, setting="RAPPORT_API_PORT")
