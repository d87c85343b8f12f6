"""When somebody applies, the ATS hears once what they were sent before."""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import select

from rapport.clock import Clock
from rapport.crm.hiring import HiringOutcome
from rapport.errors import TemporaryFailure
from rapport.ids import send_id
from rapport.store import ats_errands, candidates
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ats_notes import HISTORY_NOTE
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.ats_house import House, house
from tests.unit.store.worlds import DAY, MONDAY

__all__ = ["house"]


class HasStore(Protocol):
    """Whatever has a store."""

    @property
    def store(self) -> Store:
        """The store."""
        ...


async def a_mail(house: HasStore, clock: Clock) -> str:
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
    assert ("c_ana", "history") == (person, key)
    assert [
        "What we sent and what they did (told by Rapport):",
        "2026-03-02: applied",
        '2026-03-02: got the mail "Stay in touch" of back',
        "2026-03-03: followed a link (jobs)",
        "2026-03-04: applied",
        "Sequences: back (since 2026-03-02).",
    ] == text.splitlines()


async def test_a_second_application_changes_the_one_note_of_the_person(house: House) -> None:
    """It tells what came before each of them, with the event, the end, the source and the score."""
    await house.poll()
    walk = await a_mail(house, house.clock)
    await _applies(house, "frontend", days=2)
    async with house.store.write() as tx:
        await insert(tx, CalendarEventRow(id="fair-7", at=MONDAY, recorded_at=MONDAY, title="Career fair"))
        ended = await tx.get_one(EnrollmentRow, walk)
        ended.state, ended.end_name, ended.ended_at = "ended", "goal: applied", MONDAY + 2 * DAY
        ana = await candidates.get(tx, "c_ana")
        ana.source, ana.score = "career-site", 7
        at = MONDAY + 3 * DAY
        came = Incoming(dedupe_key="c", kind="attended", candidate="c_ana", at=at, detail={"event": "fair-7"})
        await take_in(tx, house.clock, came)
    await _applies(house, "data", days=2)

    [(person, _, text)] = house.ats.notes
    assert "c_ana" == person
    assert [
        "What we sent and what they did (told by Rapport):",
        "2026-03-02: applied",
        '2026-03-02: got the mail "Stay in touch" of back',
        "2026-03-03: followed a link (jobs)",
        "2026-03-04: applied",
        "2026-03-05: came to an event (Career fair)",
        "2026-03-06: applied",
        "Sequences: back (2026-03-02 to 2026-03-04, goal: applied).",
        "First known from: career-site.",
        "Engagement score: 7.",
    ] == text.splitlines()


async def test_two_applications_at_once_are_one_errand(house: House) -> None:
    """Two workers would each look, find no note, and write one."""
    await house.poll()
    await a_mail(house, house.clock)
    house.clock.at += 2 * DAY
    house.ats.now = house.clock.at
    for job in ("frontend", "data"):
        house.ats.apply("c_ana", job)
        await house.hint("application", f"c_ana-{job}", key=job)
    assert 1 == await house.errands.turn()
    async with house.store.read() as tx:
        kinds = list(await tx.scalars(select(AtsErrandRow.kind).where(AtsErrandRow.state == "waiting")))
    await house.errands.drain()

    assert ["application", HISTORY_NOTE] == kinds
    assert 1 == len(house.ats.notes)


async def test_two_records_that_become_one_in_the_ats_end_with_one_note(house: House) -> None:
    """Each had a note; the one that stays is brought up to date, by the same mark."""
    await house.poll()
    await a_mail(house, house.clock)
    await _applies(house, "frontend", days=2)
    house.ats.person("double", email="c_ana@people.example")
    house.ats.apply("double", "data")
    await house.poll()
    assert ["c_ana", "double"] == sorted(person for person, _, _ in house.ats.notes)
    house.ats.merge("double", "c_ana")
    house.ats.notes = [("c_ana", key, text) for _, key, text in house.ats.notes]
    await house.hint("merged", "double", new_id="c_ana")
    await house.errands.drain()

    assert 1 == len(house.ats.notes)


