"""Lists, counts and sweeps read along an index: what a page costs does not grow with the years."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import event, text

from rapport.store import deliveries, happenings, pools, sends, visits
from rapport.store.database import Store, Tx
from rapport.usecases.people_list import Sought, found
from rapport.usecases.person_timeline import person_timeline
from rapport.usecases.replies import replies
from tests.unit.store.worlds import MONDAY, StandingClock, a_database, a_person, opened, published

Ask: TypeAlias = Callable[[Tx], Awaitable[object]]
_WHOLE = re.compile(r"Seq Scan|SCAN (?!.* USING )")
_MARK = f"{MONDAY.isoformat()}~h_1"


def _people(**sought: str) -> Ask:
    return lambda tx: found(tx, StandingClock(), Sought(**sought), after="c_m")


async def _lease(tx: Tx) -> object:
    return await deliveries.lease(tx, limit=50, now=MONDAY, lease=timedelta(seconds=30))


# What is asked for, and the index that SQLite, which plans without looking at the rows, must use.
ASKED: dict[str, tuple[Ask, str]] = {
    "people of a pool": (_people(pool="engineering"), "pool_members_by_pool (pool=? AND candidate>?)"),
    "people with a tag": (_people(tag="vip"), "tags_by_tag (tag=? AND candidate>?)"),
    "people of a pool with a tag": (_people(pool="engineering", tag="vip"), "(pool=? AND candidate>?)"),
    "people of a colleague": (_people(owner="anna-koch"), "candidates_by_owner (owner_recruiter=? AND id>?)"),
    "members of pools": (lambda tx: pools.counts(tx, MONDAY), "COVERING INDEX pool_members_by_pool"),
    "mails in a state": (lambda tx: sends.in_state(tx, "accepted", after=7), "sends_by_state (state=? AND id>?)"),
    "replies": (replies, "INDEX happenings_replied"),
    "older replies": (lambda tx: replies(tx, before=_MARK), "INDEX happenings_replied ((at,id)<(?,?))"),
    "what walks have still to be told": (_lease, "INDEX deliveries_open"),
    "how much that is": (deliveries.depth, "INDEX deliveries_open"),
    "visitors of long ago": (lambda tx: visits.forget_who(tx, before=MONDAY), "visits_that_tell (seen_at<?)"),
}
# What has no order of its own to be read in.
LOOKED_UP: dict[str, Ask] = {
    "a person by address": _people(address="0" * 64),
    "what a walk heard": lambda tx: happenings.of_enrollment(tx, "welcome/c_ana/1"),
}


async def _plan(tx: Tx, ask: Ask) -> str:
    """How the database finds what was asked for last."""
    asked: list[tuple[str, Any]] = []
    event.listen(tx.get_bind(), "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    await ask(tx)
    statement, values = asked[-1]
    how = "EXPLAIN QUERY PLAN" if tx.get_bind().dialect.name == "sqlite" else "EXPLAIN"
    rows = await (await tx.connection()).exec_driver_sql(f"{how} {statement}", values)
    return "\n".join(str(row) for row in rows)


@pytest.mark.parametrize("name", ASKED)
async def test_a_page_is_read_where_it_begins(tmp_path: Path, name: str) -> None:
    """Neither are all rows looked at, nor all that fit put into order, to show fifty of them."""
    ask, index = ASKED[name]
    async with opened(a_database(tmp_path)) as store:
        await published(store)
        async with store.read() as tx:
            plan = await _plan(tx, ask)

    assert index in plan
    assert "TEMP B-TREE" not in plan


async def test_nothing_looks_at_every_row(store: Store) -> None:
    """Each of these can be answered from indexes, by either database."""
    await published(store)
    everything = {name: ask for name, (ask, _) in ASKED.items()} | LOOKED_UP
    async with store.read() as tx:
        if tx.get_bind().dialect.name == "postgresql":
            # It reads a small table as a whole wherever it may; now only where there is no other way.
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
        plans = {name: await _plan(tx, ask) for name, ask in everything.items()}

    assert {} == {name: plan for name, plan in plans.items() if _WHOLE.search(plan)}


async def test_a_timeline_reads_no_bodies(store: Store) -> None:
    """A line names a mail by its subject; its bytes, pictures and all, stay where they are."""
    async with store.write() as tx:
        await a_person(tx)
    asked: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    async with store.read() as tx:
        await person_timeline(tx, "c_ana")

    assert "sends.subject" in " ".join(asked)
    assert "sends.raw" not in " ".join(asked)
