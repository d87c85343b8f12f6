"""Links, pixels and unsubscribing: what mails lead to."""

from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.ids import address_key
from rapport.mail.tokens import Signer, Token
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from tests.api.doors import ANA, JOBS, SIGNER, SentMail, Visitor, visiting
from tests.unit.store.worlds import DAY, MONDAY, StandingClock

_FORGER = Signer(keys={1: b"the key of somebody else"}, current=1)


async def _heard(store: Store) -> Sequence[HappeningRow]:
    async with store.read() as tx:
        return (await tx.scalars(select(HappeningRow).order_by(HappeningRow.at))).all()


async def _stopped(store: Store, visitor: Visitor) -> frozenset[str]:
    async with store.read() as tx:
        person = await visitor.get(f"/v1/candidates/{ANA}")
        assert person.json()["email"]
        return await consents.suppressed(tx, address_key(person.json()["email"], visitor.settings.pepper))


async def test_a_click_leads_to_the_stored_destination(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A person who follows a link gets there at once, and the walk hears of it."""
    answer = await visitor.http.get(f"/c/{mail.token('click', 1)}?url=https://evil.example&to=https://evil.example")

    [click] = await _heard(store)
    assert (302, JOBS) == (answer.status_code, answer.headers["location"])
    assert ("no-store", "no-referrer", "noindex") == tuple(
        answer.headers[name] for name in ("cache-control", "referrer-policy", "x-robots-tag")
    )
    assert ("clicked", "hello", "jobs", "human", mail.enrollment) == (
        click.kind,
        click.step,
        click.link,
        click.verdict,
        click.enrollment,
    )


async def test_a_click_in_the_same_minute_counts_once(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock
) -> None:
    """A double click is one click; one on the next day is another."""
    for _ in range(3):
        await visitor.http.get(f"/c/{mail.token('click', 1)}")
    clock.at += DAY
    await visitor.http.get(f"/c/{mail.token('click', 1)}")

    assert [MONDAY, MONDAY + DAY] == [click.at for click in await _heard(store)]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"User-Agent": ""}),
        ("GET", {"User-Agent": "Mozilla/5.0"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"X-Moz": "prefetch"}),
    ],
)
async def test_a_machine_that_looks_at_a_link_moves_nobody(
    visitor: Visitor, store: Store, mail: SentMail, method: str, headers: dict[str, str]
) -> None:
    """A virus scanner is let through, and its visit is stored as what it is."""
    answer = await visitor.http.request(method, f"/c/{mail.token('click', 1)}", headers=headers)

    assert 302 == answer.status_code
    assert ["machine"] == [click.verdict for click in await _heard(store)]


async def test_a_link_that_we_did_not_make_leads_nowhere(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Nobody can use our domain to send people elsewhere."""
    forged = _FORGER.make(Token(kind="click", send=mail.send, number=1))
    tokens = (forged, mail.token("click", 2), mail.token("unsubscribe", 1), "https:%2F%2Fevil.example", "x" * 28)

    answers = [await visitor.http.get(f"/c/{token}?url=https://evil.example") for token in tokens]

    assert {404} == {answer.status_code for answer in answers}
    assert [] == list(await _heard(store))
    assert not any("location" in answer.headers for answer in answers)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    token=st.one_of(
        # Dots alone are no token but a way to another path, which a client goes before it asks.
        st.text(max_size=60).filter(lambda text: text not in (".", "..")),
        st.from_regex(r"[A-Za-z0-9_-]{28}", fullmatch=True),
        st.builds(
            lambda send, number: SIGNER.make(Token(kind="click", send=send, number=number)),
            st.integers(0, 2**63 - 1),
            st.integers(0, 2**16 - 1),
        ),
    )
)
@pytest.mark.usefixtures("mail")
async def test_no_token_whatsoever_redirects_to_what_is_not_stored(visitor: Visitor, token: str) -> None:
    """Open redirects are how phishers borrow a company's good name."""
    answer = await visitor.http.get(f"/c/{quote(token, safe='')}")

    assert 404 == answer.status_code
    assert "location" not in answer.headers


async def test_the_pixel_is_the_same_for_everybody(visitor: Visitor, mail: SentMail) -> None:
    """Nobody learns from the picture whether a token is real."""
    answers = [await visitor.http.get(f"/o/{token}.gif") for token in (mail.token("open"), "nonsense", "a/b")]

    assert {200} == {answer.status_code for answer in answers}
    assert {43} == {len(answer.content) for answer in answers}
    assert 1 == len({(answer.content, answer.headers["content-type"]) for answer in answers})


