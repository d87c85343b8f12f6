"""Forgetting a person: what is personal goes, what proves that mails were rightly sent or stopped stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.incoming import ForwardRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, ScoreEntryRow, TagRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.segments import SegmentDueRow
from rapport.store.tables.visits import VisitRow
from rapport.store.tables.walks import DecisionRow, EffectRow, EnrollmentRow, ReadRow, TaskRow

_EMPTY_PERSON: dict[str, Any] = {
    **dict.fromkeys(
        ("first_name", "last_name", "email", "email_key", "locale", "timezone", "country", "city", "seniority")
    ),
    **dict.fromkeys(("source", "stage", "owner_recruiter", "joined_on", "last_contacted_on")),
    "score": 0,
    "skills": [],
    "custom": {},
}
_EMPTY_APPLICATION: dict[str, Any] = dict.fromkeys(
    ("job", "stage", "status", "outcome", "reason", "rejected_on", "recruiter")
)


async def erase(tx: Tx, candidate: str, at: datetime) -> None:
    """Empty everything personal in our rows; the id, the ledger of consent and the hashed suppression stay."""
    walks = select(EnrollmentRow.id).where(EnrollmentRow.candidate == candidate)
    sends = select(SendRow.id).where(SendRow.enrollment.in_(walks))
    for table in (TagRow, PoolMemberRow, ScoreEntryRow, SegmentDueRow):
        await tx.execute(delete(table).where(table.candidate == candidate))
    for walked in (ReadRow, DecisionRow, TaskRow):
        await tx.execute(delete(walked).where(walked.enrollment.in_(walks)))
    await tx.execute(delete(SendLinkRow).where(SendLinkRow.send.in_(sends)))
    await tx.execute(update(SendRow).where(SendRow.enrollment.in_(walks)).values(_EMPTY_SEND))
    await tx.execute(
        update(VisitRow).where(VisitRow.enrollment.in_(walks)).values(agent=None, network=None, told=False)
    )
    await tx.execute(update(EffectRow).where(EffectRow.enrollment.in_(walks)).values(result={}))
    await tx.execute(update(ApplicationRow).where(ApplicationRow.candidate == candidate).values(_EMPTY_APPLICATION))
    heard = select(HappeningRow.id).where(HappeningRow.candidate == candidate)
    await tx.execute(delete(ForwardRow).where(ForwardRow.happening.in_(heard)))
    # A dedupe key may hold an address; the id is made from it, so a second telling is still known.
    happened = update(HappeningRow).where(HappeningRow.candidate == candidate)
    await tx.execute(happened.values(detail={}, evidence={}, event=None, dedupe_key=HappeningRow.id))
    await tx.execute(update(ConsentRow).where(ConsentRow.candidate == candidate).values(source="erased", proof=None))
    await tx.execute(update(CandidateRow).where(CandidateRow.id == candidate).values(**_EMPTY_PERSON, erased_at=at))


_EMPTY_SEND: dict[str, Any] = {"subject": None, "raw": None, "server_text": None, "reason": None, "domain": None}
