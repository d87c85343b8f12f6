"""Many people at once, and the sequences that they are to enter."""

from typing import Any

from rapport.store.database import Tx
from rapport.store.tables.people import PoolMemberRow
from tests.unit.store.worlds import MONDAY, a_person

PICKY = """
purpose: nurture
start:
  when: {added_to_pool: engineering}
  only_if: {candidate.country: DE, candidate.tags: {exclude: vip}, candidate.pools: {include: engineering}}
  again_after: 180 days
steps: [{id: hello, send: welcome}]
"""
OPEN = "{purpose: service, steps: [{id: hello, send: welcome}]}"


def member(name: str, pool: str, expires: Any = None) -> PoolMemberRow:
    """Somebody in a pool."""
    return PoolMemberRow(candidate=name, pool=pool, cause="t", at=MONDAY, recorded_at=MONDAY, expires_at=expires)


async def crowd(tx: Tx, number: int) -> list[str]:
    """So many people."""
    names = [f"c_{index:04d}" for index in range(number)]
    for name in names:
        await a_person(tx, name, consent=())
    return names
