"""What the demo ATS tells: as the vendor tells it, again as the vendor tries again, and to every connection."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from rapport.ats.demo.courier import AGAIN_AFTER, Hook
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.crm.hiring import HiringOutcome
from tests.unit.ats.demo_stand import VENDORS, Receiver, standing
from tests.unit.ats.vendors import HOOK_KEY

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("vendor", "deed", "outcome"),
    [
        ("demo", "reject", HiringOutcome.REJECTED_BY_US),
        ("greenhouse", "reject", HiringOutcome.REJECTED_BY_US),
        ("greenhouse", "withdraw", HiringOutcome.WITHDREW),
        ("lever", "reject", HiringOutcome.REJECTED_BY_US),
        ("lever", "hire", HiringOutcome.HIRED),
        ("workable", "hire", HiringOutcome.HIRED),
    ],
)
async def test_a_click_is_told_as_the_vendor_tells_it(vendor: str, deed: str, outcome: HiringOutcome) -> None:
    """The vendor's own adapter believes the delivery, finds what it names, and reads how it ended."""
    hook, ats = Receiver(), DemoAts(clock=SystemClock().now)
    number = ats.apply(ats.new_person(emails=["ana@people.test"]), "Backend Engineer")
    ats.due.clear()
    async with served(hook.app()) as receiver, standing(ats) as here, httpx.AsyncClient() as browser:
        ats.hooks.append(Hook(url=f"{receiver}/in", speaks=vendor, secret=HOOK_KEY))
        answer = await browser.post(f"{here.address}/applications/{number}/{deed}")
        [(headers, body)] = hook.seen
        adapter = here.adapters[vendor]
        [hint] = adapter.hints(headers, body)
        told = await adapter.application(hint.id)

        assert httpx.codes.SEE_OTHER == answer.status_code
        assert told is not None
        assert outcome is told.outcome


async def test_workable_tells_nobody_of_a_rejection() -> None:
    """No delivery leaves, and the next poll shows it."""
    hook, ats = Receiver(), DemoAts()
    number = ats.apply(ats.new_person(emails=["ana@people.test"]), "Backend Engineer")
    ats.due.clear()
    async with served(hook.app()) as receiver, standing(ats) as here:
        ats.hooks.append(Hook(url=f"{receiver}/in", speaks="workable", secret=HOOK_KEY))
        ats.end(number, "rejected", reason="Lacks experience")
        delivered = await ats.deliver()
        jobs = await here.adapters["workable"].changes(None)
        people = await here.adapters["workable"].changes(jobs.cursor)

        assert (0, []) == (delivered, hook.seen)
        assert [HiringOutcome.REJECTED_BY_US] == [each.outcome for each in people.applications]


async def test_what_was_not_taken_is_tried_again_as_the_vendor_does() -> None:
    """A receiver that was away is told when it is back: the same bytes, a minute later, and what came since at once."""
    ats = DemoAts(now=NOON)
    ats.apply(ats.new_person(emails=["ana@people.test"]), "Backend Engineer")
    hook = Receiver(status=503)
    async with served(hook.app()) as receiver:
        ats.hooks.append(Hook(url=f"{receiver}/in", speaks="greenhouse", secret=HOOK_KEY))
        failed = await ats.deliver()
        composed = [one.body.encode() for one in ats.courier.waiting]
        hook.status = 200
        too_early = await ats.deliver()
        ats.end("p-1-1", "hired")
        newer = await ats.deliver()
        ats.now = NOON + AGAIN_AFTER[0]
        older = await ats.deliver()

    assert (0, 0, 1, 2) == (failed, too_early, newer, older)
    assert composed == [body for _, body in hook.seen[1:]]
    assert [] == ats.courier.waiting


