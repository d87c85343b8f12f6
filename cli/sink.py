"""`rapport sink`: the inbox that catches every mail of `rapport dev`."""

import asyncio
import os

import click

from api.inbox.app import create_inbox
from cli.exits import EXIT_OK
from cli.serving import serve
from rapport.clock import SystemClock
from rapport.settings import Settings

WEB_PORT = 8025


@click.command(short_help="Serve the inbox that catches every mail of `dev`.")
@click.option("--port", default=WEB_PORT, show_default=True, help="The port of its web pages.")
def sink(port: int) -> int:
    """Take every mail on RAPPORT_SMTP_PORT and show it at http://127.0.0.1:PORT; answers go to the API."""
    settings = Settings.from_environ(os.environ)
    app = create_inbox(
        settings,
        SystemClock(),
        smtp_port=settings.smtp_port,
        api_url=f"http://{settings.api_host}:{settings.api_port}",
    )
    # The mails are personal, and there is no key: never on another address.
    asyncio.run(serve(app, host="127.0.0.1", port=port, setting="--port"))
    return EXIT_OK
