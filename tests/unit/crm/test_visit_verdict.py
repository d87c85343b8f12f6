"""Whether a person or a machine followed a link, and why we think so."""

from collections.abc import Collection
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.crm.visit_verdict import (
    Asked,
    Sign,
    Visited,
    network_of,
    reasons_of,
    signs_of_company,
    signs_of_moment,
    signs_of_request,
    verdict_of,
)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SETTLE = timedelta(seconds=10)


def words(signs: Collection[Sign]) -> tuple[str, list[str]]:
    """A verdict and its reasons."""
    return verdict_of(signs), reasons_of(list(signs))


def asked(kind: Literal["click", "open"] = "click", agent: str = BROWSER, **more: str) -> Asked:
    """A GET by a browser, but for what is said."""
    return Asked(**{"kind": kind, "method": "GET", "agent": agent, **more})  # type: ignore[arg-type]


def visited(number: int, seconds: float = 0, network: str = "", verdict: str = "human") -> Visited:
    """A visit to a link, so many seconds from the one that is judged."""
    return Visited(number=number, apart=timedelta(seconds=seconds), network=network, verdict=verdict)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "verdict", "why"),
    [
        (asked(), "human", "no sign of a machine"),
        (asked(method="HEAD"), "machine", "only the head was asked for"),
        (asked(method="OPTIONS"), "machine", "asked by OPTIONS"),
        (asked(agent=" "), "machine", "no user agent"),
        (asked("open", agent="Mozilla/5.0"), "machine", "a proxy's user agent"),
        (asked("open", agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"), "human", "no sign of a machine"),
        (
            asked(agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"),
            "machine",
            "a user agent with 'googleimageproxy'",
        ),
        (asked(agent=f"{BROWSER} BingPreview/1.0b"), "machine", "a user agent with 'preview'"),
        (asked(agent="python-requests/2.32"), "machine", "a user agent with 'python-'"),
        (asked(preparing="prefetch;prerender"), "machine", "a prefetch"),
        (asked(network="104.47.12.0/24"), "unsure", "an address of a scanner's network"),
        (asked(network="91.12.4.0/24"), "human", "no sign of a machine"),
        (asked(network="2a02:810d:100::/48"), "human", "no sign of a machine"),
    ],
)
def test_a_request_tells_who_makes_it(request_: Asked, verdict: str, why: str) -> None:
    """Scanners, prefetches and mail proxies give themselves away; everybody else is a person so far."""
    assert (verdict, [why]) == words(list(signs_of_request(request_)))


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(-1, "machine"), (0, "machine"), (9.9, "machine"), (10, "unsure"), (59, "unsure"), (60, "human")],
)
def test_nobody_reads_a_mail_in_the_second_in_which_it_comes(seconds: float, verdict: str) -> None:
    """Gateways look at links as soon as a mail arrives; people take their time."""
    assert verdict == words(list(signs_of_moment(timedelta(seconds=seconds), too_soon=SETTLE)))[0]


@pytest.mark.parametrize(
    ("others", "links", "verdict"),
    [
        ([], 1, "human"),
        ([visited(1, 2)], 1, "human"),  # a double click
        ([visited(2, 2)], 3, "human"),  # two of three
        ([visited(2, 2)], 2, "machine"),  # all of two
        ([visited(2, 2), visited(3, 4)], 9, "machine"),
        ([visited(2, 2), visited(3, 6)], 9, "human"),  # not that fast
        ([visited(0, 1)], 1, "human"),  # a mail program loads the pictures when somebody reads
    ],
)
def test_nobody_follows_all_links_within_seconds(others: list[Visited], links: int, verdict: str) -> None:
    """Three links of a mail in five seconds, or both of two, are a scanner's."""
    assert verdict == words(list(signs_of_company(visited(1), others, links=links)))[0]


@pytest.mark.parametrize(
    ("scanner", "verdict"),
    [
        (visited(1, 20, "8.8.8.0/24", "machine"), "machine"),
        (visited(1, 20, "9.9.9.0/24", "machine"), "human"),
        (visited(0, 20, "8.8.8.0/24", "machine"), "human"),  # pictures are fetched by proxies, for people
    ],
)
def test_a_browser_from_a_scanners_network_is_the_scanner(scanner: Visited, verdict: str) -> None:
    """A gateway asks for the head first and then comes as a browser."""
    assert verdict == words(list(signs_of_company(visited(1, network="8.8.8.0/24"), [scanner], links=3)))[0]


@given(st.ip_addresses())
def test_no_address_is_kept(address: object) -> None:
    """We keep a network of 256 addresses or more, or nothing."""
    kept = network_of(str(address))

    assert not kept or kept.endswith(("/24", "/48"))
    assert str(address) != kept.partition("/")[0] or kept.partition("/")[0].endswith((".0", "::"))


@pytest.mark.parametrize(
    ("host", "network"),
    [("8.8.8.8", "8.8.8.0/24"), ("2a02:810d:123:4::1", "2a02:810d:123::/48"), ("127.0.0.1", ""), ("", ""), (None, "")],
)
def test_the_network_of_a_visitor(host: str | None, network: str) -> None:
    """Behind a proxy of ours everybody has the same address, which says nothing."""
    assert network == network_of(host)
