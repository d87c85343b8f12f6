"""Who a list, a pool or a file names, and what would come of enrolling them."""

from io import BytesIO

import pytest
from sqlalchemy import select

from rapport.errors import BadInput, NotFound
from rapport.ids import address_key
from rapport.store import deliveries
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.bulk_list import forecast, of_csv, of_pool
from rapport.usecases.crowd import Wish
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, StandingClock, a_person, published
from tests.unit.usecases.crowds import OPEN, PICKY, crowd, member


async def test_a_dry_run_says_what_would_come_and_changes_nothing(store: Store, clock: StandingClock) -> None:
    """The marketer sees the numbers and the reasons before anybody gets a mail."""
    await published(store, hello=PICKY)
    async with store.write() as tx:
        names = await crowd(tx, 120)
        await a_person(tx, "c_fits")
        await insert(tx, member("c_fits", "engineering"))
        await tx.flush()

    found = await forecast(store, clock, Wish(sequence="hello"), [*names, "c_fits", "c_unknown"])

    assert (1, ["c_fits"], {"no_consent": 120, "unknown_candidate": 1}) == (
        found.would_enter,
        list(found.sample),
        dict(found.refused),
    )
    async with store.read() as tx:
        assert (0, []) == (await deliveries.depth(tx), (await tx.scalars(select(RefusalRow))).all())


async def test_a_pool_is_who_is_in_it_now(store: Store, clock: StandingClock) -> None:
    """Lapsed memberships do not count, and a segment is whoever its condition holds for."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        for name, skills in (("c_ana", ["python"]), ("c_ben", ["go"]), ("c_cleo", ["python", "go"])):
            await a_person(tx, name, skills=skills)
        for name, expires in (("c_ana", None), ("c_ben", MONDAY), ("c_cleo", MONDAY + DAY)):
            await insert(tx, member(name, "warm", expires))
        warm, backend = await of_pool(tx, clock, "warm"), await of_pool(tx, clock, "backend")
        with pytest.raises(NotFound, match="no pool 'wram'"):
            await of_pool(tx, clock, "wram")

    assert ["c_ana", "c_cleo"] == warm.names == backend.names
    assert ("pool warm", "pool:warm") == (warm.source, warm.key)


async def test_a_file_names_people_by_address_or_id(store: Store) -> None:
    """Who appears twice enters once; a line that names nobody is said, not guessed."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        by_email = b"email,note\nC_Ana@people.example,x\nnobody@people.example,\n,y\nc_ana@people.example,\n"
        people = await of_csv(tx, BytesIO(by_email), pepper=PEPPER)
        further = address_key("ben@home.example", PEPPER)
        await insert(tx, AddressRow(key=further, candidate="c_ben", email="ben@home.example", recorded_at=MONDAY))
        by_further = await of_csv(tx, BytesIO(b"email\nben@home.example\n"), pepper=PEPPER)
        by_id = await of_csv(tx, BytesIO(b"candidate\nc_ben\nc_nobody\n"), pepper=PEPPER)
        with pytest.raises(BadInput, match="no column `email` or `candidate`"):
            await of_csv(tx, BytesIO(b"name\nAna\n"), pepper=PEPPER)

    assert (["c_ana"], ["c_ben"]) == (people.names, by_further.names)
    assert [(3, "is nobody's address that we know"), (4, "is empty")] == [
        (problem.line, problem.reason) for problem in people.problems
    ]
    assert ["c_ben", "c_nobody"] == by_id.names
