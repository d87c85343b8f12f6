"""Who writes: a fixed sender, or the recruiter of this person; somebody always does."""

from collections import Counter
from collections.abc import Iterator

from rapport.dsl.model import Send
from rapport.errors import ConfigurationError
from rapport.usecases.standing import Standing


def sender_of(here: Standing, send: Send) -> tuple[str, str]:
    """The name and address that a mail comes from; the sequence's usual sender, then its owner, stand in.

    ConfigurationError when nobody is left.
    """
    for key in (send.sender, *_usual(here)):
        found = _resolve(here, key)
        if found is not None:
            return found
    owner = here.project.people.get(here.owner)
    if owner is None:
        raise ConfigurationError(
            f"The sequence {here.plan.sequence!r} has no sender.",
            hint="Write its `from` among senders: and its owner among people: in project.yaml.",
        )
    return owner.name, owner.email


def recruiter_of(here: Standing, whose: str | None) -> str | None:
    """The key of the recruiter who owns the candidate (`owner`) or the application; None when nobody known does."""
    key = here.person.owner_recruiter if whose == "owner" else here.situation.application.get("recruiter")
    return key if key in here.project.people else None


def _resolve(here: Standing, key: str) -> tuple[str, str] | None:
    sender = here.project.senders.get(key)
    if sender is None:
        return None
    if sender.recruiter is None:
        return (sender.name or here.project.organization.name, sender.email) if sender.email else None
    recruiter = recruiter_of(here, sender.recruiter)
    person = here.project.people[recruiter] if recruiter else None
    return (person.name, person.email) if person else None


def _usual(here: Standing) -> Iterator[str]:
    """The senders of this sequence's mails, the one of most mails first: a plan holds no defaults any more."""
    senders = Counter(node.action.sender for node in here.plan.nodes if isinstance(node.action, Send))
    return (key for key, _ in senders.most_common())
