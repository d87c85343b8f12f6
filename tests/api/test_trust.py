"""Who may call, and what hostile callers get."""

import json
from collections.abc import AsyncIterator

import pytest

from api.keys import new_key
from rapport.settings import Settings
from rapport.store.database import Store
from tests.api.doors import ANA, Visitor, visiting
from tests.unit.store.worlds import MONDAY, StandingClock

PUBLIC = Settings(api_host="0.0.0.0", secret_key="a secret for tests, longer than 32")  # noqa: S104, S106  # never served
KEY = {"Idempotency-Key": "k", "Content-Type": "application/json"}


async def test_a_caller_from_elsewhere_needs_a_key(store: Store, clock: StandingClock) -> None:
    """Off this machine, nobody gets anything without a key."""
    key = await new_key(store, "career-site", at=MONDAY)
    async with visiting(store, clock, settings=PUBLIC, caller="203.0.113.9") as visitor:
        without = await visitor.get("/v1/sequences")
        wrong = await visitor.http.get("/v1/sequences", headers={"Authorization": f"Bearer {key}x"})
        right = await visitor.http.get("/v1/sequences", headers={"Authorization": f"Bearer {key}"})

    assert [401, 401, 200] == [answer.status_code for answer in (without, wrong, right)]
    assert "application/problem+json" == without.headers["content-type"]
    assert "Bearer" == without.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("caller", "url", "headers"),
    [
        ("203.0.113.9", "http://127.0.0.1:8000", {}),
        ("127.0.0.1", "http://rapport.evil.example:8000", {}),
        ("127.0.0.1", "http://127.0.0.1:8000", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", "http://127.0.0.1:8000", {"Authorization": "Bearer guessed"}),
    ],
)
async def test_no_key_is_needed_only_right_here(
    store: Store, clock: StandingClock, caller: str, url: str, headers: dict[str, str]
) -> None:
    """A proxy, or a web page that pretends to be this machine, does not count as this machine."""
    async with visiting(store, clock, caller=caller, url=url, headers=headers) as visitor:
        answer = await visitor.get("/v1/sequences")

    assert 401 == answer.status_code


async def test_only_the_hash_of_a_key_is_kept(store: Store) -> None:
    """Whoever steals the database has no key."""
    key = await new_key(store, "career-site", at=MONDAY)

    place = str(store.engine.url.database)
    await store.close()
    with open(place, "rb") as file:  # noqa: ASYNC230, PTH123  # a test may wait
        assert key.encode() not in file.read()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"kind": "applied", "candidate": ' + b"9" * 10_000 + b"}",
        b'{"kind": "applied", "candidate": "c_\\u0000"}',
        b'{"kind": "applied", "candidate": "\\ud800"}',
        b'{"kind": "applied", "candidate": "c_ana", "detail": {"x": NaN}}',
        b'{"kind": "applied", "candidate": "c_ana", "detail": {"x": "\\u0000"}}',
        b'{"kind": "applied", "candidate": "c_ana", "detail": {"\\ud800": "x"}}',
        b'{"kind": "applied", "candidate": "c_ana", "detail": {"x": {"y": {}}}}',
        b'{"kind": "applied", "candidate": "c_ana", "at": "99999-01-01T00:00:00Z"}',
        b'{"kind": "applied", "candidate": "c_ana", "at": 1e300}',
        b'{"kind": "applied", "candidate": "c_ana", "at": "0001-01-01T00:00:00+14:00"}',
        json.dumps({"kind": "applied", "candidate": "c" * 5_000}).encode(),
        b"null",
        b'"text"',
        b"12",
    ],
    ids=lambda body: body[:40].decode("utf-8", "replace"),
)
async def test_a_hostile_body_is_refused_and_the_next_call_works(visitor: Visitor, body: bytes) -> None:
    """Broken, deep, huge or strange JSON is the caller's problem, said in one answer."""
    answer = await visitor.http.post("/v1/events", content=body, headers=KEY)
    after = await visitor.get(f"/v1/candidates/{ANA}")

    assert 400 <= answer.status_code < 500
    assert "application/problem+json" == answer.headers["content-type"]
    assert 200 == after.status_code


