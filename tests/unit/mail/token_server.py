"""A server of OAuth2 tokens on loopback, which gives one answer and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenServer:
    """Where it is, and the forms that were posted."""

    url: str
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def a_token_server(status: int, answer: Mapping[str, object]) -> Iterator[TokenServer]:
    """Run it."""
    asked: list[dict[str, str]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(dict(parse_qsl(form)))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield TokenServer(url=f"http://127.0.0.1:{server.server_port}/token", asked=asked)
        finally:
            server.shutdown()
            thread.join()
