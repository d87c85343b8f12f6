"""What people answered is shown to programs and at the command line, and what could not be read as well."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import doctor_checks
from cli.main import rapport
from rapport.clock import SystemClock
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.mail.inbound import read_inbound
from rapport.settings import Settings
from rapport.store import mailboxes
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.incoming import IncomingMailRow
from rapport.usecases.incoming_mail import MailDoor
from tests.api.doors import SIGNER, SentMail, Visitor, a_mail
from tests.unit.store.worlds import MONDAY, PEPPER, WELCOME, StandingClock, a_database, a_person, opened, published

LETTERS = Path(__file__).parents[1] / "unit" / "mail" / "letters"


async def _answer(store: Store, clock: StandingClock, mail: SentMail, text: str, number: int = 1) -> None:
    raw = (
        f"From: c_ana@people.example\r\nTo: r+{mail.token('reply')}@reply.rapport.test\r\nSubject: Re: Welcome\r\n"
        f"Message-ID: <{number}@people.example>\r\n\r\n{text}\r\n"
    ).encode()
    async with store.write() as tx:
        await MailDoor(clock=clock, pepper=PEPPER).take(tx, read_inbound(raw, None, SIGNER))


async def test_replies_are_listed_with_their_words(
    visitor: Visitor, store: Store, clock: StandingClock, mail: SentMail
) -> None:
    """The newest first, page by page, and without what they quote."""
    for number in range(3):
        clock.at = MONDAY + timedelta(hours=number)
        await _answer(store, clock, mail, f"No {number}\n\n> Welcome", number)

    first = (await visitor.get("/v1/replies", limit=2)).json()
    second = (await visitor.get("/v1/replies", limit=2, before=first["next"])).json()
    nobody = (await visitor.get("/v1/replies", candidate="c_ben")).json()
    wrong = await visitor.get("/v1/replies", before="yesterday")

    assert ["No 2", "No 1", "No 0"] == [item["text"] for item in [*first["items"], *second["items"]]]
    assert (True, "waiting", "anna-koch") == tuple(first["items"][0][key] for key in ("sure", "forwarded", "recruiter"))
    assert (None, [], 422) == (second["next"], nobody["items"], wrong.status_code)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation of its own, in which Ana has answered and one mail could not be read."""
    place = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", place)

    async def prepare() -> None:
        clock = StandingClock()
        async with opened(place) as store:
            await published(store, welcome=WELCOME)
            async with store.write() as tx:
                await a_person(tx)
            await _answer(store, clock, await a_mail(store, clock), "Yes, gladly!")
            row = IncomingMailRow(
                key="k" * 64, mailbox="replies", kind="unknown", outcome="quarantined", recorded_at=MONDAY
            )
            row.uid, row.reason, row.raw = 7, "ValueError", b"From: x@y.test\r\n\r\nhi"
            async with store.write() as tx:
                await insert(tx, row)

    asyncio.run(prepare())
    return place


def _do(*arguments: str) -> Result:
    return CliRunner().invoke(rapport, arguments, standalone_mode=False)


@pytest.mark.usefixtures("url")
def test_the_command_shows_who_answered_what() -> None:
    """A recruiter reads it without a mail program."""
    shown, of_ana = _do("replies").output, _do("replies", "--of", "c_ana").output

    assert shown == of_ana
    assert "welcome/c_ana/1  hello  waiting to anna-koch" in shown
    assert "    Yes, gladly!" in shown


def test_a_mail_that_could_not_be_read_is_seen_and_read_again(url: str) -> None:
    """After a release that can."""
    with pytest.raises(ConfigurationError, match="--quarantine"):
        asyncio.run(doctor_checks.mailboxes(Settings(database_url=url)))
    listed = _do("replies", "--quarantine").output
    again = _do("replies", "read-again", "k" * 64).output

    assert "replies UID 7  20 bytes  ValueError" in listed
    assert "unplaced.\n" == again
    assert "Nothing is in quarantine.\n" == _do("replies", "--quarantine").output


def test_doctor_says_which_mailbox_nobody_reads(tmp_path: Path) -> None:
    """A worker that cannot sign in is noticed before a recruiter misses a reply."""
    settings = Settings(database_url=a_database(tmp_path), mailboxes="imaps://replies@imap.acme.example?password=P")

    async def look() -> str:
        async with opened(settings.database) as store, store.write() as tx:
            await mailboxes.move_cursor(
                tx, "replies", uidvalidity=1, uid=1, read_at=SystemClock().now(), received_at=None
            )
        return await doctor_checks.mailboxes(settings)

    with pytest.raises(TemporaryFailure, match="replies not read"):
        asyncio.run(doctor_checks.mailboxes(settings))
    assert "replies read" == asyncio.run(look())


def test_classify_says_what_a_mail_is_and_why() -> None:
    """For one file, in words and in JSON."""
    place = str(LETTERS / "bounces" / "qmail-quota.eml")
    said = json.loads(_do("classify", place, "--json").output)

    assert ("bounce", "soft", None) == (said["kind"], said["class"], said["matched"])
    assert said["reasons"]
    assert _do("classify", place).output.startswith("bounce-soft\n  because ")


def test_classify_counts_a_folder_and_compares() -> None:
    """With a list beside the mails that says what they are."""
    shown = _do("classify", str(LETTERS))
    said = json.loads(_do("classify", str(LETTERS), "--json").output)

    assert "people taken for machines or the reverse: 0." in shown.output
    assert said["compared"] == said["right"] == len(said["mails"])
    assert 0 == said["people_mistaken"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("expected.csv", "file,kind,class\na.eml,bounce,hard\nb.eml,real-reply,\n"),
        ("expected.json", '{"a.eml": "bounce-hard", "b.eml": {"kind": "reply"}}'),
        ("expected.json", '[{"file": "a.eml", "kind": "bounce", "class": "hard"}, {"file": "b.eml", "kind": "reply"}]'),
        ("manifest.jsonl", '{"file": "a.eml", "cls": "bounce-hard"}\n{"file": "b.eml", "cls": "real-reply"}\n'),
    ],
)
def test_lists_may_be_written_in_several_ways(tmp_path: Path, name: str, text: str) -> None:
    """Whoever brings mails brings a list of their own."""
    (tmp_path / "a.eml").write_bytes((LETTERS / "machines" / "english-words-only.eml").read_bytes())
    (tmp_path / "b.eml").write_bytes((LETTERS / "people" / "stop.eml").read_bytes())
    (tmp_path / name).write_text(text)

    shown = _do("classify", str(tmp_path)).output

    assert "a.eml: bounce-hard, taken for auto_reply" in shown
    assert "1 of 2 right" in shown


def test_an_empty_folder_and_a_broken_list_are_said(tmp_path: Path) -> None:
    """No table of nothing."""
    empty = _do("classify", str(tmp_path))
    (tmp_path / "a.eml").write_bytes(b"hi")
    (tmp_path / "expected.json").write_text("{")
    broken = _do("classify", str(tmp_path))

    assert 1 == empty.return_value
    assert "expected.json" in str(broken.exception)