async def test_after_seven_tries_in_fifteen_hours_it_is_given_up() -> None:
    """As Greenhouse gives it up; polls find what happened."""
    ats = DemoAts(now=NOON, hooks=[Hook(url="http://127.0.0.1:1/in", speaks="greenhouse")])
    ats.new_person(emails=["ana@people.test"])
    tries = []
    for pause in (timedelta(0), *AGAIN_AFTER):
        assert ats.now is not None
        ats.now += pause
        await ats.deliver()
        tries += [one.tries for one in ats.courier.waiting]

    assert [1, 2, 3, 4, 5, 6] == tries
    assert (1, NOON + timedelta(minutes=916)) == (ats.courier.given_up, ats.now)


async def test_each_connection_is_told_in_its_own_words() -> None:
    """Two connections, two forms and two secrets; one that is away holds up nothing for the other."""
    hook, ats = Receiver(), DemoAts(clock=SystemClock().now)
    async with served(hook.app()) as receiver, standing(ats, HOOK="key of lever") as here:
        ats.hooks += [
            Hook(url="http://127.0.0.1:1/in", speaks="greenhouse", secret=HOOK_KEY),
            Hook(url=f"{receiver}/in", speaks="lever", secret="key of lever"),  # noqa: S106  # of this test
        ]
        number = ats.apply(ats.new_person(emails=["ana@people.test"]), "Backend Engineer")
        await ats.deliver()
        hints = [hint for headers, body in hook.seen for hint in here.adapters["lever"].hints(headers, body)]

    assert number in [hint.id for hint in hints if hint.kind == "application"]
    assert all("greenhouse-event-id" in one.headers for one in ats.courier.waiting)
    assert ats.courier.waiting


async def test_a_hurry_delivers_what_waits() -> None:
    """The page says how many wait, and a button sends them now."""
    hook, ats = Receiver(status=503), DemoAts(now=NOON)
    async with served(hook.app()) as receiver, served(ats.app()) as address, httpx.AsyncClient() as browser:
        ats.hooks.append(Hook(url=f"{receiver}/in"))
        form = {"email": "ana@people.test", "first_name": "Ana", "last_name": "Lima", "job": "Backend"}
        await browser.post(f"{address}/apply", data=form)
        before = (await browser.get(address)).text
        hook.status = 200
        await browser.post(f"{address}/deliveries")
        after = (await browser.get(address)).text

    assert "not taken: 2. Next try: 2026-03-02 12:01:00" in before
    assert "not taken" not in after
    assert ["person", "application"] == [json.loads(body)["kind"] for _, body in hook.seen]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_hires_taken_back_merges_and_deletions_are_told(vendor: str) -> None:
    """By the page's buttons; no vendor's delivery is refused by its adapter, and the page goes on."""
    hook, ats = Receiver(), DemoAts(clock=SystemClock().now)
    for name in ("ana", "anna"):
        ats.add_person(name, emails=[f"{name}@people.test"], first_name=name)
        ats.apply(name, "Backend Engineer")
    ats.due.clear()
    async with served(hook.app()) as receiver, standing(ats) as here, httpx.AsyncClient() as browser:
        ats.hooks.append(Hook(url=f"{receiver}/in", speaks=vendor, secret=HOOK_KEY))
        deeds = ("applications/ana-1/hire", "applications/ana-1/reopen", "people/anna/merge", "people/ana/delete")
        answers = [await browser.post(f"{here.address}/{deed}", data={"kept": "ana"}) for deed in deeds]
        again = [await browser.post(f"{here.address}/{deed}", data={"kept": "ana"}) for deed in deeds]
        kinds = [hint.kind for got in hook.seen for hint in here.adapters[vendor].hints(*got)]

    assert [303] * 4 == [answer.status_code for answer in answers]
    assert [404] * 4 == [answer.status_code for answer in again]
    assert {"demo": 1, "greenhouse": 1, "lever": 1, "workable": 2}[vendor] == kinds.count("deleted")
    assert ("merged" in kinds) is (vendor in ("demo", "greenhouse"))
    assert all(not known.emails for known in ats.people.values())
