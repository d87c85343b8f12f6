"""One POST, one effect: the effect and the answer to its key are stored in the same transaction."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

from fastapi import Header

from api.door import Door
from api.problems import of_error
from rapport.errors import BadInput, Refused, TemporaryFailure
from rapport.store import answers
from rapport.store.database import Tx
from rapport.store.tables.doors import IdempotencyRow

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own name for this call. The same key with the same body gets the same answer, once done.",
        examples=["7c1f2a7e-5b1d-4c55-9a39-0a54f0c0b3de"],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST: what it is named, which operation it is, and all that it asks for."""

    key: str
    operation: str
    asked: Mapping[str, Any] = field(repr=False)

    @property
    def digest(self) -> str:
        """A hash of what is asked for; the order of keys does not count."""
        return hashlib.sha256(json.dumps(self.asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST is answered with."""

    status: int
    body: Mapping[str, Any] = field(repr=False)


Act: TypeAlias = Callable[[Tx], Awaitable[Answer]]


async def found(door: Door, call: Call) -> Answer | None:
    """What was answered before; None for a key that is new. For effects of many transactions, each harmless twice."""
    async with door.store.read() as tx:
        known = await answers.find(tx, key=call.key, operation=call.operation)
    return None if known is None else _known(known, call)


async def once(door: Door, call: Call, act: Act) -> Answer:
    """Do it, or find what was answered before.

    A refusal is an answer as well, and what `act` recorded of it stays. Any other error undoes everything, the key
    included, so that the same call may be tried again. BadInput when the key was used for something else.
    """
    async with door.store.write() as tx:
        return await answered(tx, door, call, act)


async def answered(tx: Tx, door: Door, call: Call, act: Act) -> Answer:
    """The same within a transaction, which may hold other calls, too."""
    known = await answers.find(tx, key=call.key, operation=call.operation)
    if known is not None:
        return _known(known, call)
    try:
        answer = await act(tx)
    except Refused as refused:
        problem = of_error(refused)
        answer = Answer(problem.status, problem.model_dump(exclude_none=True))
    # Writers take turns, so that nobody has used the key since we looked.
    await answers.keep(tx, _row(call, answer, door))
    return answer


def _row(call: Call, answer: Answer, door: Door) -> IdempotencyRow:
    return IdempotencyRow(
        key=call.key,
        route=call.operation,
        request_hash=call.digest,
        recorded_at=door.clock.now(),
        status=answer.status,
        response=dict(answer.body),
    )


def _known(row: IdempotencyRow, call: Call) -> Answer:
    if row.request_hash != call.digest:
        raise BadInput(place="Idempotency-Key", message="it was used for another call", hint="Send a new key.")
    if row.status is None or row.response is None:
        raise TemporaryFailure("The first call with this key is under way.", hint="Try again in a moment.")
    return Answer(row.status, row.response)
