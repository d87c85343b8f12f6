"""Names of project.yaml and of other files: whatever a sequence names must be there."""

from collections.abc import Iterable, Iterator

from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, one_of, quoted

OWNER_RECRUITER = "owner-recruiter"


def unknown_person(subject: Subject) -> Iterator[Problem]:
    """The owner of a sequence and of a task is a colleague."""
    project = subject.declaring("people")
    if project is None:
        return
    people = project.people
    if (owner := subject.top("owner")) and owner.value not in people:
        yield _unknown(subject, owner, "person", people, "`people` of project.yaml")
    for task in subject.having("task"):
        assignee = At(task.value["for"], (*task.route, "for"))
        if assignee.value not in {*people, OWNER_RECRUITER}:
            yield _unknown(subject, assignee, "person", [*people, OWNER_RECRUITER], "`people` of project.yaml")


def unknown_sender(subject: Subject) -> Iterator[Problem]:
    """Mails come from senders that are set up."""
    project = subject.declaring("senders")
    if project is None:
        return
    for at in _sends_and_defaults(subject, "from"):
        if at.value not in project.senders:
            yield _unknown(subject, at, "sender", project.senders, "`senders` of project.yaml")


def no_sender(subject: Subject) -> Iterator[Problem]:
    """A send without `from` takes the default, so there must be one."""
    defaults = subject.loaded.tree.get("defaults")
    if "from" in defaults if isinstance(defaults, dict) else defaults is not None:
        return
    for at in subject.having("send"):
        if at.step and "from" not in at.step.step:
            message = "nobody is named whom this mail comes from"
            yield subject.at_key(at, "no-sender", message, "add `from: <sender>` here, or `defaults: {from: <sender>}`")


def unknown_window(subject: Subject) -> Iterator[Problem]:
    """`send_between` names a window."""
    project = subject.declaring("windows")
    if project is None:
        return
    for at in _sends_and_defaults(subject, "send_between"):
        if at.value not in project.windows:
            yield _unknown(subject, at, "window", project.windows, "`windows` of project.yaml")


def unknown_pool(subject: Subject) -> Iterator[Problem]:
    """Steps and events name pools of the project."""
    project = subject.declaring("pools")
    if project is None:
        return
    for at in _pools(subject):
        if at.value not in project.pools:
            yield _unknown(subject, at, "pool", project.pools, "`pools` of project.yaml")


def segment_as_target(subject: Subject) -> Iterator[Problem]:
    """A segment fills itself, so no step can put anybody into it."""
    for step in subject.having("pool"):
        for how, name in step.value.items():
            pool = subject.project.pools.get(name) if subject.project else None
            if pool and pool.members:
                message = f'"{name}" is a segment: people belong to it while its condition holds'
                at = At(name, (*step.route, how))
                yield subject.at_value(at, "segment-as-target", message, "name a pool without `members`")


def unknown_webhook(subject: Subject) -> Iterator[Problem]:
    """Addresses are set up by admins; sequences name them."""
    project = subject.declaring("webhooks")
    if project is None:
        return
    for step in subject.having("webhook"):
        at = At(step.value["to"], (*step.route, "to"))
        if at.value not in project.webhooks:
            yield _unknown(subject, at, "webhook", project.webhooks, "`webhooks` of project.yaml")


def no_consent(subject: Subject) -> Iterator[Problem]:
    """A purpose that is not declared is one that nobody can have agreed to."""
    project = subject.declaring("consent")
    if project is None:
        return
    at, purposes = subject.top("purpose"), project.purposes
    if at and at.value not in purposes:
        message = f"nobody can have agreed to {quoted(at.value)}: project.yaml declares no such purpose"
        step = one_of(purposes, empty="declare it in `consent: {purposes: …}` of project.yaml")
        yield subject.at_value(at, "no-consent", message + did_you_mean(at.value, purposes), step)


def unknown_sequence(subject: Subject) -> Iterator[Problem]:
    """`enroll` and `sequence_ended` name sequences of the folder."""
    for at in _sequences(subject):
        if at.value not in subject.sequences:
            yield _unknown(subject, at, "sequence", subject.sequences, "a file of that name beside this one")


def _sends_and_defaults(subject: Subject, key: str) -> Iterator[At]:
    if at := subject.top("defaults", key):
        yield at
    yield from subject.having(key)


def _pools(subject: Subject) -> Iterator[At]:
    for step in subject.having("pool"):
        yield from (At(name, (*step.route, how)) for how, name in step.value.items())
    for event in subject.events():
        for kind in ("added_to_pool", "removed_from_pool"):
            if kind in event.value:
                yield At(event.value[kind], (*event.route, kind))


def _sequences(subject: Subject) -> Iterator[At]:
    yield from subject.having("enroll")
    for event in subject.events():
        target = event.value.get("sequence_ended")
        route = (*event.route, "sequence_ended")
        if isinstance(target, dict):
            yield At(target["sequence"], (*route, "sequence"))
        elif target and target != "any":
            yield At(target, route)


def _unknown(subject: Subject, at: At, kind: str, known: Iterable[str], where: str) -> Problem:
    names = list(known)
    message = f"no {kind} is called {quoted(at.value)}{did_you_mean(at.value, names)}"
    return subject.at_value(at, f"unknown-{kind}", message, one_of(names, empty=f"add it as {where}"))


RULES = (
    unknown_person,
    unknown_sender,
    no_sender,
    unknown_window,
    unknown_pool,
    segment_as_target,
    unknown_webhook,
    no_consent,
    unknown_sequence,
)
