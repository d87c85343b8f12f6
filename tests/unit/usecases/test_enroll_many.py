"""Enrolling many people decides and records what enrolling them one by one would."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from rapport.errors import Refused
from rapport.store import consents, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.people import TagRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.cause import Cause
from rapport.usecases.crowd import Wish
from rapport.usecases.enroll import enroll
from rapport.usecases.enroll_many import enroll_many
from rapport.usecases.merge import merge_people
from tests.unit.store.worlds import DAY, FAIR, MONDAY, StandingClock, a_person, published
from tests.unit.usecases.crowds import OPEN, PICKY, member


async def everybody(tx: Tx) -> Sequence[str]:
    """One person for each way in and each way to be refused."""
    people: dict[str, dict[str, Any]] = {
        "c_fits": {},
        "c_austria": {"country": "AT"},
        "c_nowhere": {"country": None},
        "c_silent": {"consent": ()},
        "c_erased": {"erased_at": MONDAY},
        "c_vip": {},
        "c_lapsed": {},
        "c_bounced": {},
        "c_left": {},
        "c_again": {},
        "c_soon": {},
        "c_walks": {},
    }
    for name, fields in people.items():
        person = await a_person(tx, name, **fields)
        lapses = MONDAY if name == "c_lapsed" else None
        await insert(tx, member(name, "engineering", lapses))
        if name == "c_bounced" and person.email_key:
            await consents.suppress(tx, person.email_key, scope="all", reason="bounced", at=MONDAY, recorded_at=MONDAY)
        if name == "c_left" and person.email_key:
            await consents.suppress(tx, person.email_key, scope="nurture", reason="x", at=MONDAY, recorded_at=MONDAY)
    for name, days in (("c_again", 181), ("c_soon", 179), ("c_walks", 300)):
        known = await enroll(tx, StandingClock(), sequence="hello", candidate=name, at=MONDAY - days * DAY, cause="t")
        if name != "c_walks":
            await enrollments.end(tx, known.id, name="end", at=MONDAY - DAY, path=[])
    await insert(tx, TagRow(candidate="c_vip", tag="vip", cause="t", at=MONDAY, recorded_at=MONDAY))
    for name in ("c_known", "c_closed"):
        await a_person(tx, name, consent=("nurture",) if name == "c_known" else ())
        await a_person(tx, f"{name}_before", consent=())
        cause = Cause(text="t", at=MONDAY)
        await merge_people(tx, StandingClock(), kept=name, gone=f"{name}_before", cause=cause)
    return [*people, "c_known_before", "c_closed_before", "c_unknown"]


async def one_by_one(tx: Tx, names: Sequence[str], sequence: str, event: str | None) -> dict[str, str]:
    """What `enroll` says of each: the walk's id or the reason."""
    said = {}
    for name in names:
        try:
            enrolled = await enroll(
                tx, StandingClock(), sequence=sequence, candidate=name, at=MONDAY, cause="t", event=event
            )
            said[name] = enrolled.id
        except Refused as refused:
            said[name] = refused.reason
    return said


async def records(tx: Tx) -> list[Any]:
    """All rows that enrolling writes, without the numbers that the database counts up."""
    walks = (await tx.scalars(select(EnrollmentRow).order_by(EnrollmentRow.id))).all()
    starts = (await tx.scalars(select(DeliveryRow).order_by(DeliveryRow.enrollment))).all()
    refusals = (await tx.scalars(select(RefusalRow).order_by(RefusalRow.candidate))).all()
    found = [[getattr(row, column.key) for column in row.__table__.columns] for row in walks]
    found += [[row.enrollment, row.kind, {**row.payload, "bulk": None}, row.at, row.state] for row in starts]
    found += [[row.candidate, row.sequence, row.reason, row.message, row.cause, row.at] for row in refusals]
    return found


@pytest.mark.parametrize(
    ("sequence", "event"), [("hello", None), ("fair", "fair-7"), ("fair", None), ("nothing", None)]
)
async def test_many_at_once_is_the_same_as_one_by_one(store: Store, sequence: str, event: str | None) -> None:
    """The same people enter, the same are refused for the same reason, and the same rows say so."""
    await published(store, hello=OPEN, fair=FAIR)
    async with store.write() as tx:
        names = await everybody(tx)
        await insert(tx, CalendarEventRow(id="fair-7", at=MONDAY, recorded_at=MONDAY, city="Berlin"))
    await published(store, hello=PICKY, fair=FAIR)
    async with store.read() as tx:  # which throws away what is written
        single = await one_by_one(tx, names, sequence, event)
        expected = await records(tx)
    async with store.write() as tx:
        turns = await enroll_many(tx, StandingClock(), Wish(sequence=sequence, event=event), names, cause="t")
        together = {name: turn.enrollment or turn.reason for name, turn in turns.items()}

        assert single == together
        assert expected == await records(tx)
    if sequence == "hello":
        reasons = {"only_if", "no_consent", "erased", "suppressed", "again_after", "already_enrolled"}
        assert {"unknown_candidate", *reasons} < set(single.values())
        assert {"hello/c_fits/1", "hello/c_again/2"} == {said for said in single.values() if "/" in said}


async def test_two_names_of_one_person_are_one_turn(store: Store) -> None:
    """A list from before a merge may have both: she enters once, and the other line says why not again."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        for name in ("c_ana", "c_old"):
            await a_person(tx, name)
        await merge_people(tx, StandingClock(), kept="c_ana", gone="c_old", cause=Cause(text="t", at=MONDAY))

        turns = await enroll_many(tx, StandingClock(), Wish(sequence="hello"), ["c_old", "c_ana"], cause="t")

    came = {name: (turn.enrollment, turn.reason) for name, turn in turns.items()}
    assert {"c_old": ("hello/c_ana/1", None), "c_ana": (None, "already_enrolled")} == came


async def test_conditions_may_ask_for_the_latest_application(store: Store) -> None:
    """The silver medalists of a list are found by what the ATS last told."""
    await published(store, hello=OPEN.replace("steps", "start: {only_if: {application.stage: onsite}}, steps"))
    async with store.write() as tx:
        for name, stages in (("c_ana", ("screen", "onsite")), ("c_ben", ("onsite", "screen"))):
            await a_person(tx, name)
            for days, stage in enumerate(stages):
                at = MONDAY + days * DAY
                row = ApplicationRow(id=f"{name}/{days}", candidate=name, at=at, recorded_at=at, stage=stage)
                await insert(tx, row)
        turns = await enroll_many(tx, StandingClock(), Wish(sequence="hello"), ["c_ana", "c_ben"], cause="t")

    assert (None, "only_if") == (turns["c_ana"].reason, turns["c_ben"].reason)
