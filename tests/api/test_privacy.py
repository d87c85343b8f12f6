"""What people may ask of their data, by HTTP and at the command line."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from cli.main import rapport
from rapport.store.database import Store
from rapport.store.tables.mails import SendRow
from rapport.usecases.cause import Cause
from rapport.usecases.erasing import Finishing
from rapport.usecases.merge import merge_people
from tests.api.doors import SentMail, Visitor
from tests.unit.store.worlds import MONDAY, PEPPER, StandingClock

ANA = "/v1/candidates/c_ana"
YES = {"purpose": "nurture", "state": "granted", "source": "form", "text": "Write to me.", "proof": {"form": "7"}}


async def test_consents_are_read_and_added(visitor: Visitor) -> None:
    """A yes with its words, a no, and what holds in the end; the same call twice is one entry."""
    before = (await visitor.get(f"{ANA}/consents")).json()
    given = [await visitor.post(f"{ANA}/consents", YES, key="once") for _ in range(2)]
    no = await visitor.post(f"{ANA}/consents", {"purpose": "nurture", "state": "withdrawn", "source": "phone"})
    wrong = await visitor.post(f"{ANA}/consents", {**YES, "purpose": "nonsense"})

    assert [201, 201, 201, 422] == [answer.status_code for answer in (*given, no, wrong)]
    assert given[0].json() == given[1].json()
    assert (len(before["entries"]) + 1, "Write to me.") == (
        len(given[0].json()["entries"]),
        given[0].json()["entries"][-1]["text"],
    )
    assert ("withdrawn", False) == (no.json()["entries"][-1]["state"], "nurture" in no.json()["valid"])


async def test_an_erasure_leaves_a_record_and_nothing_else(
    visitor: Visitor, store: Store, clock: StandingClock, mail: SentMail
) -> None:
    """Gone at once; the record says who asked, and is done when the walks have ended."""
    asked = await visitor.post(f"{ANA}/erase", {"why": "by letter"}, key="once")
    again = await visitor.post(f"{ANA}/erase", {"why": "by letter"}, key="once")
    twice = await visitor.post(f"{ANA}/erase", {})
    open_walks = await Finishing(store=store, clock=clock, pepper=PEPPER).settle(asked.json()["id"])
    person = (await visitor.get(ANA)).json()
    records = (await visitor.get(f"{ANA}/privacy-requests")).json()
    copy = await visitor.get(f"{ANA}/export")

    assert (202, asked.json(), 409, 409) == (asked.status_code, again.json(), twice.status_code, copy.status_code)
    assert (1, None) == (open_walks, person["first_name"])
    assert [("erasure", "running", "api: this machine", {"why": "by letter"})] == [
        (record["kind"], record["state"], record["asked_by"], record["detail"]) for record in records
    ]
    assert mail.enrollment.startswith("welcome/")


async def test_a_copy_holds_everything_about_the_person(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Profile, consents, what happened, and each mail as it went out; that it was asked for is written down."""
    async with store.write() as tx:
        await tx.execute(update(SendRow).where(SendRow.id == mail.send).values(raw=b"Subject: Welcome\r\n\r\nHi Ana"))
    await visitor.post("/v1/events", {"kind": "custom", "candidate": "c_ana", "detail": {"name": "coffee-chat"}})
    await visitor.post("/v1/events", {"kind": "unsubscribed", "candidate": "c_ana", "detail": {"purpose": "events"}})

    answer = await visitor.get(f"{ANA}/export")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        data = json.loads(packed.read("data.json"))
        mails = [packed.read(name) for name in packed.namelist() if name.endswith(".eml")]
    records = (await visitor.get(f"{ANA}/privacy-requests")).json()
    assert "application/zip" == answer.headers["content-type"]
    assert ["c_ana@people.example", "Ana"] == [data["candidates"][0][key] for key in ("email", "first_name")]
    assert {"nurture", "events"} == {entry["purpose"] for entry in data["consents"]}
    assert {"name": "coffee-chat"} in [each["detail"] for each in data["happenings"]]
    assert [("c_ana@people.example", "events", "unsubscribed")] == [
        (each["email"], each["scope"], each["reason"]) for each in data["suppressions"]
    ]
    assert [b"Subject: Welcome\r\n\r\nHi Ana"] == mails
    assert [("export", "done")] == [(record["kind"], record["state"]) for record in records]


