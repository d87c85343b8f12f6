"""A no by one address or in one record is a no of the person, whatever is merged."""

from rapport.ids import address_key
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from tests.unit.store.worlds import MONDAY, PEPPER, a_person
from tests.unit.usecases.ana import happens
from tests.unit.usecases.records import merged


async def test_a_no_by_one_address_holds_for_all_and_a_bounce_for_its_own(store: Store) -> None:
    """She unsubscribed as c_old; a mailbox of hers that does not exist closes nothing else."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "unsubscribed", candidate="c_old", detail={"purpose": "nurture"})
        await happens(tx, "bounced", candidate="c_old")

        await merged(tx, "ana<old")

        closed = [
            await consents.suppressed(tx, address_key(f"{name}@people.example", PEPPER)) for name in ("c_ana", "c_old")
        ]
        assert [{"nurture"}, {"all", "nurture"}] == closed


async def test_who_unsubscribes_later_does_so_for_all_addresses(store: Store) -> None:
    """And who comes back comes back with all of them."""
    async with store.write() as tx:
        await a_person(tx)
        further = address_key("more@people.example", PEPPER)
        await insert(tx, AddressRow(key=further, candidate="c_ana", email="more@people.example", recorded_at=MONDAY))

        await happens(tx, "unsubscribed", detail={"purpose": "nurture"})
        closed = await consents.suppressed(tx, further)
        await happens(tx, "consent_given", detail={"purpose": "nurture"})

        assert (frozenset({"nurture"}), frozenset()) == (closed, await consents.suppressed(tx, further))


async def test_a_newer_yes_of_the_other_record_does_not_undo_a_no(store: Store) -> None:
    """The stricter of the two holds, and the ledger says why."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "consent_withdrawn", candidate="c_old", detail={"purpose": "nurture"})
        await happens(tx, "consent_given", detail={"purpose": "nurture"}, days=1)

        await merged(tx, "ana<old")

        last = [entry for entry in await consents.ledger(tx, "c_ana") if entry.purpose == "nurture"][-1]
        assert ("withdrawn", "merged") == (last.state, last.source)
