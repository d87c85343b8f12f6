"""Two records that both walk become one, and she is erased: all walks end, and nothing that is kept names her."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from rapport.clock import SystemClock
from rapport.ids import address_key
from rapport.ports import Delivery
from rapport.store import identities
from rapport.store.database import Store, Tx
from rapport.store.migrate import migrate
from rapport.usecases.cause import Cause
from rapport.usecases.enroll import enroll
from rapport.usecases.erasing import erase
from rapport.usecases.merge import merge_people
from rapport.usecases.publish import publish
from tests.durable.rights import a_worker, until_done
from tests.durable.test_forgetting import EMAIL, FIRST, FLOW, FURTHER, LAST, PROFILE, TRACES, traces_in, until_sent
from tests.durable.test_privacy import text_of
from tests.unit.store.worlds import PEPPER, a_person, a_publication, opened, url_of
from tests.unit.usecases.desks import MAIL, Answering
from workflows.client import Walks

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
ONE, OTHER = "c_merged-one", "c_merged-other"


async def someone(tx: Tx, name: str, email: str) -> None:
    """One of her two records; where she is, it is noon: mails may go."""
    noon = f"Etc/GMT{CLOCK.now().hour - 12:+d}"
    row = await a_person(tx, name, first_name=FIRST, last_name=LAST, timezone=noon)
    row.email, row.email_key = email, address_key(email, PEPPER)
    await tx.flush()


async def both_walk(store: Store) -> list[str]:
    """Both records walk the same sequence, and the one that will be gone walks another; the ids of the walks."""
    publication = a_publication({"flow": FLOW, "further": FLOW}, mails={("welcome", ""): MAIL})
    await publish(store, publication, commit="c0ffee", at=CLOCK.now() - timedelta(days=1))
    async with store.write() as tx:
        await someone(tx, ONE, EMAIL)
        await someone(tx, OTHER, FURTHER)
        await identities.name(tx, OTHER, "profile", PROFILE, pepper=PEPPER, recorded_at=CLOCK.now())
        walks = [
            await enroll(tx, CLOCK, sequence=sequence, candidate=name, at=CLOCK.now(), cause=f"{LAST} asked")
            for sequence, name in (("flow", ONE), ("flow", OTHER), ("further", OTHER))
        ]
        return [walk.id for walk in walks]


async def test_who_was_merged_is_forgotten_in_both_walks(temporal: Client, tmp_path: Path) -> None:
    """The walk that she had twice ends by the merge, the others by the erasure; histories and store name nobody."""
    url, handle = url_of(tmp_path / "rapport.db"), Walks(temporal).handle
    await migrate(url)
    async with opened(url) as store, a_worker(store, temporal, Answering(Delivery(status="accepted", code=250))):
        walks = await both_walk(store)
        await asyncio.gather(*(until_sent(store, walk) for walk in walks))
        before = {text.partition(": ")[2] for text in traces_in(tmp_path)}
        async with store.write() as tx:
            cause = Cause(text=f"{FIRST} {LAST} told us", at=CLOCK.now())
            await merge_people(tx, CLOCK, kept=ONE, gone=OTHER, cause=cause)
        async with store.write() as tx:
            record = await erase(tx, CLOCK, OTHER, by="test")
        await until_done(store, record.id)

        ends = [(await handle(walk).result()).end for walk in walks]
        histories = [text_of((await handle(walk).fetch_history()).to_json()).lower() for walk in walks]
        after = list(traces_in(tmp_path))

    assert {FIRST, LAST, EMAIL, FURTHER, PROFILE} <= before
    assert (["erased", "merged", "erased"], []) == (ends, after)
    assert [] == [text for text in TRACES for history in histories if text.lower() in history]
