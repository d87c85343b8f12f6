"""Who is told where we have their data from: people from a list, in the first mail that they ever get."""

from collections.abc import Mapping
from typing import Any, Literal

import pytest

from rapport.engine.runtime import Outcome
from rapport.ports import Delivery
from rapport.store import consents
from rapport.store.database import Store
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, a_desk, a_receiver, a_walk, another_walk

STEPS = "  - {id: hello, send: welcome}\n  - {id: next, send: again}\n"
OTHER = f"purpose: service\nsteps:\n{STEPS}"
HEADING = b"How we got your data"
SOURCED = {"consent": (), "source": "LinkedIn"}


async def a_sourced_walk(store: Store, clock: StandingClock, **person: Any) -> str:
    """A walk of Ana, whom a recruiter has found; its purpose needs no consent."""
    return await a_walk(store, clock, STEPS, purpose="service", person={**SOURCED, **person}, other=OTHER)


async def mails_of(store: Store, clock: StandingClock, walk: str, *steps: str) -> list[bytes]:
    """What the server gets, the soft line breaks of quoted-printable taken out."""
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        for number, step in enumerate(steps):
            await desk.send(walk, step, at=MONDAY + number * 8 * DAY)
    return [mail.raw.replace(b"=\r\n", b"") for mail in receiver.mails]


async def test_the_first_mail_tells_and_the_next_one_does_not(store: Store, clock: StandingClock) -> None:
    """A sourced person reads once where we have their data from, and from whom."""
    walk = await a_sourced_walk(store, clock)

    first, second = await mails_of(store, clock, walk, "hello", "next")

    assert HEADING in first
    assert b"profession from: LinkedIn." in first
    assert b"We use them for: Service mails." in first
    assert HEADING not in second


async def test_the_first_mail_of_another_walk_is_not_their_first(store: Store, clock: StandingClock) -> None:
    """It is the first mail that they ever get, not the first of each sequence."""
    walk = await a_sourced_walk(store, clock)
    await mails_of(store, clock, walk, "hello")

    [mail] = await mails_of(store, clock, await another_walk(store, clock, "other"), "hello")

    assert HEADING not in mail


@pytest.mark.parametrize("status", ["block", "unknown"])
async def test_a_mail_that_may_not_have_arrived_has_told_nobody(
    store: Store, clock: StandingClock, status: Literal["block", "unknown"]
) -> None:
    """When the server has refused the first mail, or nobody can say, the next one tells."""
    walk = await a_sourced_walk(store, clock)
    await a_desk(store, Answering(Delivery(status=status)), clock).send(walk, "hello", at=MONDAY)

    [mail] = await mails_of(store, clock, walk, "next")

    assert HEADING in mail


@pytest.mark.parametrize("person", [{"consent": ("nurture",)}, {"joined_on": MONDAY.date()}], ids=["agreed", "joined"])
async def test_who_came_to_us_knows_where_we_have_their_data_from(
    store: Store, clock: StandingClock, person: Mapping[str, Any]
) -> None:
    """A form that somebody has filled in has told them already."""
    walk = await a_sourced_walk(store, clock, **person)

    [mail] = await mails_of(store, clock, walk, "hello")

    assert HEADING not in mail


@pytest.mark.parametrize(
    ("kind", "detail"), [("submitted", {"form": "jobs"}), ("applied", {"job": "j1"}), ("registered_for_event", {})]
)
async def test_what_people_do_themselves_counts_too(
    store: Store, clock: StandingClock, kind: str, detail: Mapping[str, str]
) -> None:
    """Who applied, registered or sent a form gave us their data."""
    walk = await a_sourced_walk(store, clock)
    incoming = Incoming(dedupe_key="d", kind=kind, candidate="c_ana", at=MONDAY, detail=detail)
    async with store.write() as tx:
        await take_in(tx, clock, incoming)

    [mail] = await mails_of(store, clock, walk, "hello")

    assert HEADING not in mail


async def test_another_basis_than_consent_is_told(store: Store, clock: StandingClock) -> None:
    """A list that names a legitimate interest is no consent: the notice comes, and no line says that they agreed."""
    walk = await a_sourced_walk(store, clock)
    async with store.write() as tx:
        await consents.record(
            tx,
            candidate="c_ana",
            purpose="service",
            state="granted",
            basis="public register",
            source="import",
            at=MONDAY,
            recorded_at=MONDAY,
        )

    [mail] = await mails_of(store, clock, walk, "hello")

    assert b"Legal basis: public register." in mail
    assert b"agreed to mails" not in mail


async def test_without_a_source_nothing_is_sent(store: Store, clock: StandingClock) -> None:
    """Where the data come from must be said, so that somebody has to write it down first."""
    walk = await a_sourced_walk(store, clock, source=None)
    async with a_receiver() as receiver:
        outcome = await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)

    assert (Outcome(status="failed", reason="needs candidate.source"), []) == (outcome, receiver.mails)
