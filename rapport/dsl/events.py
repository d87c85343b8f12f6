"""Events a sequence may name: what happened, as a pattern that a happening matches or does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAIL_EVENTS = ("clicked", "opened", "replied")
ATS_EVENTS = ("applied", "hired", "withdrew")
EVENT_EVENTS = ("registered_for_event", "attended", "cancelled_registration", "event_cancelled")
# Kinds whose argument is one word; the value names the detail of a happening that it is compared with.
WORD_EVENTS = {
    "added_to_pool": "pool",
    "removed_from_pool": "pool",
    "tagged": "tag",
    "stage_changed_to": "stage",
    "submitted": "form",
}
# The same for all kinds whose argument names one detail, be it a number or a mapping.
ARGUMENT_OF = {**WORD_EVENTS, "score_reached": "score", "sequence_ended": "sequence", "custom": "name"}
KINDS = (
    *MAIL_EVENTS,
    *ATS_EVENTS,
    "rejected",
    *WORD_EVENTS,
    "score_reached",
    *EVENT_EVENTS,
    "sequence_ended",
    "custom",
)
# They end every walk, whatever its file says; the value is what the end is called.
ALWAYS_ON = {
    "unsubscribed": "unsubscribed",
    "erased": "erased",
    "bounced": "bounced",
    "complained": "complained",
    "hired": "hired",
    "consent_withdrawn": "consent",
}
# They say of which purpose; without one, of all.
PER_PURPOSE = ("unsubscribed", "consent_withdrawn")
# They steer a walk without being named in its file.
STEERING = ("out_of_office", "event_changed", "event_cancelled")
# They hold and free the mails of a person, who alone says so, on our own page.
PAUSES = ("mails_paused", "mails_resumed")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a walk listens for; empty fields accept anything."""

    kind: str
    step: str | None = None
    link: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    this_event: bool = False
    at_least: int | None = None

    @property
    def since_send(self) -> bool:
        """Whether it is about one mail, so that only what came after that send can count."""
        return self.step is not None


def read_pattern(tree: Mapping[str, Any] | str) -> Pattern:
    """Turn a checked `{clicked: welcome}` (or the bare word `applied`) into a pattern."""
    if isinstance(tree, str):
        return Pattern(tree)
    [(kind, argument)] = tree.items()
    if argument is None or argument == "any":
        return Pattern(kind)
    if kind in MAIL_EVENTS:
        step, link = (argument, None) if isinstance(argument, str) else (argument.get("step"), argument.get("link"))
        return Pattern(kind, step=None if step == "any" else step, link=link)
    if kind == "score_reached":
        return Pattern(kind, at_least=int(argument))
    if argument == "this_event":
        return Pattern(kind, this_event=True)
    return Pattern(kind, where=_where(kind, argument))


def read_patterns(tree: Any) -> tuple[Pattern, ...]:
    """Read one event or a list of them."""
    if tree is None:
        return ()
    items = tree if isinstance(tree, Sequence) and not isinstance(tree, str) else [tree]
    return tuple(read_pattern(item) for item in items)


def _where(kind: str, argument: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if isinstance(argument, Mapping):
        return tuple((key, _words(value)) for key, value in argument.items())
    return ((ARGUMENT_OF.get(kind, "name"), _words(argument)),)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)
