"""What an ATS says is in the store, whatever way and order it comes; only rejections by us lead back."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from rapport.crm.hiring import AtsHint, HiringOutcome
from rapport.errors import TemporaryFailure
from rapport.ids import name_key
from rapport.store import ats, ats_errands, candidates, consents
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.ats_errands import AtsErrands, keep_hints
from rapport.usecases.ats_notes import HistoryNotes
from rapport.usecases.ats_polling import StoreAtsDesk
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.publish import publish
from tests.ats_world import AtsInMemory
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, PROJECT, StandingClock, a_person, a_publication

CONNECTED = PROJECT + "\nats: {main: {vendor: demo, credentials: ATS, history_note: true}}\n"
BACK = """
purpose: nurture
start: {when: {rejected: {stage: [onsite], reason: [stronger-candidate]}}}
goal: {applied: any}
steps:
  - {id: cool-off, wait: 14 days}
  - {id: hello, send: welcome}
"""


@dataclass(frozen=True, kw_only=True)
class House:
    """A store, an ATS, and what stands between them."""

    store: Store
    clock: StandingClock
    ats: AtsInMemory
    sync: AtsSync

    @property
    def errands(self) -> AtsErrands:
        """What does errands."""
        return AtsErrands(sync=self.sync, notes=self.notes)

    @property
    def notes(self) -> HistoryNotes:
        """What keeps the notes in the ATS."""
        return HistoryNotes(store=self.store, vendors=self.sync.vendors, clock=self.clock)

    @property
    def desk(self) -> StoreAtsDesk:
        """What polls."""
        return StoreAtsDesk(sync=self.sync, notes=self.notes)

    async def hint(self, kind: str, subject: str, *, key: str = "1", **more: str) -> int:
        """A webhook comes."""
        hint = AtsHint(key=key, kind=kind, id=subject, **more)  # type: ignore[arg-type]
        async with self.store.write() as tx:
            return await keep_hints(tx, "main", [hint], now=self.clock.now())

    async def told(self, *kinds: str) -> list[str]:
        """What happened, in order."""
        async with self.store.read() as tx:
            rows = await tx.scalars(select(HappeningRow).order_by(HappeningRow.at, HappeningRow.recorded_at))
            return [row.kind for row in rows if not kinds or row.kind in kinds]

    async def poll(self) -> None:
        """Read all pages, and do the errands that follow."""
        while (await self.desk.poll_page("main")).more:
            pass
        await self.errands.drain()

    async def walks(self) -> list[str]:
        """Who walks."""
        async with self.store.read() as tx:
            return list(await tx.scalars(select(EnrollmentRow.candidate).order_by(EnrollmentRow.id)))

    async def refusals(self) -> list[str]:
        """Why nobody walks."""
        async with self.store.read() as tx:
            return list(await tx.scalars(select(RefusalRow.reason).order_by(RefusalRow.id)))


@pytest.fixture
async def house(store: Store, clock: StandingClock) -> House:
    """Ana is known here with consent, and in the ATS, where she has applied and is at the onsite stage."""
    await publish(store, a_publication({"back": BACK}, project=CONNECTED), commit="c0ffee", at=MONDAY - DAY)
    async with store.write() as tx:
        await a_person(tx)
    world = AtsInMemory()
    world.person("c_ana", first_name="Ana", last_name="Silva", city="Porto")
    world.apply("c_ana", stage="onsite")
    sync = AtsSync(store=store, clock=clock, vendors=world.vendor(), pepper=PEPPER)
    return House(store=store, clock=clock, ats=world, sync=sync)


async def test_a_rejection_by_us_begins_the_way_back(house: House) -> None:
    """The webhook only says that something changed; what is read decides, and the person is found by address."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    assert 1 == await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()
    async with house.store.read() as tx:
        row = await tx.get_one(ApplicationRow, "main/c_ana-backend")
        assert ("rejected", "onsite", "stronger-candidate") == (row.outcome, row.stage, row.reason)
        assert "c_ana" == await ats.candidate_of(tx, "main", "c_ana")
        assert "Porto" == (await candidates.get(tx, "c_ana")).city


