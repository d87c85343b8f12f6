"""What a row changes about the person whose it is; the same question in a dry run and for real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapport.usecases.importing.decide import Decision
from rapport.usecases.importing.known import State, nobody
from rapport.usecases.profile import differing

_CUSTOM: Final = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row adds to what was known: of somebody new, all that it says.

    `fields` are names of profile fields, `custom.<name>` for the project's own. `further` are addresses by their keys,
    beside the one that mails go to; `mailed_to` says that this one was not known before.
    """

    decision: Decision
    fields: Sequence[str]
    mailed_to: bool
    further: Mapping[str, str] = field(repr=False)
    granted: Sequence[str]
    tags: Sequence[str]
    pools: Sequence[str]

    @property
    def owner(self) -> str:
        """Whose row it was."""
        return self.decision.owner

    @property
    def is_new(self) -> bool:
        """Whether nobody knew this person before."""
        return self.decision.is_new

    def is_any(self) -> bool:
        """Whether it changes anything."""
        added = self.further or self.decision.names or self.granted or self.tags or self.pools
        return bool(self.is_new or self.fields or self.mailed_to or added)


def take(each: Decision, state: State) -> Change:
    """Take a row over into what is known."""
    owner, person, unsaid = each.owner, each.row.person, each.unsaid
    # Somebody new of an earlier page, whom a dry run has not stored, is known to have said what is not unsaid.
    known = state.people.get(owner)
    if known is None:
        known = state.people[owner] = nobody()
    new, fields = differing(known, _fields(each, known))
    known.update(new)
    further = dict(each.addresses)
    mailed_to = bool(further) and known["email_key"] is None
    if mailed_to:
        known["email_key"], known["email"] = next(iter(further.items()))
        del further[known["email_key"]]
    return Change(
        decision=each,
        fields=fields,
        mailed_to=mailed_to,
        further=further,
        granted=_added("consent", person.consent if person.proves_consent() else (), state.consents[owner], unsaid),
        tags=_added("tag", person.tags, state.tags[owner], unsaid),
        pools=_added("pool", person.pools, state.pools[owner], unsaid),
    )


def _fields(each: Decision, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where we know somebody from is where we knew them from first."""
    said, unsaid = each.row.person.fields, each.unsaid
    found = {name: value for name, value in said.items() if name in unsaid}
    if known["source"] is not None:
        found.pop("source", None)
    own = {name: value for name, value in said.get(_CUSTOM, {}).items() if f"{_CUSTOM}.{name}" in unsaid}
    return {**found, _CUSTOM: own} if own else found


def _added(kind: str, words: Sequence[str], has: set[str], unsaid: frozenset[str]) -> Sequence[str]:
    added = [word for word in words if word not in has and f"{kind} {word}" in unsaid]
    has.update(added)
    return added
