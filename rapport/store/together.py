"""Running blocks in one transaction so that they share their statements, and each finds what it would find alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from rapport.errors import RapportError
from rapport.store import answers, candidates, enrollments, happenings, published
from rapport.store.ahead import Ahead, Looks, set_ahead
from rapport.store.away import StoreAway
from rapport.store.database import Tx
from rapport.store.soon import changes_of, gather_inserts

Block: TypeAlias = Callable[[Tx], Awaitable[Any]]


async def run_together(tx: Tx, blocks: Sequence[tuple[Looks | None, Block]]) -> Sequence[Any]:
    """Run blocks one after the other; what each returned, or the error of ours with which it changed nothing.

    Any other error is raised, and everything has to be undone.
    """
    if len(blocks) > 1:
        await _look_ahead(tx, [looks for looks, _ in blocks if looks is not None])
        gather_inserts(tx)
        return [await _tried(tx, block) for _, block in blocks]
    return [await block(tx) for _, block in blocks]


async def _look_ahead(tx: Tx, looks: Sequence[Looks]) -> None:
    """Look up what all of them will ask for, with one statement of each kind."""
    people = await candidates.lock_all(
        tx,
        ids=[each.candidate for each in looks if each.candidate is not None],
        keys=[each.address for each in looks if each.address is not None],
    )
    found = Ahead(
        unanswered=await answers.unanswered(tx, [(each.key, each.operation) for each in looks if each.key is not None]),
        unheard=await happenings.unheard(tx, [each.happening for each in looks if each.happening is not None]),
        people={person.id: person for person in people},
        walks=await enrollments.walking_all(tx, [person.id for person in people]),
        live=await published.live_hashes(tx),
    )
    set_ahead(tx, found)


async def _tried(tx: Tx, block: Block) -> Any:
    before = changes_of(tx)
    try:
        return await block(tx)
    except StoreAway:
        raise
    except RapportError as error:
        # Who names somebody unknown has changed nothing, and there is nothing to undo.
        if changes_of(tx) != before:
            raise
        return error