@pytest.mark.parametrize("outcome", [each for each in HiringOutcome if each is not HiringOutcome.REJECTED_BY_US])
async def test_nobody_else_comes_back(house: House, outcome: HiringOutcome) -> None:
    """Hires, withdrawals, fraud and closed jobs begin no re-pool."""
    house.ats.end("c_ana-backend", outcome, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()

    assert [] == await house.walks()
    assert "rejected" not in await house.told()


async def test_employees_and_people_in_another_process_do_not_come_back_and_it_is_said_why(house: House) -> None:
    """Each refusal is there for whoever asks why."""
    house.ats.apply("c_ana", "frontend")
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.ats.person("c_bob", is_employee=True)
    house.ats.apply("c_bob", stage="onsite")
    house.ats.end("c_bob-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    await house.hint("application", "c_bob-backend")
    await house.errands.drain()

    assert [] == await house.walks()
    assert ["active_elsewhere", "employee"] == await house.refusals()


async def test_webhook_and_polling_of_the_same_fact_are_one_happening(house: House) -> None:
    """However often and late it is told."""
    await house.poll()
    house.ats.move("c_ana-backend", "offer")
    await house.hint("application", "c_ana-backend")
    await house.errands.drain()
    assert 0 == await house.hint("application", "c_ana-backend")
    await house.hint("person", "c_ana", key="2")
    await house.poll()

    assert ["applied", "stage_changed_to"] == await house.told()


async def test_polling_alone_begins_the_way_back(house: House) -> None:
    """A rejection that only polling finds is looked at with everything else that is known of the person."""
    await house.poll()
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.poll()

    assert ["c_ana"] == await house.walks()
    assert ["applied", "rejected"] == await house.told()


async def test_what_happened_before_we_were_connected_starts_nothing(house: House) -> None:
    """Whoever was rejected last year gets no mail because an ATS was connected today."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.clock.at += timedelta(days=30)
    await house.poll()

    assert [] == await house.walks()
    async with house.store.read() as tx:
        assert "rejected" == (await tx.get_one(ApplicationRow, "main/c_ana-backend")).outcome


async def test_a_rejection_that_is_taken_back_and_given_again_is_told_each_time(house: House) -> None:
    """Unreject is followed: they are in a process again."""
    await house.poll()
    for _ in range(2):
        house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
        await house.poll()
        house.ats.reopen("c_ana-backend")
        await house.poll()

    assert ["applied", *["rejected", "stage_changed_to"] * 2] == await house.told()
    async with house.store.read() as tx:
        row = await tx.get_one(ApplicationRow, "main/c_ana-backend")
        assert ("active", None, None) == (row.status, row.outcome, row.reason)


async def test_new_people_are_stored_without_consent(house: House) -> None:
    """They get no mail until they agree; somebody without an address is stored as well."""
    house.ats.person("new", first_name="Eve", timezone="Europe/Lisbon", country="Portugal")
    house.ats.person("nameless", email=None)
    await house.poll()

    async with house.store.read() as tx:
        people = {row.email: row for row in await tx.scalars(select(CandidateRow).where(CandidateRow.source == "main"))}
        new = people["new@people.example"]
        assert ("Eve", "Europe/Lisbon", None) == (new.first_name, new.timezone, new.country)
        assert None in people
        assert [] == list(await consents.ledger(tx, new.id))


async def test_what_the_candidate_told_us_is_not_overwritten(house: House) -> None:
    """The ATS fills what is empty and follows its own changes; a change that was made here stands."""
    house.ats.person("c_ana", city="Lisbon", last_name=None)
    await house.poll()
    async with house.store.write() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Ana", "Lisbon") == (ana.first_name, ana.city)
        ana.city = "Berlin"
    house.ats.person("c_ana", city="Faro", first_name="Anna")
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Berlin", "DE", None) == (ana.city, ana.country, ana.last_name)
        assert "Anna" == ana.first_name


async def test_an_ats_that_forbids_mails_ends_them_until_the_person_agrees(house: House) -> None:
    """It withdraws what was given before, and closes the address."""
    house.ats.person("c_ana", may_mail=False)
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert {"all": "forbidden_by_ats"} == await consents.closed_because(tx, ana.email_key)
        latest = {entry.purpose: entry.state for entry in await consents.ledger(tx, "c_ana")}
        assert {"nurture": "withdrawn", "events": "withdrawn"} == latest
    house.ats.person("c_ana", may_mail=None)
    await house.poll()

    async with house.store.read() as tx:
        assert {} == await consents.closed_because(tx, (await candidates.get(tx, "c_ana")).email_key)
        assert "withdrawn" == (await consents.ledger(tx, "c_ana"))[-1].state


async def test_whoever_is_deleted_there_is_erased_here_and_does_not_come_back(house: House) -> None:
    """The hint alone erases nobody: the ATS must have nothing of them any more."""
    await house.poll()
    await house.hint("deleted", "c_ana")
    await house.errands.drain()
    async with house.store.read() as tx:
        assert (await candidates.get(tx, "c_ana")).erased_at is None
    known, filed = house.ats.people["c_ana"], dict(house.ats.filed)
    house.ats.delete("c_ana")
    await house.hint("deleted", "c_ana", key="2")
    await house.errands.drain()
    house.ats.people["c_ana"], house.ats.filed = replace(known, updated_at=None), filed
    await house.hint("person", "c_ana", key="3")
    await house.errands.drain()

    async with house.store.read() as tx:
        everybody = (await tx.scalars(select(CandidateRow))).all()
        assert [("c_ana", None, None)] == [(row.id, row.email, row.first_name) for row in everybody]
        assert None is (await tx.get_one(ApplicationRow, "main/c_ana-backend")).stage


async def test_whoever_was_erased_does_not_come_back_under_another_address(house: House) -> None:
    """What other systems called her is known as a keyed hash: the same number or profile makes nobody anew."""
    async with house.store.write() as tx:
        key = name_key("main", "zoe", PEPPER)
        await consents.suppress(tx, key, scope="name", reason=consents.ERASED, at=MONDAY, recorded_at=MONDAY)
    house.ats.person("zoe", email="new-address@people.example")
    house.ats.person("yan", email="yan@people.example")
    await house.poll()

    async with house.store.read() as tx:
        emails = (await tx.scalars(select(CandidateRow.email))).all()
    assert "yan@people.example" in emails
    assert "new-address@people.example" not in emails


async def test_a_merge_in_the_ats_is_followed(house: House) -> None:
    """Both ids lead to one person here, who has the applications of both."""
    house.ats.person("double", email="other@people.example")
    house.ats.apply("double", "frontend")
    await house.poll()
    house.ats.merge("double", "c_ana")
    await house.hint("merged", "double", new_id="c_ana")
    await house.errands.drain()

    async with house.store.read() as tx:
        assert "c_ana" == await ats.candidate_of(tx, "main", "double")
        found = await ats.applications_of(tx, "c_ana")
        assert ["main/c_ana-backend", "main/double-frontend"] == [row.id for row in found]


async def test_an_errand_that_fails_is_done_later(house: House) -> None:
    """The ATS asks for a pause; nothing is lost."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    house.ats.bad_answers.append(TemporaryFailure("Slower.", hint="Later.", pause=timedelta(seconds=30)))
    await house.hint("application", "c_ana-backend")
    assert 1 == await house.errands.drain()
    assert 0 == await house.errands.drain()
    house.clock.at += timedelta(seconds=31)
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()


async def test_what_has_no_date_when_it_is_first_seen_starts_nothing(house: House) -> None:
    """Nobody knows how old it is; what changes after that is news."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    filed = house.ats.filed["c_ana-backend"]
    house.ats.filed["c_ana-backend"] = replace(filed, applied_at=None, updated_at=None, rejected_on=None)
    await house.hint("person", "c_ana")
    await house.errands.drain()
    assert [] == await house.walks()

    house.ats.filed["c_ana-backend"] = replace(filed, status="active", outcome=None, applied_at=None, updated_at=None)
    house.clock.at += timedelta(minutes=1)
    await house.hint("person", "c_ana", key="2")
    await house.errands.drain()
    house.ats.filed["c_ana-backend"] = replace(filed, applied_at=None, updated_at=None, rejected_on=None)
    house.clock.at += timedelta(minutes=1)
    await house.hint("person", "c_ana", key="3")
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()


async def test_what_no_field_can_hold_is_left_out(house: House) -> None:
    """One odd name keeps nobody from being known."""
    house.ats.person("c_ana", first_name="x" * 300, last_name="two\nlines", city=" Faro ", timezone="Mars/Olympus")
    await house.poll()

    async with house.store.read() as tx:
        ana = await candidates.get(tx, "c_ana")
        assert ("Ana", "Faro", None) == (ana.first_name, ana.city, ana.timezone)


async def test_an_errand_of_a_killed_worker_is_done_by_another(house: House) -> None:
    """Nobody gives back what a dead process held; two minutes later it is free."""
    house.ats.end("c_ana-backend", HiringOutcome.REJECTED_BY_US, reason="stronger-candidate")
    await house.hint("application", "c_ana-backend")
    async with house.store.write() as tx:
        await ats_errands.lease(tx, limit=10, now=house.clock.now(), lease=timedelta(minutes=2))
    assert 0 == await house.errands.drain()
    house.clock.at += timedelta(minutes=2)
    await house.errands.drain()

    assert ["c_ana"] == await house.walks()


async def test_a_page_whose_worker_was_killed_is_read_again_and_counts_once(house: House) -> None:
    """The place moves on behind the last of what the page led to, so dying in between passes over nothing."""
    await house.desk.poll_page("main")
    async with house.store.write() as tx:
        (await ats.connection(tx, "main", now=house.clock.now())).cursor = ""
    await house.poll()

    assert ["applied"] == await house.told()
