"""The preference page: what people get is theirs to choose, by a link that always works."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from httpx import Response
from sqlalchemy import select

from rapport.ids import address_key
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.intake import HappeningRow
from rapport.usecases.consent_text import LANGUAGES
from tests.api.doors import ANA, SentMail, Visitor, a_mail, visiting
from tests.unit.store.worlds import DAY, StandingClock

PRESSES = ({"do": "pause"}, {"do": "resume"}, {"do": "stop"}, {"do": "save"})


async def ledger(store: Store, candidate: str = ANA) -> Sequence[ConsentRow]:
    """Everything that she has said, oldest first."""
    async with store.read() as tx:
        return await consents.ledger(tx, candidate)


async def states(store: Store) -> list[tuple[str, str]]:
    """The entries that were written by our page."""
    return [(entry.purpose, entry.state) for entry in (await ledger(store))[2:]]


async def closed(visitor: Visitor) -> dict[str, str]:
    """Why we do not write to her, by purpose."""
    async with visitor.store.read() as tx:
        return dict(await consents.closed_because(tx, address_key(f"{ANA}@people.example", visitor.settings.pepper)))


def shown(page: Response) -> list[str]:
    """The boxes of a page, each with the version of its words."""
    return re.findall(r'name="shown" value="(\w+:\w+)"', page.text.partition("</form>")[0])


def ticked(page: Response) -> set[str]:
    """The boxes that are ticked."""
    return set(re.findall(r'name="wanted" value="(\w+)"[^>]* checked', page.text))


async def save(visitor: Visitor, mail: SentMail, *wanted: str) -> Response:
    """Load the page, tick these boxes and no others, and save."""
    place = f"/p/{mail.token('preferences')}"
    page = await visitor.http.get(place)
    return await visitor.http.post(place, data={"do": "save", "shown": shown(page), "wanted": list(wanted)})


async def press(visitor: Visitor, mail: SentMail, **fields: str) -> Response:
    """Press one button."""
    return await visitor.http.post(f"/p/{mail.token('preferences')}", data=fields)


async def test_looking_changes_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Scanners follow links, also with a query that looks like a button, and nobody is unsubscribed by them."""
    place = f"/p/{mail.token('preferences')}"
    answers = [await visitor.http.get(place, params=fields, headers={"Purpose": "prefetch"}) for fields in PRESSES]
    head = await visitor.http.head(place)

    assert ({200}, 405) == ({answer.status_code for answer in answers}, head.status_code)
    assert [] == await states(store)


async def test_the_page_is_private_plain_and_for_everybody(visitor: Visitor, mail: SentMail) -> None:
    """No scripts, cookies or search engines, nothing personal, and a label and a description for each box."""
    page = await visitor.http.get(f"/p/{mail.token('preferences')}")

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert ("noindex", "no-store", "no-referrer") == tuple(
        page.headers[name] for name in ("x-robots-tag", "cache-control", "referrer-policy")
    )
    assert "set-cookie" not in page.headers
    assert not re.search("<script|<img|<link|javascript:|http://|people.example|Ana", page.text)
    assert page.text.count("<label><input") == page.text.count('type="checkbox"') == len(shown(page)) == 4
    described = set(re.findall(r'<input type="checkbox"[^>]*aria-describedby="([\w-]+)"', page.text))
    assert described == set(re.findall(r'<p id="([\w-]+)"', page.text))


async def test_the_boxes_show_what_she_gets(visitor: Visitor, mail: SentMail) -> None:
    """What she agreed to is ticked, with the day; so is what needs no consent. Measuring is off."""
    page = await visitor.http.get(f"/p/{mail.token('preferences')}")

    assert {"nurture", "events", "service"} == ticked(page)
    assert "Agreed on 1 March 2026, valid until 29 February 2028." in page.text
    assert 1 == page.text.count("because we may assume your interest")
    assert "I agree that Acme sends me mails: Service mails" not in page.text


async def test_saving_without_a_change_changes_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """The ledger grows by decisions only."""
    page = await save(visitor, mail, "nurture", "events", "service")

    assert "Saved." in page.text
    assert [] == await states(store)


