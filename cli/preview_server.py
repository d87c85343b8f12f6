"""A page on this machine only, made anew for every look at it."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import click

from cli.exits import EXIT_OK
from rapport.errors import ConfigurationError

HOST = "127.0.0.1"


def server_of(show: Callable[[], str], port: int) -> ThreadingHTTPServer:
    """A server that listens on loopback and shows one page; ConfigurationError when the port is taken.

    Only who asks for this machine by name gets an answer: a page of somebody else whose name leads here (DNS
    rebinding) must not read a candidate's data.
    """

    class Page(BaseHTTPRequestHandler):
        """Answers with the page, whatever the path."""

        def do_GET(self) -> None:  # http.server's naming
            """Show the page."""
            if (self.headers.get("Host") or "").rpartition(":")[0] not in (HOST, "localhost"):
                self.send_error(403)
                return
            if self.path != "/":
                self.send_error(404)
                return
            body = show().encode("utf-8", "replace")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's naming
            """Keep the terminal for what people look for."""

    try:
        return ThreadingHTTPServer((HOST, port), Page)
    except OSError as error:
        hint = "Stop what listens there, or choose another one with --port (0 takes a free one)."
        raise ConfigurationError(f"Port {port} on {HOST} cannot be used: {error.strerror}.", hint=hint) from error


def serve_page(show: Callable[[], str], port: int) -> int:
    """Serve until Ctrl-C."""
    with server_of(show, port) as server:
        click.echo(f"http://{HOST}:{server.server_address[1]}/ shows the mails; reload to see an edit. Ctrl-C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return EXIT_OK
    return EXIT_OK
