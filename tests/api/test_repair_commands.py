"""`rapport sends` and `rapport holds`: what stands still, and what a person decides about it."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from cli.main import rapport
from rapport.ids import send_id
from rapport.store import sends
from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.store.tables.walks import EnrollmentRow, HoldRow
from rapport.usecases.holds import hold
from rapport.usecases.standing import standing
from tests.api.doors import SentMail, a_mail
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_database, a_person, opened, published

Do = Callable[..., tuple[object, str]]


async def _prepare(url: str) -> SentMail:
    """Ana's mail is parked, and her walk stands still as well."""
    clock = StandingClock()
    async with opened(url) as store:
        await published(store, welcome=WELCOME)
        async with store.write() as tx:
            await a_person(tx)
        mail = await a_mail(store, clock)
        async with store.write() as tx:
            row = await sends.find(tx, mail.send)
            assert row is not None
            row.state, row.reason = "unknown", "connection lost"
            await hold(tx, clock, await standing(tx, mail.enrollment, MONDAY), "read", "refused by policy (550)")
    return mail


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SentMail:
    """An installation of its own, in which somebody has to decide."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", a_database(tmp_path))
    return asyncio.run(_prepare(a_database(tmp_path)))


@pytest.fixture
def do(mail: SentMail) -> Do:
    """Runs a command; its exit code or the kind of its error, and what it printed."""
    del mail

    def run(*arguments: str) -> tuple[object, str]:
        result = CliRunner().invoke(rapport, arguments, standalone_mode=False)
        if result.exception is not None:
            return type(result.exception).__name__, str(result.exception)
        return result.return_value, result.output

    return run


def test_parked_mails_are_listed_and_counted(mail: SentMail, do: Do) -> None:
    """One line a mail: its id, when, whose walk, which step and why; no address."""
    code, listed = do("sends", "--parked")
    _, counted = do("sends")

    assert f"{mail.send:<20} 2026-03-02 09:00 UTC  {mail.enrollment}  hello  connection lost\n" == listed
    assert (0, "       1  unknown\n") == (code, counted)


def test_a_parked_mail_is_sent_again_once(mail: SentMail, do: Do) -> None:
    """The worker sends it; a second wish is refused with its reason."""
    number = str(send_id(mail.enrollment, "hello"))
    first, again = do("sends", "resend", number), do("sends", "resend", number)

    assert (0, "Refused") == (first[0], again[0])
    assert "was sent again once" in again[1]
    assert do("sends", "--parked")[1].endswith(", sent again\n")


def test_a_parked_mail_is_dropped(mail: SentMail, do: Do) -> None:
    """Nothing is parked afterwards."""
    code, _ = do("sends", "drop", str(mail.send))

    assert (0, "Nothing is parked.\n") == (code, do("sends", "--parked")[1])


async def _pile_up(mail: SentMail, number: int) -> None:
    """So many more walks like hers, each with a mail like hers."""
    async with opened(os.environ["RAPPORT_DATABASE_URL"]) as store, store.write() as tx:
        walk = await _copied(tx, EnrollmentRow, mail.enrollment)
        send = await _copied(tx, SendRow, mail.send)
        hold = await _copied(tx, HoldRow, (mail.enrollment, "read"))
        for n in range(2, number + 2):
            name = f"welcome/c_ana/{n}"
            await tx.execute(insert(EnrollmentRow).values(walk | {"id": name, "n": n, "once_key": str(n)}))
            mine = {"id": n, "enrollment": name, "message_id": None, "at": MONDAY + timedelta(minutes=n)}
            await tx.execute(insert(SendRow).values(send | mine))
            await tx.execute(insert(HoldRow).values(hold | {"enrollment": name}))


async def _copied(tx: Tx, table: type[Row], name: object) -> dict[str, Any]:
    row = await tx.get_one(table, name)
    return {column.key: getattr(row, column.key) for column in table.__table__.columns}


def test_all_that_waits_for_a_decision_is_listed(mail: SentMail, do: Do) -> None:
    """After an outage there are thousands, and none is left out; the mail that waits for longest comes first."""
    asyncio.run(_pile_up(mail, 1_000))

    parked, held = (do(*words)[1].splitlines() for words in (("sends", "--parked"), ("holds",)))

    assert (1_001, 1_001) == (len(parked), len(held))
    assert [mail.send, *range(2, 1_002)] == [int(line.split()[0]) for line in parked]


@pytest.mark.parametrize("decision", ["retry", "skip"])
def test_a_held_walk_is_listed_and_goes_on(mail: SentMail, do: Do, decision: str) -> None:
    """One line a walk: since when, where, why, and whom to ask; then a decision, once."""
    _, listed = do("holds")
    code, _ = do("holds", decision, mail.enrollment)

    assert f"2026-03-02 09:00 UTC  {mail.enrollment}  read  refused by policy (550)  (ask anna-koch)\n" == listed
    assert (0, "No walk stands still.\n", "Refused") == (
        code,
        do("holds")[1],
        do("holds", decision, mail.enrollment)[0],
    )


def test_show_tells_why_somebody_was_not_enrolled(do: Do) -> None:
    """The page of a person holds their walks, what stands still there, and every refusal."""
    do("enroll", "welcome", "c_ana")
    _, shown = do("show", "c_ana")

    assert "held: refused by policy (550)" in shown
    assert "Not enrolled:" in shown
    assert "not enrolled (already_enrolled, command line): The sequence 'welcome' is being walked" in shown