async def test_unticking_ends_the_mails_of_that_purpose(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """The mails of one purpose stop for good, the others go on, and her walk is told."""
    page = await save(visitor, mail, "events", "service")

    assert {"events", "service"} == ticked(page)
    assert [("nurture", "withdrawn")] == await states(store)
    assert {"nurture": "unsubscribed"} == await closed(visitor)
    async with store.read() as tx:
        assert ["unsubscribed"] == list(await tx.scalars(select(HappeningRow.kind)))


async def test_ticking_is_consent_with_its_proof(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """The ledger holds the exact words, their version and language, the door and the network: enough to prove it."""
    page = await save(visitor, mail, "nurture", "events", "service", "tracking")
    entry = (await ledger(store))[-1]

    assert "tracking" in ticked(page)
    assert ("tracking", "granted", "consent", "en") == (entry.purpose, entry.state, entry.basis, entry.language)
    assert entry.text in page.text
    assert entry.text_hash == consents.version_of(entry.text)
    assert entry.proof is not None
    assert "preferences" == entry.proof["door"]
    assert "Firefox" in entry.proof["agent"]


async def test_measuring_can_be_taken_back_alone(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Who wants no measuring goes on getting mails, and may change their mind as often as they like."""
    for _ in range(2):
        await save(visitor, mail, "nurture", "events", "service", "tracking")
        await save(visitor, mail, "nurture", "events", "service")

    assert [("tracking", "granted"), ("tracking", "withdrawn")] * 2 == await states(store)
    assert {} == await closed(visitor)


async def test_coming_back_opens_the_address_again(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Who has unsubscribed by mistake ticks the box again; the ledger remembers both."""
    await save(visitor, mail, "events", "service")
    page = await save(visitor, mail, "nurture", "events", "service")

    assert {"nurture", "events", "service"} == ticked(page)
    assert {} == await closed(visitor)
    assert [("nurture", "withdrawn"), ("nurture", "granted")] == await states(store)


async def test_leaving_again_on_the_same_day_works(visitor: Visitor, mail: SentMail) -> None:
    """The button of the mail program works after every return."""
    one_click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data=one_click)
        left = await closed(visitor)
        await save(visitor, mail, "nurture", "events", "service")

    assert {"nurture": "unsubscribed"} == left


async def test_stopping_everything_and_choosing_one_thing(visitor: Visitor, mail: SentMail) -> None:
    """After a full stop, one ticked box opens that purpose, and no other."""
    stopped = await press(visitor, mail, do="stop")
    closed_then = await closed(visitor)
    back = await save(visitor, mail, "events")

    assert (set(), {"events"}) == (ticked(stopped), ticked(back))
    assert {"all": "unsubscribed"} == closed_then
    assert {"nurture", "tracking", "service"} == set(await closed(visitor))


async def test_renewing_gives_consent_anew(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock
) -> None:
    """One button renews what would expire; on the day of consent there is nothing to renew."""
    today = await visitor.http.get(f"/p/{mail.token('preferences')}")
    clock.at += 700 * DAY
    later = await visitor.http.get(f"/p/{mail.token('preferences')}")
    [nurture] = [box for box in shown(later) if box.startswith("nurture:")]
    answers = [await press(visitor, mail, do="renew", shown=nurture) for _ in range(2)]

    assert "Renew until 1 March 2028" in today.text
    assert "Renew until 30 January 2030" in later.text
    assert all("we have renewed it" in answer.text and "Renew until" not in answer.text for answer in answers)
    assert [("nurture", "granted")] == await states(store)


async def test_words_that_have_changed_are_not_agreed_to(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Nobody agrees to a text that they have not seen."""
    boxes = {"do": "save", "shown": ["tracking:0123456789abcdef"], "wanted": ["tracking"]}
    page = await visitor.http.post(f"/p/{mail.token('preferences')}", data=boxes)

    assert "nothing was agreed to" in page.text
    assert [] == await states(store)


async def test_a_pause_holds_all_mails_for_three_months(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock
) -> None:
    """The page says until when; pressing twice changes nothing, and the pause ends when she says so."""
    pages = [await press(visitor, mail, do="pause") for _ in range(2)]
    [entry] = (await ledger(store))[2:]
    clock.at += DAY
    resumed = [await press(visitor, mail, do="resume") for _ in range(2)]

    assert all("You get no mails until 2 June 2026" in page.text for page in pages)
    assert (date(2026, 6, 2), "No mails from Acme until 2 June 2026.") == (
        entry.expires_at.date() if entry.expires_at else None,
        entry.text,
    )
    assert all("The pause is over" in page.text for page in resumed)
    assert [("all", "paused"), ("all", "resumed")] == await states(store)


async def test_a_pause_over_ends_by_itself(visitor: Visitor, mail: SentMail, clock: StandingClock) -> None:
    """After three months the page offers a pause again."""
    await press(visitor, mail, do="pause")
    clock.at += timedelta(days=93)
    page = await visitor.http.get(f"/p/{mail.token('preferences')}")

    assert "Pause for 3 months" in page.text


@pytest.mark.parametrize("kind", ["bounced", "complained"])
async def test_what_is_not_hers_to_take_back_stays(visitor: Visitor, store: Store, mail: SentMail, kind: str) -> None:
    """An address that bounced or complained is not opened by a form; the page says so."""
    await visitor.post("/v1/events", {"kind": kind, "candidate": ANA})
    before = await states(store)
    page = await press(visitor, mail, do="save", shown="nurture:x", wanted="nurture")

    assert "We do not write to you any more" in page.text
    assert "<form" not in page.text
    assert before == await states(store)


async def test_the_link_works_after_erasure(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Old mails never lead to an error; the proofs are gone with the person, the decisions stay."""
    await press(visitor, mail, do="pause")
    await visitor.post("/v1/events", {"kind": "erased", "candidate": ANA})
    answers = [await visitor.http.get(f"/p/{mail.token('preferences')}"), await press(visitor, mail, do="stop")]

    assert all(answer.status_code == 200 and "We have forgotten you" in answer.text for answer in answers)
    assert {None} == {entry.proof for entry in await ledger(store)}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_has_every_page(
    visitor: Visitor, clock: StandingClock, language: str, store: Store
) -> None:
    """She reads her own language, before and after each button, and the ledger keeps it."""
    await visitor.person("c_eva", locale=f"{language}-XX")
    mail = await a_mail(store, clock, "c_eva")
    place = f"/p/{mail.token('preferences')}"
    pages = [await visitor.http.get(place), *[await visitor.http.post(place, data=fields) for fields in PRESSES]]
    pages += [await visitor.http.get(f"/u/{mail.token('unsubscribe')}")]
    pages += [await visitor.http.post(f"/u/{mail.token('unsubscribe')}", data={"stop": "purpose"})]

    assert all(f'<html lang="{language}">' in page.text and "{" not in _words(page) for page in pages)
    assert language == (await ledger(store, "c_eva"))[-1].language


def _words(page: Response) -> str:
    return page.text.partition("</style>")[2]


async def test_the_unsubscribe_page_leads_to_it(visitor: Visitor, mail: SentMail) -> None:
    """Who wants fewer mails, not none, finds the way; the mail program's own link is no key to the page."""
    asked = await visitor.http.get(f"/u/{mail.token('unsubscribe')}")
    [link] = re.findall(r'href="\.\./p/([^"]+)"', asked.text)
    wrong = await visitor.http.get(f"/p/{mail.token('unsubscribe')}")

    assert (mail.token("preferences"), 404) == (link, wrong.status_code)


async def test_it_works_from_everywhere(store: Store, clock: StandingClock, mail: SentMail) -> None:
    """A candidate needs no key, on no network; the proof keeps too little of an address to know the person."""
    async with visiting(store, clock, caller="2a00:1450:4001:81b::200e", url="https://go.acme.example") as stranger:
        await press(stranger, mail, do="pause")
    proof = (await ledger(store))[-1].proof

    assert proof is not None
    assert "2a00:1450:4001::/48" == proof["network"]


async def test_nonsense_changes_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Only our own buttons act, and unknown purposes are nobody's."""
    place = f"/p/{mail.token('preferences')}"
    answers = [
        await visitor.http.post(place, content=b"\xff", headers={"Content-Type": "multipart/form-data; boundary=x"}),
        await press(visitor, mail, do="erase"),
        await press(visitor, mail, do="save", shown="nobody:1", wanted="nobody"),
        await press(visitor, mail, do="renew", shown="nobody:1"),
    ]

    assert {200} == {answer.status_code for answer in answers}
    assert [] == await states(store)
    assert 404 == (await press(visitor, SentMail(enrollment="", send=7, message_id=""), do="stop")).status_code
