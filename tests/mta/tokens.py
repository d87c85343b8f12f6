"""A server of OAuth2 tokens as Google and Microsoft run one: it gives them, and tells a mail server whose they are."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl

REFRESH = "a-refresh-token"


@dataclass(slots=True)
class Tokens:
    """The tokens that are good, each with the user whose mailbox it opens; `asked` are the paths that were called."""

    port: int
    user: str = ""
    good: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        """Where a refresh token buys an access token for `user`."""
        return f"http://127.0.0.1:{self.port}/token"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Give a token (RFC 6749), or say whose one is (RFC 7662)."""
        self.asked.append(path)
        if path == "/introspect":
            owner = self.good.get(form.get("token", ""))
            return 200, {"active": True, "username": owner} if owner else {"active": False}
        if form.get("refresh_token") != REFRESH:
            return 400, {"error": "invalid_grant"}
        token = f"token-{next(self.numbers)}"
        self.good[token] = self.user
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}


@contextmanager
def token_server() -> Iterator[Tokens]:
    """Run it on loopback."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, answer = tokens.answer(self.path, dict(parse_qsl(form)))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        tokens = Tokens(port=server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield tokens
        finally:
            server.shutdown()
            thread.join()
