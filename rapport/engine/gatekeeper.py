"""Whether a mail may go now: consent, the contact policy, the window, and the date after which it is stale."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from rapport.dsl.model import Send
from rapport.dsl.plan import Node
from rapport.dsl.project import ContactPolicy, Project, Window
from rapport.dsl.wording import counted
from rapport.engine.calendar import add, at_local
from rapport.engine.consent import consent
from rapport.engine.fields import MISSING, date_field, look_up
from rapport.engine.places import home_of_organization, home_of_person, person_zone
from rapport.engine.runtime import Gate
from rapport.engine.situation import Situation
from rapport.engine.windows import allowed_hours, first_open
from rapport.errors import NotFound

# When somebody comes back from a holiday, mail waits until the working day has begun.
_BACK_AT = "09:00"
# Older than this, what an ATS said of somebody is asked again before they are written to: an interview may have been
# entered there a moment ago.
ATS_FRESH_FOR: Final = timedelta(minutes=10)
_OVER = frozenset({"rejected", "hired", "withdrawn", "archived"})
# What a quiet time follows, in the words of a hold.
_AFTER = {
    "clicked": "a click",
    "opened": "an open",
    "replied": "a reply",
    "applied": "an application",
    "hired": "a hire",
    "withdrew": "a withdrawal",
    "rejected": "a rejection",
    "added_to_pool": "joining a pool",
    "removed_from_pool": "leaving a pool",
    "tagged": "a tag",
    "stage_changed_to": "a new stage",
    "submitted": "a form",
    "score_reached": "a higher score",
    "registered_for_event": "a registration",
    "attended": "an event",
    "cancelled_registration": "a cancelled registration",
    "event_cancelled": "a cancelled event",
    "sequence_ended": "the end of a sequence",
    "custom": "news",
}


def gate(node: Node, situation: Situation, project: Project) -> Gate:
    """Whether the mail of this node may go at `situation.at`, and if not, what becomes of it.

    `end` without consent, `skip` during an active process or when it would be stale, `hold` until the first instant
    that every rule allows. Raises NotFound for an unknown window and NeverOpens when no such instant comes.
    """
    send = node.action
    if not isinstance(send, Send):
        raise ValueError(f"the step {node.id} ({node.verb}) sends no mail; ask the gate for send steps only")  # noqa: TRY004  # the plan is wrong, not a type
    consenting = consent(situation, project)
    if consenting.verdict == "end":
        return consenting
    if _is_active_in_a_process(situation, project.contact_policy):
        return replace(consenting, verdict="skip", reason="active in a process")
    until, reason = _earliest(send, situation, project)
    if send.not_after and _is_stale(send.not_after, until, situation, project):
        return replace(consenting, verdict="skip", reason=f"not after {send.not_after}")
    if until > situation.at:
        return replace(consenting, verdict="hold", until=until, reason=reason)
    return consenting


def without_policy(project: Project) -> Project:
    """The same project with a contact policy that allows everything; windows and consent still hold."""
    return replace(project, contact_policy=ContactPolicy(never_between=None))


def _is_active_in_a_process(situation: Situation, policy: ContactPolicy) -> bool:
    """Rather no mail than one in the middle of a process.

    Nothing known of the application counts as active, if it was made during the walk. Of before, and of what the ATS
    told last, only what is known counts.
    """
    forever = [kind for kind, span in policy.quiet_after.items() if span is None]
    if not forever:
        return False
    status, told = look_up("application.status", situation), situation.ats.get("status")
    if told and told not in _OVER:
        return True
    last = max((situation.quiet[kind] for kind in forever if kind in situation.quiet), default=None)
    if last is None:
        return False
    return status not in _OVER and (last >= situation.enrolled_at or status is not MISSING)


def _earliest(send: Send, situation: Situation, project: Project) -> tuple[datetime, str]:
    """The first instant from now on that every rule allows, and the rule that decided it."""
    floor, reason = max([(situation.at, ""), *_floors(situation, project)], key=_instant_of)
    person, organization = home_of_person(situation, project), home_of_organization(project)
    until, window = first_open(_hours(send, project), floor, person=person, organization=organization)
    return until, window or reason


def _instant_of(floor: tuple[datetime, str]) -> datetime:
    return floor[0]


def _hours(send: Send, project: Project) -> Mapping[str, Window]:
    """The hours that a mail must keep to, by what a hold for them is called."""
    hours = {}
    if send.window is not None:
        if send.window not in project.windows:
            hint = "Add it below windows: in project.yaml, or name another one in send_between."
            raise NotFound(kind="window", name=send.window, hint=hint)
        hours[send.window] = project.windows[send.window]
    never = project.contact_policy.never_between
    if never is not None:
        hours[f"never between {never[0]} and {never[1]}"] = allowed_hours(never)
    return hours


def _floors(situation: Situation, project: Project) -> Iterator[tuple[datetime, str]]:
    """Instants before which no mail goes, each with its rule; what has passed already is among them."""
    home = home_of_person(situation, project)
    policy = project.contact_policy
    sent = sorted((mail.sent for mail in situation.mails.values() if mail.sent is not None), reverse=True)
    for cap in policy.at_most:
        if len(sent) >= cap.mails:
            yield sent[cap.mails - 1] + cap.per.roughly(), f"at most {counted(cap.mails, 'mail')} in {cap.per}"
    for kind, span in policy.quiet_after.items():
        if span is not None and kind in situation.quiet:
            quiet_until = add(situation.quiet[kind], span, home.zone, home.country)
            yield quiet_until, f"quiet for {span} after {_AFTER.get(kind, kind)}"
    if situation.paused_until is not None:
        yield situation.paused_until, "paused by the candidate"
    if situation.back_on is not None:
        yield at_local(situation.back_on, _BACK_AT, home.zone), "out of office"


def _is_stale(not_after: str, until: datetime, situation: Situation, project: Project) -> bool:
    """Whether the mail would go later than this date; a bare day counts to its end in the candidate's zone."""
    limit = date_field(not_after, situation, project)
    match limit:
        case None:
            return False
        case datetime():
            return until > limit
        case date():
            return until.astimezone(person_zone(situation, project)).date() > limit
