"""What the buttons of the preference page do: each change is one happening, one entry of the ledger, and final."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from rapport.clock import Clock
from rapport.dsl.project import TRACKING
from rapport.engine.calendar import at_local
from rapport.store import consents
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.consent_text import pause_text, resume_text, stop_text
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.preferences import Choice, Chooser, chooser_of

Deed: TypeAlias = Literal["save", "renew", "pause", "resume", "stop"]
# `outdated`: a box was ticked whose words have changed since the page was loaded; nothing was agreed to.
Answer: TypeAlias = Literal["saved", "renewed", "paused", "resumed", "stopped", "outdated", "refused"]

PAUSE_MONTHS = 3
# When a pause is over, mail waits until the working day has begun; windows hold as ever.
_ENDS_AT = "09:00"
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of the page, with the boxes of the form: `shown` says which words stood beside each box."""

    deed: Deed
    shown: Mapping[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One thing to store."""

    kind: str
    detail: Mapping[str, str]
    text: str


async def press(
    tx: Tx, clock: Clock, send: SendRow, pressed: Pressed, *, at: datetime, shift: float, proof: Mapping[str, str]
) -> Answer:
    """Do what a button says; pressed again, it changes nothing and is answered the same.

    `at` is walk time; `proof` is what the door has seen of who pressed it.
    """
    chooser = await chooser_of(tx, send, at, alone=True)
    if chooser.access != "open":
        return "refused"
    answer, changes = _wish(chooser, pressed)
    for number, change in enumerate(changes):
        entry = len(chooser.ledger) + number
        await take_in(
            tx,
            clock,
            Incoming(
                # The ledger only grows, so that the same change may come again later, and not twice now.
                dedupe_key=f"preferences:{chooser.person.id}:{change.kind}:{change.detail.get('purpose')}:{entry}",
                kind=change.kind,
                candidate=chooser.person.id,
                at=at,
                enrollment=send.enrollment,
                send=send.id,
                step=send.step,
                detail=change.detail,
                evidence={**proof, "text": change.text, "language": chooser.language},
                shift=shift,
            ),
        )
    return answer


def pause_ends(today: date) -> date:
    """The same day three months on; the last of the month where there is none."""
    months = today.month - 1 + PAUSE_MONTHS
    year, month = today.year + months // _MONTHS_OF_A_YEAR, months % _MONTHS_OF_A_YEAR + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _wish(chooser: Chooser, pressed: Pressed) -> tuple[Answer, list[_Change]]:
    match pressed.deed:
        case "save":
            return _save(chooser, pressed)
        case "renew":
            return _renew(chooser, pressed)
        case "pause":
            return "paused", list(_pause(chooser))
        case "resume":
            return "resumed", list(_resume(chooser))
        case "stop":
            return "stopped", list(_stop(chooser))


def _save(chooser: Chooser, pressed: Pressed) -> tuple[Answer, list[_Change]]:
    """Only boxes that were on the page count: what is not ticked there is withdrawn."""
    seen = [choice for choice in chooser.choices if choice.key in pressed.shown]
    withdrawn = [_withdrawal(choice) for choice in seen if choice.wanted and choice.key not in pressed.ticked]
    ticked = [choice for choice in seen if not choice.wanted and choice.key in pressed.ticked]
    given = [_consent(choice) for choice in ticked if choice.version == pressed.shown[choice.key]]
    return "saved" if len(given) == len(ticked) else "outdated", [*withdrawn, *given]


def _renew(chooser: Chooser, pressed: Pressed) -> tuple[Answer, list[_Change]]:
    """Agree once more, from today on, where that wins a day."""
    seen = [choice for choice in chooser.choices if choice.wanted and choice.key in pressed.shown]
    if any(choice.version != pressed.shown[choice.key] for choice in seen):
        return "outdated", []
    return "renewed", [_consent(choice) for choice in seen if choice.renews_until is not None]


def _pause(chooser: Chooser) -> Iterator[_Change]:
    day = pause_ends(chooser.day(chooser.at))
    until = at_local(day, _ENDS_AT, chooser.zone)
    if consents.paused_until(chooser.ledger, chooser.at) != until:
        text = pause_text(chooser.project, chooser.language, day)
        yield _Change(kind="mails_paused", detail={"until": until.isoformat()}, text=text)


def _resume(chooser: Chooser) -> Iterator[_Change]:
    if consents.paused_until(chooser.ledger, chooser.at) is not None:
        yield _Change(kind="mails_resumed", detail={}, text=resume_text(chooser.project, chooser.language))


def _stop(chooser: Chooser) -> Iterator[_Change]:
    if consents.ALL not in chooser.closed:
        text = stop_text(chooser.project, chooser.language)
        yield _Change(kind=consents.UNSUBSCRIBED, detail={"purpose": consents.ALL}, text=text)


def _withdrawal(choice: Choice) -> _Change:
    """Mails of a purpose end like by the unsubscribe link; measuring ends no mails. Who never agreed saw the title."""
    kind = "consent_withdrawn" if choice.key == TRACKING else consents.UNSUBSCRIBED
    return _Change(kind=kind, detail={"purpose": choice.key}, text=choice.text if choice.agreed_on else choice.title)


def _consent(choice: Choice) -> _Change:
    return _Change(kind="consent_given", detail={"purpose": choice.key}, text=choice.text)
