"""The demo ATS is one ATS behind the doors of three vendors, and keeps to what each of them documents."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapport.ats.demo.courier import AGAIN_AFTER, Hook
from rapport.ats.demo.logins import LOGINS, basic
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.greenhouse.vendor import Greenhouse
from rapport.ats.registry import Registry
from rapport.clock import SystemClock
from rapport.crm.hiring import HiringOutcome
from rapport.dsl.project import AtsConnection
from rapport.errors import ConfigurationError
from rapport.ports import AtsVendor
from tests.unit.ats.vendors import HOOK_KEY, OpenGate

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
VENDORS = ("demo", *LOGINS)
BEARER = {"authorization": "Bearer demo-token"}
BASIC = {"authorization": basic("demo-key", "")}


@dataclass(slots=True)
class Receiver:
    """Whoever is told by the ATS."""

    status: int = 200
    seen: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def app(self) -> Starlette:
        """The receiver."""
        return Starlette(routes=[Route("/in", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        if self.status == httpx.codes.OK:
            self.seen.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)


@dataclass(slots=True)
class Standing:
    """A demo ATS that stands in for every vendor, each with its own adapter."""

    ats: DemoAts
    address: str
    adapters: Mapping[str, AtsVendor]


@asynccontextmanager
async def standing(ats: DemoAts, **environ: str) -> AsyncIterator[Standing]:
    """Serve it, and open an adapter for each vendor as RAPPORT_DEMO_ATS_URL does."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(ats.app()))
        known = {"HOOK": HOOK_KEY, **environ}
        registry = Registry(known, gate=OpenGate(), clock=SystemClock(), demo=address)
        adapters = {vendor: registry.vendor_of(_connection(vendor)) for vendor in VENDORS}
        for adapter in adapters.values():
            stack.push_async_callback(adapter.close)
        yield Standing(ats, address, adapters)


def _connection(vendor: str) -> AtsConnection:
    return AtsConnection(key="main", vendor=vendor, credentials="OURS", webhook_secret="HOOK")  # noqa: S106


async def test_it_is_one_ats_behind_every_door() -> None:
    """What is written through one vendor's API is there in all others."""
    async with standing(DemoAts()) as here:
        name = here.ats.new_person(emails=["ana@people.test"], first_name="Ana", last_name="Lima")
        for vendor, adapter in here.adapters.items():
            [person] = await adapter.find("ana@people.test")
            await adapter.write("add_tag", f"by-{vendor}", person=person.id, key="k", text="")
            await adapter.write("add_note", "note", person=person.id, key=vendor, text=f"By {vendor}.")
        seen = {vendor: (await adapter.find("ana@people.test"))[0] for vendor, adapter in here.adapters.items()}

        tags = tuple(f"by-{vendor}" for vendor in VENDORS)
        assert dict.fromkeys(VENDORS, ("Ana", tags)) == {
            vendor: (person.first_name, person.tags) for vendor, person in seen.items()
        }
        assert len(VENDORS) == len(here.ats.people[name].notes)


async def test_our_own_login_never_reaches_a_stand_in() -> None:
    """Greenhouse's own adapter speaks with it, by the demo's login, whatever ours is."""
    async with standing(DemoAts(), OURS="a line that would be no login at all") as here:
        assert await here.adapters["greenhouse"].find("nobody@people.test") == []

        assert isinstance(here.adapters["greenhouse"], Greenhouse)
        assert [("POST", "/greenhouse/token"), ("GET", "/greenhouse/v3/candidates")] == here.ats.log


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


@pytest.mark.parametrize(
    ("path", "login", "calls", "said"),
    [
        ("/greenhouse/v3/jobs", {}, 50, {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "retry-after": "30"}),
        ("/lever/v1/stages", BASIC, 20, {}),
        ("/workable/spi/v3/jobs", BEARER, 10, {"x-rate-limit-limit": "10", "x-rate-limit-remaining": "0"}),
    ],
)
async def test_limits_are_those_that_are_documented(
    path: str, login: Mapping[str, str], calls: int, said: Mapping[str, str]
) -> None:
    """One call too many is refused with the vendor's headers; Lever says no length."""
    async with served(DemoAts(limits_by=lambda: NOON).app()) as address, httpx.AsyncClient() as http:
        answers = [await http.get(address + path, headers=login) for _ in range(calls + 1)]

        assert 429 not in [answer.status_code for answer in answers[:-1]]
        assert 429 == answers[-1].status_code
        assert dict(said) == {key: answers[-1].headers.get(key) for key in said}
        assert said or "retry-after" not in answers[-1].headers