async def test_the_note_follows_what_happens_while_an_application_is_active(house: House) -> None:
    """At most once a day, only when something happened, and not when she is out; it stays one note."""
    await house.poll()
    await a_mail(house, house.clock)
    await _applies(house, "frontend", days=2)
    await _comes_to(house, "fair-7")
    await _a_day_goes_by(house, days=0)
    assert "fair-7" not in house.ats.notes[0][2]
    await _a_day_goes_by(house)
    [(_, _, said)] = house.ats.notes
    assert "came to an event (fair-7)" in said
    calls = house.ats.calls
    await _a_day_goes_by(house, days=2)
    assert calls == house.ats.calls
    for job in ("frontend", "backend"):
        house.ats.end(f"c_ana-{job}", HiringOutcome.REJECTED_BY_US)
    await house.poll()
    await _comes_to(house, "fair-8")
    await _a_day_goes_by(house, days=2)

    assert [said] == [text for *_, text in house.ats.notes]


async def test_a_note_is_asked_for_once_however_many_polls_look(house: House) -> None:
    """Polls of two workers, and those that come while the ATS is away, leave one errand."""
    await house.poll()
    await a_mail(house, house.clock)
    await _applies(house, "frontend", days=2)
    await _comes_to(house, "fair-7")
    house.clock.at += DAY
    assert [1, 1] == [await house.notes.look("main"), await house.notes.look("main")]
    house.ats.bad_answers.append(TemporaryFailure("Away.", hint="Later."))
    await house.errands.drain()
    house.clock.at += DAY
    await house.notes.look("main")
    async with house.store.read() as tx:
        assert 1 == (await ats_errands.waiting(tx))[0]
    await house.errands.drain()

    assert 1 == len(house.ats.notes)


async def test_a_score_that_fades_writes_no_note(house: House) -> None:
    """It is in the note; only what happens is a reason for a new one."""
    await house.poll()
    await a_mail(house, house.clock)
    await _applies(house, "frontend", days=2)
    async with house.store.write() as tx:
        (await candidates.get(tx, "c_ana")).score = 7
    house.clock.at += 2 * DAY

    assert 0 == await house.notes.look("main")


async def test_our_tags_go_with_the_note_and_do_not_come_back_as_news(house: House) -> None:
    """They have a prefix, so that they stay apart from the ATS's own; those that the ATS gave us stay as they are."""
    house.ats.person("c_ana", tags=("theirs",))
    await house.poll()
    await a_mail(house, house.clock)
    async with house.store.write() as tx:
        cause = Cause(text="test", at=MONDAY)
        await change_tag(tx, house.clock, "c_ana", how="add", tag="silver-medalist", cause=cause)
    await _applies(house, "frontend", days=2)
    assert [("c_ana", "rapport: silver-medalist")] == house.ats.tags
    house.ats.person("c_ana", tags=("theirs", "rapport: silver-medalist"))
    await house.poll()

    async with house.store.read() as tx:
        assert ["silver-medalist", "theirs"] == sorted(await candidates.tags_of(tx, "c_ana"))


async def test_an_ats_that_takes_no_notes_is_not_asked_for_ever(house: House) -> None:
    """It has said so; the errand is done."""
    await house.poll()
    await a_mail(house, house.clock)
    await house.hint("person", "c_ana", key="9")
    house.clock.at += 2 * DAY
    house.ats.now = house.clock.at
    house.ats.apply("c_ana", "frontend")
    await house.hint("application", "c_ana-frontend")
    await house.errands.turn()
    await house.errands.turn()
    assert [] == house.ats.notes
    # The person is read, and then the note is refused.
    house.ats.refuses_writes = True
    await house.errands.drain()

    async with house.store.read() as tx:
        assert 0 == (await ats_errands.waiting(tx))[0]


async def _applies(house: House, job: str, *, days: int) -> None:
    house.clock.at += days * DAY
    house.ats.now = house.clock.at
    house.ats.apply("c_ana", job)
    await house.hint("application", f"c_ana-{job}", key=job)
    await house.errands.drain()


async def _a_day_goes_by(house: House, *, days: int = 1) -> None:
    """What a worker does beside the polls."""
    house.clock.at += days * DAY
    await house.notes.turn()
    await house.errands.drain()


async def _comes_to(house: House, event: str) -> None:
    async with house.store.write() as tx:
        at = house.clock.at
        came = Incoming(dedupe_key=event, kind="attended", candidate="c_ana", at=at, detail={"event": event})
        await take_in(tx, house.clock, came)


async def test_whoever_got_no_mail_needs_no_note(house: House) -> None:
    """An application out of the blue is none of our doing."""
    house.ats.end("c_ana-backend", HiringOutcome.WITHDREW)
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert [] == house.ats.notes
