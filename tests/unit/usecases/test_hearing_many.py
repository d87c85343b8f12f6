"""Hearing of many people's tags, pools and scores at once leaves the same rows as hearing of them one by one."""

from sqlalchemy import select

from rapport.store.database import Store, Tx
from rapport.store.schema import METADATA
from rapport.usecases.cause import Cause
from rapport.usecases.enroll import enroll
from rapport.usecases.erasing import erase
from rapport.usecases.hearing import hear
from rapport.usecases.hearing_many import hear_many
from rapport.usecases.incoming import Incoming
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
# Begins by a tag, and for those with enough points; hears of a pool.
VIP = """
purpose: nurture
start: {when: [{tagged: vip}, {score_reached: 10}], once: true}
goal: {added_to_pool: engineering}
steps: [{id: hello, send: welcome}]
"""
SAID = [
    ("c_ana", "tagged", "tag", "vip"),
    ("c_ben", "tagged", "tag", "met"),
    ("c_eva", "tagged", "tag", "vip"),
    ("c_ana", "added_to_pool", "pool", "engineering"),
    ("c_ben", "added_to_pool", "pool", "engineering"),
    ("c_ben", "score_reached", "score", "12"),
    ("c_ana", "tagged", "tag", "vip"),
    ("c_zoe", "added_to_pool", "pool", "engineering"),
]


async def a_world(store: Store) -> None:
    """Ben walks already, Eva has been erased, Zoe lives elsewhere."""
    await published(store, welcome=WELCOME, vip=VIP)
    async with store.write() as tx:
        for name in ("c_ana", "c_ben", "c_eva"):
            await a_person(tx, name)
        await a_person(tx, "c_zoe", country="FR")
        await enroll(tx, CLOCK, sequence="vip", candidate="c_ben", at=MONDAY, cause="by hand")
        await erase(tx, CLOCK, "c_eva", by="test")


def incoming(candidate: str, kind: str, name: str, word: str) -> Incoming:
    """One thing of `SAID`; the same thing twice is one."""
    cause = Cause(text="a list", at=MONDAY)
    key = f"{kind}:{candidate}:{word}:{cause.text}"
    return Incoming(dedupe_key=key, kind=kind, candidate=candidate, at=cause.at, detail={name: word})


async def everything(tx: Tx) -> list[str]:
    """All rows; numbers given differ, and who of many starts is behind somebody who waits."""
    found = []
    for table in METADATA.sorted_tables:
        for row in await tx.execute(select(table)):
            cells = {name: value for name, value in row._mapping.items() if name != "id" or isinstance(value, str)}
            cells["payload"] = {**(cells.get("payload") or {}), "bulk": None}
            found.append(f"{table.name} {sorted(cells.items(), key=str)}")
    return sorted(found)


async def test_many_at_once_are_heard_as_one_by_one(store: Store) -> None:
    """Walks begin, refusals are kept, walks are told, erased people stay erased: whichever way it came in."""
    said = [incoming(*each) for each in SAID]
    await a_world(store)
    async with store.read() as tx:  # which throws away what is written
        one_by_one = [await hear(tx, CLOCK, each) for each in said]
        expected = await everything(tx)

    async with store.write() as tx:
        together = await hear_many(tx, CLOCK, said)

        assert one_by_one == together
        assert expected == await everything(tx)
    started = sorted(name for each in together for name in each.started)
    assert ["vip/c_ana/1", "welcome/c_ana/1", "welcome/c_ben/1"] == started
    assert 2 == sum(each.deliveries for each in together)
