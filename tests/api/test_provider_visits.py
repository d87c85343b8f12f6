"""Opens and clicks that mail providers tell of, under the rules of our own links and pixels."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from rapport.mail.providers.call import Call
from rapport.mail.providers.event import ProviderName
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendLinkRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.provider_events import ProviderEventRow
from rapport.store.tables.visits import VisitRow
from rapport.usecases.visits import settle_due
from tests.api.doors import ANA, JOBS, SentMail, Visitor
from tests.api.provider_calls import ADDRESS, BROWSER, deliveries_to_walks, rows_of, told_by, visiting_as_provider
from tests.unit.mail.providers.signing import (
    PROVIDERS,
    a_call,
    mailgun_call,
    postmark_call,
    resend_call,
    sendgrid_call,
    ses_call,
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


def _click(mail: SentMail, at: datetime, url: str = JOBS, **more: str) -> dict[str, object]:
    """One click as SendGrid tells it."""
    about = {"event": "click", "email": ADDRESS, "smtp-id": mail.message_id, "useragent": BROWSER}
    return {**about, "url": url, "timestamp": at.timestamp(), "sg_event_id": f"{url}{at.timestamp()}", **more}


async def _three_links(store: Store, mail: SentMail) -> list[str]:
    others = [f"https://jobs.example/{number}" for number in (2, 3)]
    async with store.write() as tx:
        for number, url in enumerate(others, 2):
            await insert(tx, SendLinkRow(send=mail.send, number=number, name=None, url=url))
    return [JOBS, *others]


async def test_a_burst_that_is_told_piece_by_piece_moves_nobody(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """A gateway with a browser's name follows three links at once; the provider tells of them minutes later."""
    urls = await _three_links(store, mail)
    for number, url in enumerate(urls):
        clock.at += timedelta(seconds=4)
        await settle_due(store, clock)
        call = sendgrid_call([_click(mail, later.at + timedelta(seconds=number), url)], at=clock.at)
        await told_by(visitor, "sendgrid", call)

    heard = await _judged(store, clock)
    assert [("machine", "3 links of the mail within 5 s")] * 3 == [(row.verdict, row.evidence["why"]) for row in heard]
    assert 0 == await deliveries_to_walks(store)


async def test_a_click_waits_from_when_it_is_told(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call
) -> None:
    """It counts ten seconds after we have heard of it, at the time at which it was made."""
    clock.at += timedelta(minutes=10)
    await told_by(visitor, "sendgrid", sendgrid_call([_click(mail, later.at)], at=clock.at))
    clock.at += timedelta(seconds=9)
    early = await settle_due(store, clock)
    clock.at += timedelta(seconds=1)
    then = await settle_due(store, clock)

    [heard] = await rows_of(store, HappeningRow)
    assert (0, 1, "human", later.at) == (early, then, heard.verdict, heard.at)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_who_comes_from_a_scanners_network_is_known_at_every_provider(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock, later: Call, name: ProviderName
) -> None:
    """First by its own name, then as a browser: the second visit is the scanner's, too. No closer address is kept."""
    for number, agent in enumerate(("Barracuda Sentinel (EE)", BROWSER)):
        tree = _told_click(name, mail, later.at + timedelta(seconds=7 * number), agent, number=str(number))
        await told_by(visitor, name, _a_call_of(name, tree, number, clock.at + timedelta(seconds=number)))

    await _judged(store, clock)
    visits = await rows_of(store, VisitRow)
    assert [("machine", "93.184.216.0/24")] * 2 == [(row.verdict, row.network) for row in visits]
    assert [["machine", "a scanner came from the same network"]] in [row.signs for row in visits]
    assert 0 == await deliveries_to_walks(store)


def _told_click(name: ProviderName, mail: SentMail, at: datetime, agent: str, *, number: str) -> Any:
    """The same click in each provider's words."""
    host, iso, bare = "93.184.216.34", at.isoformat(), mail.message_id.strip("<>")
    header = [{"name": "Message-ID", "value": mail.message_id}]
    click = {"ipAddress": host, "link": JOBS, "timestamp": iso, "userAgent": agent}
    trees: dict[ProviderName, Any] = {
        "sendgrid": _click(mail, at, useragent=agent, ip=host),
        "mailgun": {
            "event": "clicked",
            "id": number,
            "recipient": ADDRESS,
            "url": JOBS,
            "ip": host,
            "timestamp": at.timestamp(),
            "client-info": {"user-agent": agent},
            "message": {"headers": {"message-id": bare}},
        },
        "postmark": {
            "RecordType": "Click",
            "Recipient": ADDRESS,
            "OriginalLink": JOBS,
            "ReceivedAt": iso,
            "UserAgent": agent,
            "Geo": {"IP": host},
            "Metadata": {"rapport-send": mail.token("bounce")},
        },
        "ses": {"eventType": "Click", "click": click, "mail": {"headers": header}},
        "resend": {"type": "email.clicked", "data": {"to": [ADDRESS], "headers": header, "click": click}},
    }
    return trees[name]


def _a_call_of(name: ProviderName, tree: Any, number: int, at: datetime) -> Call:
    match name:
        case "mailgun":
            return mailgun_call(tree, token=str(number) * 50, at=at)
        case "ses":
            return ses_call(tree, at=at, MessageId=f"message-{number}")
        case "resend":
            return resend_call(tree, number=f"msg_{number}", at=at)
        case _:
            return a_call(name, tree, at=at)
