"""The company's own addresses: nobody who has one is a candidate, by whichever door they would come in."""

from functools import lru_cache
from typing import Final

from rapport.dsl.project import Project
from rapport.errors import BadInput
from rapport.ids import normalized
from rapport.store.database import Tx
from rapport.usecases.segment_view import watch_of

OF_COLLEAGUE: Final = "belongs to someone of the company"


def is_colleague(email: str, project: Project) -> bool:
    """Whether it is the address of one of `people`, or one that a sender writes from."""
    people = (person.email for person in project.people.values())
    senders = (sender.email for sender in project.senders.values() if sender.email)
    return normalized(email) in _addresses((*people, *senders))


async def refuse_colleague(tx: Tx, email: str) -> None:
    """BadInput for an address of the company; before the first publish, nobody knows which those are."""
    if is_colleague(email, (await watch_of(tx)).project):
        hint = "Take the address that they have as a private person; nothing was changed."
        raise BadInput(place="email", message=f"{OF_COLLEAGUE}.", hint=hint)


@lru_cache(maxsize=4)
def _addresses(emails: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalized(email) for email in emails)
