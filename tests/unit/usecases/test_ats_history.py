"""When somebody applies, the ATS hears once what they were sent before."""

from datetime import timedelta

from rapport.clock import Clock
from rapport.crm.hiring import HiringOutcome
from rapport.errors import TemporaryFailure
from rapport.ids import send_id
from rapport.store.once import insert
from rapport.store.tables.mails import SendRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import MONDAY
from tests.unit.usecases.test_ats_sync import House, house

__all__ = ["house"]


async def a_mail(house: House, clock: Clock) -> str:
    """Ana was sent a mail on Monday and followed its link."""
    async with house.store.write() as tx:
        walk = await enroll(tx, clock, sequence="back", candidate="c_ana", at=MONDAY, cause="test")
        row = await tx.get_one(EnrollmentRow, walk.id)
        send = SendRow(
            id=send_id(walk.id, "hello"),
            enrollment=walk.id,
            step="hello",
            state="accepted",
            mail="welcome",
            version=row.version,
            recipient_key="0" * 64,
            at=MONDAY,
            recorded_at=MONDAY,
            subject="Stay in touch",
            raw=b"a body that stays here",
            accepted_at=MONDAY,
        )
        await insert(tx, send)
        click = Incoming(
            dedupe_key="click",
            kind="clicked",
            candidate="c_ana",
            at=MONDAY + timedelta(days=1),
            enrollment=walk.id,
            send=send.id,
            step="hello",
            link="jobs",
        )
        await take_in(tx, clock, click)
    return walk.id


async def test_the_ats_gets_one_note_of_what_was_sent_and_done(house: House) -> None:
    """In plain words, without the mail's text; a cut-off write and a second telling change nothing."""
    await house.poll()
    await a_mail(house, house.clock)
    house.clock.at += timedelta(days=2)
    house.ats.now = house.clock.at
    house.ats.apply("c_ana", "frontend")
    await house.hint("application", "c_ana-frontend")
    await house.errands.turn()
    house.ats.bad_answers.append(TemporaryFailure("Away.", hint="Later."))
    await house.errands.drain()
    house.clock.at += timedelta(minutes=1)
    await house.errands.drain()
    await house.hint("application", "c_ana-frontend", key="2")
    await house.errands.drain()

    [(person, key, text)] = house.ats.notes
    assert ("c_ana", "history:main/c_ana-frontend") == (person, key)
    assert [
        "Before this application (told by Rapport):",
        '2026-03-02: got the mail "Stay in touch" of back',
        "2026-03-03: followed a link (jobs)",
    ] == text.splitlines()


async def test_whoever_got_no_mail_needs_no_note(house: House) -> None:
    """An application out of the blue is none of our doing."""
    house.ats.end("c_ana-backend", HiringOutcome.WITHDREW)
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert [] == house.ats.notes
