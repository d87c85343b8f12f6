"""The inbox of `rapport dev`: read what was sent, act as its recipient over the real doors."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from api.inbox.app import create_inbox
from api.inbox.box import Box
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from tests.api.doors import SentMail
from tests.api.servers import free_port, served
from tests.unit.store.worlds import MONDAY, StandingClock


def _letter(url: str, mail: SentMail) -> bytes:
    letter = EmailMessage()
    letter["From"] = "Acme <talent@acme.example>"
    letter["To"] = "Ana <c_ana@people.example>"
    letter["Reply-To"] = f"r+{mail.token('reply')}@reply.rapport.test"
    letter["Subject"] = "Welcome <script>alert(1)</script>"
    letter["Message-ID"] = mail.message_id
    letter["List-Unsubscribe"] = f"<{url}/u/{mail.token('unsubscribe')}>"
    letter.set_content("Hello Ana")
    page = f'<p>Hello</p><a href="{url}/c/{mail.token("click", 1)}">See the jobs</a><script>alert(1)</script>'
    letter.add_alternative(page + f'<img src="{url}/o/{mail.token("open")}.gif">', subtype="html")
    return letter.as_bytes()


@pytest.fixture
async def inbox(store: Store, clock: StandingClock, mail: SentMail, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """An inbox with one mail, beside a running API."""
    async with served(store, clock) as url:
        port = free_port()
        settings = replace(Settings(public_url=url), state_folder=tmp_path)
        app = create_inbox(settings, clock, smtp_port=port, api_url=url)
        transport = ASGITransport(app, client=("127.0.0.1", 1))
        async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=url) as http:
            await aiosmtplib.send(
                _letter(url, mail),
                sender=f"b+{mail.token('bounce')}@bounce.rapport.test",
                recipients=["c_ana@people.example"],
                hostname="127.0.0.1",
                port=port,
            )
            yield http


async def _kinds(store: Store) -> list[str]:
    async with store.read() as tx:
        return list((await tx.scalars(select(HappeningRow.kind))).all())


async def test_a_mail_is_listed_and_shown_without_any_script(inbox: AsyncClient) -> None:
    """A mail can say what it likes: nothing in it runs, loads or leads anywhere."""
    listed, shown, body = [await inbox.get(path) for path in ("/", "/mails/1", "/mails/1/body")]

    assert [200, 200, 200] == [answer.status_code for answer in (listed, shown, body)]
    assert "<script" not in listed.text + shown.text
    assert "See the jobs" in shown.text
    assert "sandbox; default-src 'none'" in body.headers["content-security-policy"]
    assert ["c_ana@people.example"] == [slip["recipient"] for slip in (await inbox.get("/mails.json")).json()]


@pytest.mark.parametrize(
    ("act", "form", "expected"),
    [
        ("click", {"link": "0"}, ["clicked"]),
        ("unsubscribe", {}, ["unsubscribed"]),
        ("reply", {"text": "Yes, let us talk."}, ["replied"]),
        ("images", {}, []),  # she has not agreed to tracking
        ("away", {}, ["out_of_office"]),
        ("bounce", {}, ["bounced"]),
        ("complain", {}, ["complained"]),
    ],
)
async def test_a_button_acts_over_the_real_doors(
    inbox: AsyncClient, store: Store, act: str, form: dict[str, str], expected: list[str]
) -> None:
    """What works in the inbox works for candidates."""
    answer = await inbox.post(f"/mails/1/{act}", data=form)

    assert 303 == answer.status_code, answer.text
    assert expected == await _kinds(store)


@pytest.mark.parametrize(
    ("act", "word", "expected"),
    [("away", "until", "2026-03-09"), ("bounce", "bounce", "hard")],
)
async def test_a_programs_answer_says_what_programs_say(
    inbox: AsyncClient, store: Store, act: str, word: str, expected: str
) -> None:
    """The day of return and the kind of a bounce are read from the mail that came back, by our own classifier."""
    await inbox.post(f"/mails/1/{act}")
    async with store.read() as tx:
        [happening] = (await tx.scalars(select(HappeningRow))).all()

    assert expected == happening.detail[word][:10]


async def test_no_other_web_page_reaches_the_inbox(inbox: AsyncClient, store: Store) -> None:
    """A page that the developer happens to have open cannot read mails or press buttons."""
    foreign = await inbox.post("/mails/1/unsubscribe", headers={"Sec-Fetch-Site": "cross-site"})
    rebound = await inbox.get("/mails.json", headers={"Host": "evil.example"})

    assert [403, 403] == [foreign.status_code, rebound.status_code]
    assert [] == await _kinds(store)


async def test_a_mail_that_is_not_there_is_a_problem(inbox: AsyncClient) -> None:
    """Old links say what happened."""
    answers = [await inbox.get(f"/mails/{number}{part}") for number in (9, -1) for part in ("", "/body", "/raw")]

    assert {404} == {answer.status_code for answer in answers}


async def test_the_box_keeps_the_newest_and_survives_a_restart(tmp_path: Path) -> None:
    """The inbox never fills the disk, and mails are there again tomorrow."""
    box = Box(tmp_path, kept=3)
    for number in range(5):
        await box.put(b"raw", recipient="a@people.example", sender="", subject=str(number), at=MONDAY)

    again = Box(tmp_path, kept=3)

    assert ["4", "3", "2"] == [slip.subject for slip in again.slips()]
    assert 6 == len(os.listdir(tmp_path))  # noqa: PTH208  # a path would block, says another rule
    assert 6 == (await again.put(b"raw", recipient="b@x.example", sender="", subject="5", at=MONDAY)).number
