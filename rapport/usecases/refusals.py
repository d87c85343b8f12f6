"""Why somebody is not enrolled: a stable word for programs, a sentence and the next step for people."""

from collections.abc import Mapping

from rapport.dsl.wording import nearest
from rapport.errors import Refused
from rapport.store import published
from rapport.store.database import Tx

_SAID: Mapping[str, tuple[str, str]] = {
    "not_published": ("has no published version", "Run `rapport publish sequences`."),
    "unknown_candidate": ("cannot take in someone we do not know", "Import the candidate first."),
    "unknown_event": ("cannot follow an event that we do not know", "Tell us of the event first."),
    "unknown_application": ("cannot follow an application that we do not know", "Tell us of the application first."),
    "erased": ("cannot take in someone whose data was erased", "Nothing can be done; they asked for it."),
    "suppressed": ("cannot write to this address", "It bounced, complained or unsubscribed; leave it so."),
    "no_consent": ("needs consent that this person has not given", "Ask for consent first."),
    "only_if": ("is not meant for this person: `only_if` does not hold", "Look at `only_if` in the sequence's file."),
    "again_after": ("was walked by this person too recently", "Wait, or enroll by hand with `again`."),
    "once": ("was walked by this person before", "Set `again_after` in its file, or enroll by hand with `again`."),
    "already_enrolled": ("is being walked by this person", "Nothing needs to be done."),
    "no_once_key": ("is entered once per something that is not known here", "Name the event or the application."),
    "fraud": ("is not for someone who was rejected for fraud", "Leave it so."),
    "hired": ("is not for someone whom we have hired", "Nothing needs to be done."),
    "closed_job": ("is not for an application that ended with its job", "Enroll them by hand if you want to."),
    "other": ("is not for an application of which the ATS does not say who ended it", "Correct its reason in the ATS."),
    "employee": ("is not for an employee", "Nothing needs to be done."),
    "active_elsewhere": ("is not for someone who is in another process", "Nothing needs to be done."),
}


def refusal_of(sequence: str, reason: str) -> Refused:
    """Compose the error that tells of a refusal; `reason` is one of the words above."""
    said, hint = _SAID[reason]
    return Refused(reason=reason, message=f"The sequence {sequence!r} {said}.", hint=hint)


async def not_published(tx: Tx, sequence: str) -> Refused:
    """The refusal of a sequence of which nothing is live; it names the live one that was probably meant."""
    refused = refusal_of(sequence, "not_published")
    meant = nearest(sequence, await published.live_hashes(tx))
    if meant is None:
        return refused
    hint = f'Did you mean "{meant}"? Otherwise publish it first: `rapport publish sequences`.'
    return Refused(reason=refused.reason, message=refused.message, hint=hint)