@pytest.mark.parametrize("body", [b'{"kind": ', b'{"kind": "\xff"}', b"[" * 100_000])
async def test_a_body_that_cannot_be_read_is_one_kind_of_problem(visitor: Visitor, body: bytes) -> None:
    """Programs tell errors apart by `type`: broken JSON has one, whatever is broken about it."""
    answer = await visitor.http.post("/v1/events", content=body, headers=KEY)

    assert (400, "urn:rapport:unreadable") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded"])
async def test_json_that_is_not_said_to_be_json_is_named(visitor: Visitor, media: str) -> None:
    """What curl sends unless told otherwise is answered with the header to send."""
    body = json.dumps({"kind": "applied", "candidate": ANA})

    answer = await visitor.http.post("/v1/events", content=body, headers={**KEY, "Content-Type": media})

    assert 415 == answer.status_code
    assert "`Content-Type: application/json`" in answer.json()["detail"]


async def test_every_sentence_of_an_error_ends(visitor: Visitor) -> None:
    """What went wrong and the next step are two sentences, and nobody's address is in them."""
    used = [
        await visitor.post("/v1/events", {"kind": kind, "candidate": ANA}, key="k") for kind in ("applied", "hired")
    ]
    nobody = await visitor.post("/v1/events", {"kind": "applied", "email": "ada@people.example"})

    assert "Idempotency-Key: it was used for another call. Send a new key." == used[1].json()["detail"]
    assert nobody.json()["detail"].startswith("There is no candidate with the address '…'. Make the person known")


async def test_a_mistake_is_named_without_repeating_what_was_sent(visitor: Visitor) -> None:
    """Error answers end up in other systems' logs, so that no address is in them."""
    answer = await visitor.post("/v1/events", {"kind": "applied", "candidate": 7, "email": ["ada@people.example"]})

    assert "/candidate" in {error["place"] for error in answer.json()["errors"]}
    assert "ada@" not in answer.text


async def _stream(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


async def test_a_body_beyond_the_cap_is_cut_off_while_it_streams(visitor: Visitor) -> None:
    """A body without an announced length is counted as it comes."""
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    streamed = await visitor.http.post("/v1/events", content=_stream(1_200_000), headers=headers)
    announced = await visitor.http.post("/v1/events", content=b"x" * 1_000_001, headers=headers)

    assert [(413, "urn:rapport:too-large")] * 2 == [
        (answer.status_code, answer.json()["type"]) for answer in (streamed, announced)
    ]


async def test_paths_that_do_not_exist_are_problems_too(visitor: Visitor) -> None:
    """Every error has the same form."""
    missing, wrong_way = await visitor.get("/v1/nothing"), await visitor.http.delete("/v1/sequences")

    assert [404, 405] == [missing.status_code, wrong_way.status_code]
    assert {"application/problem+json"} == {answer.headers["content-type"] for answer in (missing, wrong_way)}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/candidates", "GET, POST"),
        ("/v1/candidates/c_ana", "GET, PATCH"),
        ("/v1/calendar/fair-7", "GET, POST"),
        ("/v1/sequences", "GET"),
    ],
)
async def test_a_wrong_method_is_told_all_that_work_there(visitor: Visitor, path: str, allowed: str) -> None:
    """A client that asks what it may do is not told half of it."""
    answer = await visitor.http.delete(path)

    assert (405, allowed) == (answer.status_code, answer.headers["allow"])


async def test_a_fault_is_answered_and_its_words_stay_out_of_the_log(
    visitor: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error may quote an address, so that only its place is logged."""

    def broken() -> None:
        message = "row for ada@people.example"
        raise RuntimeError(message)

    monkeypatch.setattr(store, "read", broken)

    answer = await visitor.get("/v1/sequences")

    assert (500, "urn:rapport:fault") == (answer.status_code, answer.json()["type"])
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "RuntimeError" in record.__dict__["fault"]
    assert "ada@" not in str(record.__dict__)
