"""Pools over HTTP and from the command line: counted, listed, and changed by hand where that makes sense."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import rapport
from rapport.store.database import Store
from rapport.usecases.segment_recount import SegmentKeeper
from tests.api.doors import Visitor
from tests.unit.store.worlds import WELCOME, StandingClock, a_database, a_person, opened, published

Do = Callable[..., tuple[object, str]]
ROLE = "title: Backend\nskills: {must: [python], nice: [go]}\nlocation: {country: DE}\n"


async def test_a_person_is_put_in_once_and_begins_what_starts_by_it(visitor: Visitor) -> None:
    """The same call twice acts once; who is in it already is no news."""
    body = {"candidate": "c_ana", "cause": "met at the fair"}
    first = await visitor.post("/v1/pools/engineering/members", body, key="one")
    retried = await visitor.post("/v1/pools/engineering/members", body, key="one")
    other = await visitor.post("/v1/pools/engineering/members", body, key="two")
    shown = (await visitor.get("/v1/pools/engineering/members")).json()

    assert {"changed": True, "started": ["welcome/c_ana/1"]} == first.json() == retried.json()
    assert {"changed": False, "started": []} == other.json()
    assert [("c_ana", "met at the fair")] == [(item["candidate"], item["cause"]) for item in shown["items"]]


async def test_a_person_is_taken_out(visitor: Visitor) -> None:
    """By address as well; the pool is empty afterwards."""
    await visitor.post("/v1/pools/warm/members", {"candidate": "c_ana"})
    gone = await visitor.post("/v1/pools/warm/members/remove", {"email": "c_ana@people.example"})

    assert {"changed": True, "started": []} == gone.json()
    assert 0 == (await visitor.get("/v1/pools/warm")).json()["members"]


async def test_a_segment_is_counted_and_refuses_hands(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """People belong to it by themselves, and it says so while it is still being counted."""
    before = {pool["name"]: pool for pool in (await visitor.get("/v1/pools")).json()}
    await visitor.person("c_ben", skills=["python"])
    await SegmentKeeper(store, clock).drain()
    refused = await visitor.post("/v1/pools/backend/members", {"candidate": "c_ana"})
    told = {"kind": "added_to_pool", "candidate": "c_ana", "detail": {"pool": "backend"}}
    as_event = await visitor.post("/v1/events", told)
    after = (await visitor.get("/v1/pools/backend")).json()

    assert (True, True) == (before["backend"]["segment"], before["backend"]["counting"])
    for answer in (refused, as_event):
        assert (409, "segment") == (answer.status_code, answer.json()["reason"])
    assert {"name": "backend", "title": "Backend", "segment": True, "members": 1, "counting": False} == after


async def test_members_come_in_pages(visitor: Visitor) -> None:
    """Each page says where the next one begins."""
    for name in ("c_ben", "c_cleo"):
        await visitor.person(name)
    for name in ("c_ana", "c_ben", "c_cleo"):
        await visitor.post("/v1/pools/warm/members", {"candidate": name})
    first = (await visitor.get("/v1/pools/warm/members", limit=2)).json()
    second = (await visitor.get("/v1/pools/warm/members", limit=2, after=first["next"])).json()

    assert (["c_ana", "c_ben"], ["c_cleo"], None) == (
        [item["candidate"] for item in first["items"]],
        [item["candidate"] for item in second["items"]],
        second["next"],
    )


@pytest.mark.parametrize("path", ["/v1/pools/engeneering", "/v1/pools/engeneering/members"])
async def test_a_pool_that_nobody_declared_is_not_found(visitor: Visitor, path: str) -> None:
    """A misspelled name is said to be one."""
    assert 404 == (await visitor.get(path)).status_code
    assert 404 == (await visitor.post("/v1/pools/engeneering/members", {"candidate": "c_ana"})).status_code


async def test_qualified_people_who_engaged(visitor: Visitor) -> None:
    """One call answers who can do it and has clicked, with the reason for every point."""
    for name in ("c_ben", "c_cleo"):
        await visitor.person(name, skills=["python"])
    await visitor.post("/v1/events", {"kind": "replied", "candidate": "c_ben"})
    asked = {"role": {"title": "Backend", "skills": {"must": ["Python"]}}, "engaged": True}
    found = (await visitor.post("/v1/matches", asked)).json()

    assert (3, {"not_engaged": 1, "not_qualified": 1}) == (found["people"], found["left_out"])
    [match] = found["matches"]
    assert ("c_ben", True, True) == (match["candidate"], match["qualified"], match["engaged"])
    assert "has Python" == match["parts"][0]["why"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"role": {"title": "R", "skills": {"must": ["go"]}}, "job": "main/1"},
        {"role": {"title": "R", "skills": {"must": ["go"]}}, "limit": 0},
        {"role": {"title": "R", "skills": {"must": ["go"]}, "location": {"country": "Germany"}}},
        {"role": {"title": "R", "skills": {"must": [""]}}},
    ],
)
async def test_a_wrong_question_is_refused(visitor: Visitor, asked: dict[str, object]) -> None:
    """Nothing is guessed."""
    assert 422 == (await visitor.post("/v1/matches", asked)).status_code


async def _prepare(url: str) -> None:
    async with opened(url) as store:
        await published(store, welcome=WELCOME)
        async with store.write() as tx:
            await a_person(tx, skills=["python", "go"])
            await a_person(tx, "c_ben", skills=["pyhton"])


@pytest.fixture
def do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Do:
    """Runs a command on an installation of its own; its exit code or the kind of its error, and what it printed."""
    url = a_database(tmp_path)
    asyncio.run(_prepare(url))
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)

    def run(*arguments: str) -> tuple[object, str]:
        result = CliRunner().invoke(rapport, arguments, standalone_mode=False)
        if result.exception is not None:
            return type(result.exception).__name__, str(result.exception)
        return result.return_value, result.output

    return run


def test_the_command_lists_and_changes_pools(do: Do) -> None:
    """Added, shown, counted, removed; a segment refuses."""
    assert (0, "2 of 2 are new in engineering.\n") == do("pools", "add", "engineering", "c_ana", "c_ben")
    assert (0, "0 of 1 are new in engineering.\n") == do("pools", "add", "engineering", "c_ana")
    assert 2 == len(do("pools", "show", "engineering")[1].splitlines())
    assert (0, "1 of 1 is no longer in engineering.\n") == do("pools", "remove", "engineering", "c_ana")
    assert "      1  pool     engineering  Engineering\n" in do("pools")[1]
    assert ("Refused", True) == (do("pools", "add", "backend", "c_ana")[0], "still being counted" in do("pools")[1])
    assert "NotFound" == do("pools", "show", "engeneering")[0]


def test_the_command_explains_its_ranking(do: Do, tmp_path: Path) -> None:
    """Points by part and in words, who was left out, and the best ones put into a pool, once."""
    role = tmp_path / "role.yaml"
    role.write_text(ROLE, encoding="utf-8")
    code, said = do("match", "--role", str(role), "--into", "warm")
    again = do("match", "--role", str(role), "--into", "warm")[1]
    tree = json.loads(do("match", "--role", str(role), "--format", "json", "--partly")[1])

    assert 0 == code
    assert said.startswith("Backend: 1 of 2 people\n\n1. c_ana  ")
    assert "    40.0 of 40  must skills: has python\n" in said
    assert "Left out: 1 not qualified\n1 of them are new in warm.\n" in said
    assert "0 of them are new in warm." in again
    assert ["c_ana", "c_ben"] == [match["candidate"] for match in tree["matches"]]


def test_a_wrong_role_file_is_shown_like_a_wrong_sequence(do: Do, tmp_path: Path) -> None:
    """Line, column, the word and what to write; and JSON is read as well."""
    role, fine = tmp_path / "role.yaml", tmp_path / "role.json"
    role.write_text("title: Backend\nskills: {musst: [go]}\nlocation: {country: Germany}\n", encoding="utf-8")
    fine.write_text(json.dumps({"title": "R", "skills": {"must": ["python"]}, "location": {"remote": True}}))
    result = CliRunner().invoke(rapport, ["match", "--role", str(role)], standalone_mode=False)

    assert 1 == result.return_value
    assert ':2:10: "musst" is not a key of "skills" — did you mean "must"? [unknown-key]' in result.output
    assert ':3:21: "Germany" cannot stand here [bad-value]' in result.output
    assert 0 == do("match", "--role", str(fine))[0]
    assert "UsageError" == do("match")[0]
