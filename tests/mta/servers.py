"""A real Postfix and a real Dovecot on this machine's loopback, with all their state in one folder.

Mails to `NAME@dev.test` end in the mailbox NAME, replies and bounces in the mailbox `inbox`. Some names misbehave:
`nobody` is refused (550), `full` (452) and `slow` (451) for now, `blocked` by policy; `late-hard` is taken and bounces
afterwards, `late-slow` is delayed and then fails; `away` is answered by Dovecot's vacation.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.mta.tokens import Tokens, token_server

PASSWORD = "on-loopback-only"  # noqa: S105  # of servers that live for one test run
REPLY_DOMAIN, BOUNCE_DOMAIN = "reply.dev.test", "bounce.dev.test"
INSTALL = "apt-get install postfix dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve (make test-mta does it)"
_PROGRAMS = ("postfix", "dovecot", "doveadm", "sievec")
_CONFIG = Path(__file__).parent / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServers:
    """Where they listen; `tokens` says whose an OAuth2 token is."""

    smtp_port: int
    imap_port: int
    folder: Path
    tokens: Tokens

    def account(self, user: str = "inbox") -> str:
        """The mailbox of a user, as RAPPORT_MAILBOXES names it; the password is in MTA_PASSWORD."""
        return f"imap://{user}@127.0.0.1:{self.imap_port}/INBOX?password=MTA_PASSWORD"


def why_no_servers() -> str | None:
    """Why they cannot run here; None when they can."""
    if sys.platform != "linux":
        return "they run on Linux"
    missing = [name for name in _PROGRAMS if shutil.which(name, path=_path()) is None]
    if missing:
        return f"{', '.join(missing)} missing: {INSTALL}"
    return "they start as root only" if os.geteuid() != 0 else None


@contextmanager
def mail_servers() -> Iterator[MailServers]:
    """Start both, and stop both at the end."""
    # Not below pytest's own folder: other users must reach it.
    folder = Path(mkdtemp(prefix="rapport-mta-"))
    folder.chmod(0o755)
    with token_server() as tokens:
        servers = MailServers(smtp_port=_free_port(), imap_port=_free_port(), folder=folder, tokens=tokens)
        _write_config(servers)
        yield from _running(servers)


def _running(servers: MailServers) -> Iterator[MailServers]:
    folder = servers.folder
    try:
        _run(folder, "sievec", "-c", str(folder / "dovecot.conf"), str(folder / "away.sieve"))
        _run(folder, "dovecot", "-c", str(folder / "dovecot.conf"))
        _run(folder, "postfix", "-c", str(folder / "postfix"), "start")
        _wait_for(servers.smtp_port)
        _wait_for(servers.imap_port)
        yield servers
    finally:
        _run(folder, "postfix", "-c", str(folder / "postfix"), "stop", check=False)
        _run(folder, "doveadm", "-c", str(folder / "dovecot.conf"), "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _write_config(servers: MailServers) -> None:
    folder = servers.folder
    for name in ("postfix", "spool", "data", "run", "state", "mail"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix")
    # Any user that owns nothing else will do for the mail.
    shutil.chown(folder / "mail", "nobody", "nogroup")
    values = {
        "FOLDER": str(folder),
        "SMTP_PORT": str(servers.smtp_port),
        "IMAP_PORT": str(servers.imap_port),
        "PASSWORD": PASSWORD,
        "TOKEN_PORT": str(servers.tokens.port),
    }
    for template in _CONFIG.iterdir():
        text = template.read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        target = folder if template.name in ("dovecot.conf", "oauth2.conf", "away.sieve") else folder / "postfix"
        (target / template.name).write_text(text)
    (folder / "postfix" / "master.cf").write_text(_master(servers.smtp_port))


def _master(port: int) -> str:
    """Postfix's own table of services: our port instead of 25, and no service in a jail that we would have to fill."""
    lines = []
    for line in Path("/etc/postfix/master.cf.proto").read_text().splitlines():
        fields = line.split()
        if fields and not line.startswith(("#", " ", "\t")) and len(fields) >= 8:
            fields[4] = "n"
            if fields[:2] == ["smtp", "inet"]:
                fields[0] = f"127.0.0.1:{port}"
            lines.append(" ".join(fields))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _run(folder: Path, *command: str, check: bool = True) -> None:
    # Into a file: a server that goes on holds a pipe open for as long as it runs.
    log = folder / "commands.log"
    with log.open("ab") as out:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
            timeout=60,
            env={**os.environ, "PATH": _path()},
        )
    if check and done.returncode:
        message = f"{command[0]} ended with {done.returncode}: {log.read_text()}"
        raise RuntimeError(message)


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}"
    raise RuntimeError(message)
