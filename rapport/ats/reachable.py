"""Where a call may lead: to https on the open internet, or to this very machine; never into a private network."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.settings import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address that was looked at: `url` names the IP address, `host` and `name` what was asked for."""

    url: str
    host: str
    name: str


async def place_of(address: str, *, who: str, allow_private: bool = False) -> Place:
    """Resolve an address and look at where it leads.

    ConfigurationError for a place that calls must not reach, TemporaryFailure when the name is not known now.
    """
    parts = _parts(address, who)
    name = parts.hostname or ""
    local = is_loopback(name)
    if parts.scheme != "https" and not (parts.scheme == "http" and (local or allow_private)):
        raise ConfigurationError(f"{who} is not at an https address.", hint="Use https outside of this machine.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await _resolve(name, port, who)
    if not allow_private and any(_is_inside(address) and not (local and is_loopback(address)) for address in found):
        raise ConfigurationError(f"{who} leads into a private network.", hint="Use an address on the open internet.")
    numeric = f"[{found[0]}]" if ":" in found[0] else found[0]
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(url=f"{parts.scheme}://{numeric}:{port}{rest}", host=parts.netloc.rpartition("@")[2], name=name)


def _parts(address: str, who: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        if parts.hostname and (parts.port is None or parts.port > 0):
            return parts
    except ValueError:  # a port that is no number, a bracket too many; the address itself may hold a secret
        pass
    raise ConfigurationError(f"{who} has no address that can be called.", hint="Write https://host/path.")


async def _resolve(name: str, port: int, who: str) -> list[str]:
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TemporaryFailure(f"{who} has a name that is not known.", hint="Look at its address.") from error
    return [str(row[4][0]) for row in rows]


def _is_inside(address: str) -> bool:
    """Whether an address is anything but open internet; one that hides in IPv6 is looked at as what it is."""
    number = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    return not (mapped or number).is_global or (mapped or number).is_multicast
