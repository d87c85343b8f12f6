"""Consent as a colleague or another system tells it: with its basis, its words, its source and its proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.clock import Clock, shift_of
from rapport.dsl.project import IMPLIED, Project
from rapport.errors import BadInput, Refused
from rapport.store import candidates, consents
from rapport.store.database import Tx
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What somebody agreed to: `text` are the exact words, `source` is where they did, `proof` how that is known.

    `until` ends it before the purpose's own `expires_after` does.
    """

    purpose: str
    text: str
    source: str
    basis: str = "consent"
    language: str | None = None
    until: datetime | None = None
    proof: Mapping[str, Any] = field(default_factory=dict, repr=False)


async def grant(tx: Tx, clock: Clock, candidate: str, given: Grant, *, by: str, key: str) -> Taken:
    """Append a consent to the ledger; the second call with a `key` changes nothing.

    BadInput for a purpose or a basis that the project does not know, and for implied consent that never ends.
    Refused (`unsubscribed`, `erased`) where the person has closed their address: only they can take that back.
    """
    person, project = await candidates.get_alone(tx, candidate), await live_project(tx)
    at = clock.walk_time(person.id)
    _check(project, given, at)
    if person.erased_at is not None:
        hint = "Nothing can be done; they asked for it."
        raise Refused(reason="erased", message="This person asked to be forgotten.", hint=hint)
    if await consents.suppressed(tx, person.email_key) & {consents.ALL, given.purpose}:
        hint = "Only they can take it back, on the preference page that their mails link to."
        raise Refused(reason="unsubscribed", message="The person's address is closed for this purpose.", hint=hint)
    detail = {"purpose": given.purpose, "basis": given.basis}
    evidence = {**given.proof, "by": by, "source": given.source, "text": given.text, "language": given.language}
    incoming = Incoming(
        dedupe_key=f"consent:{key}",
        kind="consent_given",
        candidate=person.id,
        at=at,
        detail={**detail, **({"until": given.until.isoformat()} if given.until else {})},
        evidence={name: value for name, value in evidence.items() if value},
        shift=shift_of(clock, person.id),
    )
    return await take_in(tx, clock, incoming)


async def withdraw(tx: Tx, clock: Clock, candidate: str, purpose: str, *, source: str, by: str, key: str) -> Taken:
    """Append a withdrawal of one purpose, or of `all`; the walks for it end at once."""
    person = await candidates.get_alone(tx, candidate)
    await refuse_unknown_purpose(tx, purpose)
    incoming = Incoming(
        dedupe_key=f"withdrawal:{key}",
        kind="consent_withdrawn",
        candidate=person.id,
        at=clock.walk_time(person.id),
        detail={"purpose": purpose},
        evidence={"by": by, "source": source},
        shift=shift_of(clock, person.id),
    )
    return await take_in(tx, clock, incoming)


async def refuse_unknown_purpose(tx: Tx, purpose: str, *, place: str = "purpose") -> None:
    """BadInput for what is neither a purpose of project.yaml nor `all`: nobody's mails would end by it."""
    project = await live_project(tx)
    if purpose != consents.ALL and purpose not in project.purposes:
        raise _no_purpose(project, purpose, place)


def _check(project: Project, given: Grant, at: datetime) -> None:
    purpose = project.purposes.get(given.purpose)
    if purpose is None:
        raise _no_purpose(project, given.purpose)
    if given.basis not in purpose.bases:
        hint = f"Write one of: {', '.join(purpose.bases)}. Others stand in `bases` of project.yaml."
        raise BadInput(place="basis", message=f"{given.basis!r} is no basis of {given.purpose}.", hint=hint)
    if given.basis == IMPLIED and given.until is None:
        hint = "Say until when: two years after a business relation, six months after an inquiry (CASL)."
        raise BadInput(place="until", message="implied consent ends.", hint=hint)
    if given.until is not None and given.until <= at:
        raise BadInput(place="until", message="it lies in the past.", hint="Name a day that is still to come.")
    if not given.text.strip():
        raise BadInput(place="text", message="it is empty.", hint="Write the exact words that the person agreed to.")
    if not given.source.strip():
        raise BadInput(place="source", message="it is empty.", hint="Write where they agreed: a form, a fair, a call.")


def _no_purpose(project: Project, purpose: str, place: str = "purpose") -> BadInput:
    hint = f"Write one of: {', '.join(project.purposes)}."
    return BadInput(place=place, message=f"project.yaml knows no purpose {purpose!r}.", hint=hint)