async def test_an_id_of_before_a_merge_is_the_person(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """Whoever still calls her by her old id reads and adds to her ledger, gets her copy, and has her erased."""
    old = "/v1/candidates/c_old"
    await visitor.person("c_old", consent=("events",))
    async with store.write() as tx:
        await merge_people(tx, StandingClock(), kept="c_ana", gone="c_old", cause=Cause(text="x", at=MONDAY))

    added = (await visitor.post(f"{old}/consents", YES)).json()
    with zipfile.ZipFile(io.BytesIO((await visitor.get(f"{old}/export")).content)) as packed:
        data = json.loads(packed.read("data.json"))
    clock.at += timedelta(minutes=1)
    erased = (await visitor.post(f"{old}/erase", {})).json()
    twice = [await visitor.post(f"{place}/erase", {}) for place in (old, ANA)]
    records = [(await visitor.get(f"{place}/privacy-requests")).json() for place in (old, ANA)]

    assert ("c_ana", "Write to me.") == (added["candidate"], added["entries"][-1]["text"])
    assert ({"nurture", "events"}, "c_ana") == ({each["purpose"] for each in data["consents"]}, data["candidate"])
    assert ("c_ana", [409, 409]) == (erased["candidate"], [each.status_code for each in twice])
    assert [["export", "erasure"]] * 2 == [[each["kind"] for each in found] for found in records]


async def test_no_stranger_gets_a_copy(visitor: Visitor) -> None:
    """An unknown person is a clear answer, and an unknown caller gets none."""
    assert 404 == (await visitor.get("/v1/candidates/c_nobody/export")).status_code
    assert 401 == (await visitor.http.get(f"{ANA}/export", headers={"Authorization": "Bearer wrong"})).status_code


@pytest.fixture
def shell(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell in an installation with the demo's people."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", database)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_the_commands_tell_the_whole_story(shell: CliRunner, tmp_path: Path) -> None:
    """Import, look at consents, export, then erase: not without --yes, and not twice."""
    root = Path(__file__).parents[2]

    def run(*words: str) -> tuple[int, str]:
        result = shell.invoke(rapport, words, standalone_mode=False)
        return result.return_value or 0, result.output + str(result.exception or "")

    ada = "ada.lindqvist@people.test"
    run("publish", str(root / "sequences"), "--commit", "c0ffee")
    run("import", str(root / "cli" / "demonstration" / "people.csv"))
    shown = run("consent", ada, "--withdraw", "nurture", "--source", "by phone")
    nowhere, copy = run("export", ada, "-o", "nowhere/ada.zip"), run("export", ada, "-o", "ada.zip")
    due = run("retention", "--dry-run")
    asked, done, again = run("erase", ada), run("erase", ada, "--yes"), run("erase", ada, "--yes")
    name = done[1].partition(" ")[0]
    by_id = [run(*words) for words in (("erase", name), ("erase", name, "--yes"), ("export", name))]
    unknown = [run(*words) for words in (("erase", "c_nobody", "--yes"), ("export", "c_nobody"))]

    assert "withdrawn" in shown[1]
    assert "Nobody would be erased." in due[1]
    assert zipfile.is_zipfile(tmp_path / "ada.zip"), copy
    assert 0o600 == (tmp_path / "ada.zip").stat().st_mode & 0o777
    assert "there is no folder nowhere" in nowhere[1]
    assert (1, True) == (asked[0], "Nothing was done" in asked[1])
    assert (0, True) == (done[0], "is erased" in done[1])
    assert "asked to be forgotten" in again[1]
    assert [True] * 3 == [f"{name} was erased on" in said for _, said in by_id]
    assert [True] * 2 == ["There is no candidate 'c_nobody'" in said for _, said in unknown]
