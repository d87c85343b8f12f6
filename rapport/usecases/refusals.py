"""Why somebody is not enrolled: a stable word for programs, a sentence and the next step for people."""

from collections.abc import Mapping

from rapport.errors import Refused

_SAID: Mapping[str, tuple[str, str]] = {
    "not_published": ("has no published version", "Run: rapport publish sequences."),
    "unknown_candidate": ("cannot take in someone we do not know", "Import the candidate first."),
    "unknown_event": ("cannot follow an event that we do not know", "Tell us of the event first."),
    "unknown_application": ("cannot follow an application that we do not know", "Tell us of the application first."),
    "erased": ("cannot take in someone whose data was erased", "Nothing can be done; they asked for it."),
    "suppressed": ("cannot write to this address", "It bounced, complained or unsubscribed; leave it so."),
    "no_consent": ("needs consent that this person has not given", "Ask for consent first."),
    "only_if": ("is not meant for this person: `only_if` does not hold", "Look at `only_if` in the sequence's file."),
    "again_after": ("was walked by this person too recently", "Wait, or enroll by hand with --again."),
    "once": ("was walked by this person before", "Set `again_after` in its file, or enroll by hand with --again."),
    "already_enrolled": ("is being walked by this person", "Nothing needs to be done."),
    "no_once_key": ("is entered once per something that is not known here", "Name the event or the application."),
}


def refusal_of(sequence: str, reason: str) -> Refused:
    """Compose the error that tells of a refusal; `reason` is one of the words above."""
    said, hint = _SAID[reason]
    return Refused(reason=reason, message=f"The sequence {sequence!r} {said}.", hint=hint)
