"""Opens and clicks that mail providers tell of, under the rules of our own links and pixels."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from rapport.mail.providers.call import Call
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.provider_events import ProviderEventRow
from rapport.store.tables.visits import VisitRow
from rapport.usecases.visits import settle_due
from tests.api.doors import ANA, JOBS, SentMail, Visitor
from tests.api.provider_calls import ADDRESS, BROWSER, deliveries_to_walks, rows_of, told_by, visiting_as_provider
from tests.unit.mail.providers.signing import (
    mailgun_call,
    postmark_call,
    sendgrid_call,
    settings,
)
from tests.unit.store.worlds import MONDAY, StandingClock


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A mail provider; Ana is known."""
    async with visiting_as_provider(store, clock) as visitor:
        await visitor.person()
        yield visitor


@pytest.fixture
def later(mail: SentMail, clock: StandingClock) -> Call:
    """It is two hours after the mail; an empty call of then."""
    del mail
    clock.at += timedelta(hours=2)
    return Call(headers={}, body=b"", at=clock.at)


async def _judged(store: Store, clock: StandingClock) -> Sequence[HappeningRow]:
    """What is heard once clicks have waited for signs of a scanner."""
    clock.at += timedelta(minutes=1)
    await settle_due(store, clock)
    return await rows_of(store, HappeningRow)


async def test_the_providers_click_is_under_our_rules(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """A person's click is told to the walk with its link's name; a machine's is stored, and moves nobody."""
    stamp = int(later.at.timestamp())
    click = {"event": "click", "email": ADDRESS, "smtp-id": mail.message_id, "url": JOBS, "timestamp": stamp}
    events = [
        {**click, "useragent": BROWSER, "sg_event_id": "e1"},
        {**click, "useragent": "Mozilla/5.0", "sg_event_id": "e2"},
        {**click, "sg_event_id": "e3"},
    ]

    told = await told_by(visitor, "sendgrid", sendgrid_call(events, at=later.at))

    heard = {(row.verdict, row.link, row.step) for row in await _judged(store, clock)}
    assert {"taken": 3} == told
    assert {(verdict, "jobs", "hello") for verdict in ("human", "machine", "unsure")} == heard
    assert 1 == await deliveries_to_walks(store)


async def test_a_machine_is_one_when_the_provider_says_so(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """It has seen more of the request than it tells."""
    client = {"user-agent": BROWSER, "bot": "gmail"}
    mark = {"message": {"headers": {"message-id": mail.message_id}}, "url": JOBS, "client-info": client}

    await told_by(visitor, "mailgun", mailgun_call({"event": "clicked", "id": "e1", **mark}, at=later.at))

    [heard] = await _judged(store, clock)
    assert ("machine", "the provider says so") == (heard.verdict, heard.evidence["why"])


async def test_a_click_that_our_own_link_saw_counts_once(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """The provider's redirect leads to ours: one click, seen twice."""
    url = f"{settings().public_url}/c/{mail.token('click', 1)}"
    await visitor.http.get(url, headers={"User-Agent": BROWSER})
    stamp = int(later.at.timestamp()) - 20
    click = {"event": "click", "email": ADDRESS, "url": url, "useragent": BROWSER, "timestamp": stamp}

    told = await told_by(visitor, "sendgrid", sendgrid_call([click], at=later.at))

    assert ({"known": 1}, 1) == (told, len(await _judged(store, clock)))


async def test_a_click_on_our_link_alone_finds_its_mail(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """The link's own token says which mail and which link it was, though the provider names neither."""
    click = {"event": "clicked", "id": "e1", "recipient": ADDRESS, "client-info": {"user-agent": BROWSER}}
    url = f"{settings().public_url}/c/{mail.token('click', 1)}"

    await told_by(visitor, "mailgun", mailgun_call({**click, "url": url}, at=later.at))

    assert [(mail.send, "jobs")] == [(row.send, row.link) for row in await _judged(store, clock)]


async def test_looking_at_the_unsubscribe_page_is_no_click(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Interest looks different."""
    url = f"{settings().public_url}/u/{mail.token('unsubscribe')}"
    click = {"event": "click", "email": ADDRESS, "smtp-id": mail.message_id, "url": url, "useragent": BROWSER}

    assert {"noted": 1} == await told_by(visitor, "sendgrid", sendgrid_call([click]))
    assert [] == await rows_of(store, VisitRow)


@pytest.mark.parametrize(("allowed", "told"), [(False, {"not_kept": 1}), (True, {"taken": 1})])
async def test_opens_are_kept_with_consent_only(
    visitor: Visitor,
    store: Store,
    mail: SentMail,
    clock: StandingClock,
    later: Call,
    *,
    allowed: bool,
    told: dict[str, int],
) -> None:
    """Whoever allows no tracking is not tracked by our provider either: nothing says that it was they."""
    if allowed:
        async with store.write() as tx:
            at = MONDAY - timedelta(days=1)
            await consents.record(
                tx, candidate=ANA, purpose="tracking", state="granted", source="form", at=at, recorded_at=at
            )
    mark = {"rapport-send": mail.token("bounce")}
    event = {"RecordType": "Open", "Metadata": mark, "Recipient": ADDRESS, "UserAgent": BROWSER}

    assert told == await told_by(visitor, "postmark", postmark_call(event, at=later.at))

    [row] = await rows_of(store, ProviderEventRow)
    assert (allowed, None) == (row.send is not None, row.address_key)
    assert int(allowed) == len(await _judged(store, clock))
    assert int(allowed) == len(await rows_of(store, VisitRow))


async def test_an_erased_person_stays_erased(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A late event writes nothing of them down again."""
    async with store.write() as tx:
        row = await tx.get_one(CandidateRow, ANA)
        row.email, row.email_key, row.erased_at = None, None, MONDAY

    event = {"event": "open", "email": ADDRESS, "smtp-id": mail.message_id, "useragent": BROWSER}
    told = await told_by(visitor, "sendgrid", sendgrid_call([event]))

    assert {"not_kept": 1} == told
