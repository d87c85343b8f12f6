"""What a note in an ATS tells of a person: what they were sent and did, in plain words, and our tags."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from rapport.crm.ats_words import OWN_TAG
from rapport.store import candidates, published, sends
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import TagRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.ledger import gone_on
from rapport.usecases.scores import score_of

# A recruiter reads a page; the newest lines are the ones that count.
_MOST_LINES = 40
_TITLE = "What we sent and what they did (told by Rapport):"
_LONGEST_SUBJECT = 80
_MOST_WALKS = 10
# Each costs some calls, and an errand has a minute and a half.
_MOST_TAGS = 10
_LONGEST_TAG = 100
_APPLIED = "applied"
# An application alone is nothing to tell: the ATS knows it; here it divides what came before from what came after.
_ANSWERS = {
    _APPLIED: "applied",
    "clicked": "followed a link",
    "replied": "replied",
    "registered_for_event": "registered for an event",
    "attended": "came to an event",
    "submitted": "sent a form",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a note tells; `mark` changes with what happened, and not when only a score fades. No text: nothing."""

    text: str = field(default="", repr=False)
    mark: str = ""
    tags: Sequence[str] = ()


async def history_of(tx: Tx, candidate: str, *, at: datetime) -> History:
    """What we have sent to a person and what they did, oldest first, without any mail's text."""
    someone = await candidates.get(tx, candidate)
    walks = [(walk, await _title(tx, walk)) for walk in await _walks(tx, candidate)]
    sent = [line for walk, title in walks for line in await _sent(tx, walk, title)]
    answers = await _answers(tx, candidate)
    if someone.erased_at is not None or not (sent or any(row.kind != _APPLIED for row in answers)):
        return History()
    lines = sorted([*sent, *[await _did(tx, row) for row in answers]])
    left_out = [f"({len(lines) - _MOST_LINES} earlier lines are left out.)"] if len(lines) > _MOST_LINES else []
    shown = [f"{at:%Y-%m-%d}: {text}" for at, text in lines[-_MOST_LINES:]]
    source = [f"First known from: {someone.source}."] if someone.source else []
    happened = [_TITLE, *left_out, *shown, *_walked(walks), *source]
    score = await score_of(tx, someone, at)
    tags = await candidates.tags_of(tx, candidate)
    tagged = [f"Tags: {', '.join(tags)}."] if tags else []
    return History(
        text="\n".join([*happened, *([f"Engagement score: {score}."] if score else []), *tagged]),
        mark=hashlib.sha256("\n".join([*happened, *tagged]).encode()).hexdigest(),
        tags=await _own_tags(tx, candidate),
    )


async def _own_tags(tx: Tx, candidate: str) -> Sequence[str]:
    """Their newest tags that did not come from an ATS."""
    row = TagRow
    theirs = select(row.tag).where(row.candidate == candidate, row.cause.not_like("ats:%"))
    found = (await tx.scalars(theirs.order_by(row.at.desc(), row.tag).limit(_MOST_TAGS))).all()
    return [tag for tag in found if len(OWN_TAG + tag) <= _LONGEST_TAG]


async def _walks(tx: Tx, candidate: str) -> list[EnrollmentRow]:
    row = EnrollmentRow
    return list((await tx.scalars(select(row).where(row.candidate == candidate).order_by(row.enrolled_at))).all())


async def _title(tx: Tx, walk: EnrollmentRow) -> str:
    return (await published.version(tx, walk.sequence, walk.version)).title


async def _sent(tx: Tx, walk: EnrollmentRow, title: str) -> list[tuple[datetime, str]]:
    rows = [row for row in await sends.of_enrollment(tx, walk.id) if gone_on(row)]
    return [(row.accepted_at or row.at, f"got the mail {_named(row)} of {title}") for row in rows]


def _walked(walks: Sequence[tuple[EnrollmentRow, str]]) -> Iterator[str]:
    """Which sequences they were in, from when to when, and how that ended."""
    newest = walks[-_MOST_WALKS:]
    if newest:
        yield "Sequences: " + "; ".join(f"{title} ({_span(walk)})" for walk, title in newest) + "."


def _span(walk: EnrollmentRow) -> str:
    since = f"{walk.enrolled_at:%Y-%m-%d}"
    if walk.ended_at is None:
        return f"since {since}"
    return f"{since} to {walk.ended_at:%Y-%m-%d}" + (f", {walk.end_name}" if walk.end_name else "")


def _named(row: SendRow) -> str:
    return f'"{(row.subject or row.mail)[:_LONGEST_SUBJECT]}"'


async def _answers(tx: Tx, candidate: str) -> list[HappeningRow]:
    row = HappeningRow
    query = select(row).where(row.candidate == candidate, row.kind.in_(_ANSWERS), row.verdict == "human")
    return list((await tx.scalars(query.order_by(row.at))).all())


async def _did(tx: Tx, row: HappeningRow) -> tuple[datetime, str]:
    event = await tx.get(CalendarEventRow, row.event) if row.event else None
    word = row.link or (event.title if event else None) or row.event or row.detail.get("form")
    return row.at, _ANSWERS[row.kind] + (f" ({str(word)[:_LONGEST_SUBJECT]})" if word else "")
