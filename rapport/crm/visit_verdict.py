"""Whether a person or a machine followed a link or loaded a pixel, as far as one can tell, and why we think so."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Final, Literal, TypeAlias

from rapport.crm.known_machines import AGENTS, APPLE_PROXY, NETWORKS, OPENING_PROXIES

Verdict: TypeAlias = Literal["human", "machine", "unsure"]

# Links of one mail that nobody follows within so short a time by hand: all of them, or this many.
BURST: Final = timedelta(seconds=5)
_MANY_LINKS, _ALL_LINKS = 3, 2
# Somebody who waits for a mail can be that fast; scanners of a gateway mostly are.
_SOON: Final = timedelta(seconds=60)
_PREPARING_WORDS = ("prefetch", "preview", "prerender")
# Enough to tell one visitor from another, too little to find them.
_KEPT_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a machine, or against certainty, in a few words."""

    of: Literal["machine", "unsure"]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one request tells of its visitor; `preparing` is what the headers say that announce a prefetch."""

    kind: Literal["click", "open"]
    method: str
    agent: str
    preparing: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """One visit among others to the same mail: which link (0 is the pixel), how long apart, and by whom.

    `apart` is the time between it and the visit that is judged, whichever came first.
    """

    number: int
    apart: timedelta
    network: str
    verdict: Verdict


def verdict_of(signs: Collection[Sign]) -> Verdict:
    """What the signs make together: one machine's is enough."""
    kinds = {sign.of for sign in signs}
    return "machine" if "machine" in kinds else "unsure" if kinds else "human"


def reasons_of(signs: Sequence[Sign]) -> list[str]:
    """The reasons in words; a person has the one that nothing speaks against it."""
    return [sign.why for sign in signs] or ["no sign of a machine"]


def signs_of_request(asked: Asked) -> Iterator[Sign]:
    """What the request itself tells."""
    agent = asked.agent.strip()
    if asked.method not in ("GET", "POST"):
        yield Sign("machine", "only the head was asked for" if asked.method == "HEAD" else f"asked by {asked.method}")
    if not agent:
        yield Sign("machine", "no user agent")
    if agent == APPLE_PROXY:
        yield Sign("machine", "a proxy's user agent")
    if (known := _known_agent(asked.kind, agent.lower())) is not None:
        yield Sign("machine", f"a user agent with {known!r}")
    if any(word in asked.preparing.lower() for word in _PREPARING_WORDS):
        yield Sign("machine", "a prefetch")
    if asked.network and _is_known(asked.network):
        yield Sign("unsure", "an address of a scanner's network")


def signs_of_moment(since_sent: timedelta | None, *, too_soon: timedelta) -> Iterator[Sign]:
    """What the time tells that has passed since the mail server took the mail; None is not known."""
    if since_sent is None or not too_soon:
        return
    if since_sent < timedelta(0):
        yield Sign("machine", "before the mail was sent")
    elif since_sent < too_soon:
        yield Sign("machine", f"within {too_soon.total_seconds():.0f} s of sending")
    elif since_sent < _SOON:
        yield Sign("unsure", f"within {_SOON.total_seconds():.0f} s of sending")


def signs_of_company(mine: Visited, others: Collection[Visited], *, links: int) -> Iterator[Sign]:
    """What other visits to the same mail tell; `links` is how many it has."""
    close = [mine, *(other for other in others if other.apart <= BURST)]
    followed = {visit.number for visit in close if visit.number}
    if len(followed) >= _MANY_LINKS or (len(followed) >= _ALL_LINKS and len(followed) == links):
        yield Sign("machine", f"{len(followed)} links of the mail within {BURST.total_seconds():.0f} s")
    scanner = [other for other in others if other.verdict == "machine" and other.number and other.network]
    if mine.network and any(other.network == mine.network for other in scanner):
        yield Sign("machine", "a scanner came from the same network")


def network_of(host: str | None) -> str:
    """The network that an address belongs to, and nothing closer: a /24, or a /48 of IPv6.

    Empty for what is no address of the open internet: behind a proxy of ours, all visitors have the same one.
    """
    try:
        address = ip_address(host or "")
    except ValueError:
        return ""
    if not address.is_global:
        return ""
    return str(ip_network(f"{address}/{_KEPT_BITS[address.version]}", strict=False))


def _known_agent(kind: str, agent: str) -> str | None:
    opening = next((name for name in OPENING_PROXIES if name in agent), None)
    if opening is not None:
        return opening if kind == "click" else None
    return next((name for name in AGENTS if name in agent), None)


def _is_known(network: str) -> bool:
    mine = ip_network(network)
    return any(isinstance(mine, IPv4Network) and mine.overlaps(known) for known in NETWORKS)