async def test_an_open_is_stored_only_with_consent_to_tracking(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock
) -> None:
    """Measuring opens needs a consent of its own."""
    await visitor.http.get(f"/o/{mail.token('open')}.gif")
    without = len(await _heard(store))
    async with store.write() as tx:
        await consents.record(
            tx, candidate=ANA, purpose="tracking", state="granted", source="form", at=clock.at, recorded_at=clock.at
        )

    await visitor.http.get(f"/o/{mail.token('open')}.gif")

    assert 0 == without
    assert ["opened"] == [heard.kind for heard in await _heard(store)]


async def test_looking_at_the_unsubscribe_page_changes_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Mail scanners follow every link, so that GET only asks."""
    answer = await visitor.http.get(f"/u/{mail.token('unsubscribe')}")
    head = await visitor.http.head(f"/u/{mail.token('unsubscribe')}")

    assert (200, 405) == (answer.status_code, head.status_code)
    assert "<button" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert [] == list(await _heard(store))


@pytest.mark.parametrize("form", [{"List-Unsubscribe": "One-Click"}, {"stop": "purpose"}])
async def test_one_click_stops_the_mails_of_this_purpose(
    visitor: Visitor, store: Store, mail: SentMail, form: dict[str, str]
) -> None:
    """The button of Gmail and the button of our page do the same (RFC 8058)."""
    answer = await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data=form)

    assert 200 == answer.status_code
    assert {"nurture"} == await _stopped(store, visitor)


async def test_one_click_works_as_multipart_too(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """RFC 8058 allows both ways to write a form."""
    form = {"List-Unsubscribe": (None, "One-Click")}
    await visitor.http.post(f"/u/{mail.token('unsubscribe')}", files=form)

    assert {"nurture"} == await _stopped(store, visitor)


async def test_stopping_everything_stops_everything(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Whoever wants no mail at all gets none, for any purpose."""
    await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data={"stop": "all"})

    assert {"all"} == await _stopped(store, visitor)


async def test_unsubscribing_again_is_answered_the_same(visitor: Visitor, mail: SentMail) -> None:
    """Nobody is told off for pressing a button twice."""
    once = await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data={"stop": "purpose"})
    again = await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data={"stop": "purpose"})

    assert (200, once.text) == (again.status_code, again.text)


async def test_unsubscribing_works_after_erasure(visitor: Visitor, mail: SentMail) -> None:
    """An old mail's button never leads to an error, even when we have forgotten the person."""
    await visitor.post("/v1/events", {"kind": "erased", "candidate": ANA})

    answer = await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data={"List-Unsubscribe": "One-Click"})

    assert 200 == answer.status_code


async def test_a_post_that_says_nothing_only_asks(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Only a button's own words act."""
    answer = await visitor.http.post(
        f"/u/{mail.token('unsubscribe')}",
        content=b"\xff\xfe",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert "<button" in answer.text
    assert [] == list(await _heard(store))


async def test_a_broken_unsubscribe_link_is_explained(visitor: Visitor, mail: SentMail) -> None:
    """A link that a mail program cut off leads to a page that says what works."""
    cut = mail.token("unsubscribe")[:-1]

    answers = [await visitor.http.get(f"/u/{cut}"), await visitor.http.post(f"/u/{cut}", data={"stop": "all"})]

    assert {404} == {answer.status_code for answer in answers}
    assert all("unsubscribe" in answer.text for answer in answers)


@pytest.fixture
async def stranger(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A candidate's browser, far away."""
    async with visiting(store, clock, caller="203.0.113.9", url="https://go.acme.example") as visitor:
        yield visitor


async def test_candidates_need_no_key(stranger: Visitor, mail: SentMail) -> None:
    """Links in mails work from everywhere."""
    answers = [
        await stranger.http.get(f"/c/{mail.token('click', 1)}"),
        await stranger.http.get(f"/o/{mail.token('open')}.gif"),
        await stranger.http.post(f"/u/{mail.token('unsubscribe')}", data={"stop": "all"}),
    ]

    assert [302, 200, 200] == [answer.status_code for answer in answers]