@pytest.mark.parametrize(
    ("method", "path", "login", "body", "status", "words"),
    [
        ("POST", "/greenhouse/token", {"authorization": basic("x", "y")}, None, 401, "invalid_client"),
        ("GET", "/greenhouse/v3/jobs", {"authorization": "Bearer t9"}, None, 401, "Unauthorized"),
        ("GET", "/greenhouse/v3/jobs?cursor=c0&per_page=5", "token", None, 422, "do not include other query params"),
        ("GET", "/greenhouse/v3/jobs?color=red", "token", None, 422, "Invalid query params: color"),
        ("GET", "/greenhouse/v3/jobs?per_page=many", "token", None, 422, "errors"),
        ("GET", "/greenhouse/v3/secrets", "token", None, 404, "errors"),
        ("POST", "/greenhouse/v3/notes", "token", {"candidate_id": 1, "body": "x"}, 422, "visibility"),
        ("POST", "/greenhouse/v3/applications", "token", {"candidate_id": 999}, 422, "errors"),
        ("GET", "/lever/v1/stages", {}, None, 401, "Unauthorized"),
        ("GET", "/lever/v1/opportunities?offset=nowhere", BASIC, None, 400, "BadRequest"),
        ("POST", "/lever/v1/opportunities", BASIC, {"emails": ["a@people.test"]}, 400, "perform_as"),
        ("POST", "/lever/v1/opportunities/none/addTags", BASIC, {"tags": ["x"]}, 404, "ResourceNotFound"),
        ("GET", "/workable/spi/v3/jobs", {}, None, 401, "Not authorized"),
        ("GET", "/workable/spi/v3/candidates/none", BEARER, None, 404, "Not found"),
        ("PUT", "/workable/spi/v3/candidates/none/tags", BEARER, {"tags": []}, 404, "Not found"),
        ("POST", "/workable/spi/v3/talent_pool/candidates", BEARER, ["odd"], 422, "Validation"),
    ],
)
async def test_errors_are_those_that_are_documented(
    method: str, path: str, login: Any, body: Any, status: int, words: str
) -> None:
    """A wrong login, a wrong question and a wrong body get the vendor's own answer, never a fault of the server."""
    async with served(DemoAts().app()) as address, httpx.AsyncClient(base_url=address) as http:
        if login == "token":
            login = {"authorization": f"Bearer {await _token(http)}"}
        answer = await http.request(method, path, headers=login, json=body)

        assert (status, True) == (answer.status_code, words in answer.text)


async def _token(http: httpx.AsyncClient) -> str:
    login = {"authorization": basic("demo-client", "demo-secret")}
    answer = await http.post("/greenhouse/token", data={"grant_type": "client_credentials"}, headers=login)
    return str(answer.json()["access_token"])


async def test_the_form_lets_somebody_apply() -> None:
    """The same address is the same person; without one there is nobody."""
    ats = DemoAts()
    form = {
        "email": "Ana@people.test",
        "first_name": "<b>Ana",
        "last_name": "Lima",
        "job": "Backend",
        "stage": "onsite",
    }
    async with served(ats.app()) as address, httpx.AsyncClient(base_url=address) as browser:
        for job in ("Backend", "Data"):
            await browser.post("/apply", data=form | {"job": job})
        odd = await browser.post("/apply", data={"job": "Backend"})
        page = (await browser.get("/")).text

        assert ["Data", "Backend"] == [row["job"] for *_, row in ats.applications()]
        assert (1, 422) == (len(ats.people), odd.status_code)
        assert "&lt;b&gt;Ana Lima" in page
        assert "<b>" not in page


async def test_a_restart_changes_nobody(tmp_path: Path) -> None:
    """Ids mean the same people afterwards, and those of the deleted are not given again."""
    file = tmp_path / "world.json"
    async with standing(DemoAts(file=file)) as here:
        ids = []
        for email in ("ana@people.test", "gone@people.test"):
            here.ats.new_person(emails=[email], first_name="Ana")
            ids += [person.id for person in await here.adapters["greenhouse"].find(email)]
        here.ats.remove("p-2")
        here.ats.keep()
    async with standing(DemoAts(file=file)) as again:
        found = [person.id for person in await again.adapters["greenhouse"].find("ana@people.test")]
        new = again.ats.number("person", again.ats.new_person(emails=["new@people.test"]))

    assert ids[:1] == found
    assert str(new) not in ids
    assert 0o600 == file.stat().st_mode & 0o777


def test_a_world_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """It is said what to do, and the file stays as it is."""
    file = tmp_path / "world.json"
    file.write_text('{"people": 5}')

    with pytest.raises(ConfigurationError, match="no world"):
        DemoAts(file=file).app()
    assert '{"people": 5}' == file.read_text()
