"""What colleagues talked about with people, and the follow-ups that they promised."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from rapport.clock import Clock
from rapport.engine.places import home_of_organization
from rapport.errors import BadInput, Refused
from rapport.ids import conversation_id
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.tasks import ConversationRow
from rapport.usecases import todo
from rapport.usecases.fairs import event_named
from rapport.usecases.segment_view import watch_of

_LONGEST_NOTE = 5_000
_LONGEST_PROMISE = 300
# A promise for a day is kept in its working hours.
_CLOSING = time(18, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation; `key` is the same when it is told again. `promise` becomes a task, due by `due_on`."""

    key: str
    candidate: str
    recruiter: str
    note: str = field(repr=False)
    event: str | None = None
    promise: str | None = field(default=None, repr=False)
    due_on: date | None = None


async def note_talk(tx: Tx, clock: Clock, talk: Talk) -> ConversationRow:
    """Keep the note, and make what was promised a task of the recruiter; the second call changes nothing.

    BadInput for a recruiter who is not in `people` and for texts that do not fit, NotFound for an unknown event or
    person, Refused (`erased`) for who was erased.
    """
    _check(talk)
    person = await candidates.get_alone(tx, talk.candidate)
    if person.erased_at is not None:
        raise Refused(reason="erased", message="This person asked to be forgotten.", hint="Nothing is kept.")
    await todo.known_colleague(tx, talk.recruiter, place="recruiter")
    if talk.event is not None:
        await event_named(tx, talk.event)
    name, at = conversation_id(talk.key), clock.walk_time(person.id)
    task = await _promise(tx, clock, replace(talk, candidate=person.id), name, at)
    row = ConversationRow(
        id=name,
        candidate=person.id,
        recruiter=talk.recruiter,
        note=talk.note,
        at=at,
        recorded_at=clock.now(),
        event=talk.event,
        task=task,
    )
    await insert_once(tx, row)
    return await tx.get_one(ConversationRow, name)


async def _promise(tx: Tx, clock: Clock, talk: Talk, name: str, at: datetime) -> str | None:
    if talk.promise is None:
        return None
    zone = home_of_organization((await watch_of(tx)).project).zone
    asked = todo.Asked(
        key=f"conversation:{name}",
        assignee=talk.recruiter,
        title=talk.promise,
        at=at,
        due_at=datetime.combine(talk.due_on, _CLOSING, zone) if talk.due_on else None,
        candidate=talk.candidate,
    )
    return await todo.ask(tx, asked, now=clock.now())


def _check(talk: Talk) -> None:
    if not talk.note.strip() or len(talk.note) > _LONGEST_NOTE:
        message = f"it needs 1 to {_LONGEST_NOTE} characters."
        raise BadInput(place="note", message=message, hint="Write what was said.")
    if talk.promise is not None and not 0 < len(talk.promise) <= _LONGEST_PROMISE:
        message = f"it needs 1 to {_LONGEST_PROMISE} characters."
        raise BadInput(place="follow_up", message=message, hint="Write what was promised.")
    if talk.due_on is not None and talk.promise is None:
        hint = "Say with the day what is to be done by then: the follow-up."
        raise BadInput(place="due_on", message="there is no follow-up that could be due.", hint=hint)
