"""Who may call: a bearer key, of which only the hash is kept, or a program on this very machine."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from api.door import Behind
from rapport.errors import Refused
from rapport.settings import is_loopback
from rapport.store.database import Store
from rapport.store.once import insert_once
from rapport.store.tables.doors import ApiKeyRow

_BEARER = HTTPBearer(auto_error=False, description="An API key; make one with `rapport api --new-key NAME`.")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
THIS_MACHINE = "this machine"


async def new_key(store: Store, name: str, *, at: datetime) -> str:
    """Make a key for a caller; it is shown this once. Refused when the name is taken."""
    key = f"rapport_{secrets.token_urlsafe(32)}"
    async with store.write() as tx:
        made = await insert_once(tx, ApiKeyRow(hash=_hash(key), name=name, recorded_at=at))
    if not made:
        raise Refused(reason="taken", message=f"There is a key called {name!r}.", hint="Choose another name.")
    return key


async def caller(
    request: Request,
    behind: Behind,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> str:
    """Name the caller, or refuse with 401."""
    if credentials is not None:
        async with behind.store.read() as tx:
            row = await tx.get(ApiKeyRow, _hash(credentials.credentials))
        if row is not None:
            return row.name
    elif is_loopback(behind.house.settings.api_host) and comes_from_here(request):
        return THIS_MACHINE
    detail = "Send a valid API key: `Authorization: Bearer …`. Make one with `rapport api --new-key NAME`."
    raise HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})


Caller = Annotated[str, Depends(caller)]


def comes_from_here(request: Request) -> bool:
    """Whether a program on this machine asks, for itself: no proxy in between, and no web page of another site."""
    direct = request.client is not None and is_loopback(request.client.host)
    # A page that rebinds its own name to 127.0.0.1 comes with that name, and a proxy says for whom it asks.
    meant = is_loopback((request.url.hostname or "").strip("[]"))
    return direct and meant and not any(name in request.headers for name in _FORWARDED)


def same_secret(given: str, expected: str) -> bool:
    """Compare without telling by the time it takes how much was right."""
    return hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest())


def _hash(key: str) -> str:
    # A key has 256 random bits, so that a plain hash is as hard to turn around as a slow one.
    return hashlib.sha256(key.encode()).hexdigest()
