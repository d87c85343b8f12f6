"""What erasure does with each table that can lead to a person: one rule for each, and a test misses the ones without.

A table that refers to a candidate, an enrollment, a send or a happening has a rule here, and a rule that empties or
keeps names every column of the table, so that a new column is a decision as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rapport.store.columns import Row
from rapport.store.tables.ats import AtsApplicationRow, AtsPersonRow
from rapport.store.tables.bulk import BulkPersonRow
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow, IdentityRow, MergeRow
from rapport.store.tables.incoming import ForwardRow, IncomingMailRow
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.mails import DeferralRow, SenderHarmRow, SendLinkRow, SendRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, ProfileChangeRow, ScoreEntryRow, TagRow
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.store.tables.provider_events import ProviderEventRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.segments import SegmentDueRow
from rapport.store.tables.tasks import ConversationRow, TaskRow
from rapport.store.tables.visits import VisitRow
from rapport.store.tables.walks import (
    DecisionRow,
    EffectRow,
    EnrollmentRow,
    HoldRow,
    ReadRow,
    RefusalRow,
)

# What a rule's column holds the id of.
Of: TypeAlias = Literal["candidate", "enrollment", "send", "happening", "application"]
# Stands where something was that had to have a value.
GONE = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The rows of a person go; they are found by `column`, which holds the id of an `of`."""

    table: type[Row]
    column: str
    of: Of


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """The rows stay, for `because`, with the columns of `values` emptied; `keeps` names all other columns."""

    table: type[Row]
    column: str
    of: Of
    values: Mapping[str, Any]
    keeps: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The rows stay as they are, for `because`; `keeps` names all columns."""

    table: type[Row]
    column: str
    of: Of
    keeps: str
    because: str


Rule: TypeAlias = Delete | Empty | Keep


def _none(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)


# In this order: what is found by the rows of another table goes before them.
RULES: Sequence[Rule] = (
    Delete(table=TagRow, column="candidate", of="candidate"),
    Delete(table=PoolMemberRow, column="candidate", of="candidate"),
    Delete(table=SegmentDueRow, column="candidate", of="candidate"),
    Delete(table=ScoreEntryRow, column="candidate", of="candidate"),
    Delete(table=ProfileChangeRow, column="candidate", of="candidate"),
    Delete(table=RefusalRow, column="candidate", of="candidate"),
    Delete(table=AddressRow, column="candidate", of="candidate"),
    Delete(table=IdentityRow, column="candidate", of="candidate"),
    Delete(table=ReadRow, column="enrollment", of="enrollment"),
    Delete(table=DecisionRow, column="enrollment", of="enrollment"),
    Delete(table=ConversationRow, column="candidate", of="candidate"),
    Delete(table=TaskRow, column="candidate", of="candidate"),
    Delete(table=SendLinkRow, column="send", of="send"),
    Delete(table=ForwardRow, column="happening", of="happening"),
    Empty(
        table=SendRow,
        column="enrollment",
        of="enrollment",
        values=_none("subject", "raw", "server_text", "reason", "domain"),
        keeps="id enrollment step state mail version recipient_key at recorded_at language mail_hash commit message_id"
        " attempts code enhanced accepted_at resent_at sender slot_at slot_try",
        because="A late bounce still finds its mail, links in it still lead to our page, and reports still count.",
    ),
    Empty(
        table=VisitRow,
        column="send",
        of="send",
        values={"agent": None, "network": None, "told": False, "signs": []},
        keeps="key kind send enrollment step number at seen_at verdict due_at",
        because="Reports still count it; nothing tells who came.",
    ),
    Empty(
        table=EffectRow,
        column="enrollment",
        of="enrollment",
        values={"result": {}},
        keeps="enrollment step kind state at recorded_at",
        because="A retry must find that it was done.",
    ),
    Empty(
        table=HoldRow,
        column="enrollment",
        of="enrollment",
        values={"reason": GONE},
        keeps="enrollment step state at recorded_at",
        because="Says where a walk stood.",
    ),
    Empty(
        table=DeferralRow,
        column="enrollment",
        of="enrollment",
        values={"reason": GONE},
        keeps="enrollment step at until recorded_at",
        because="Says when a mail was put off.",
    ),
    Keep(
        table=DeliveryRow,
        column="enrollment",
        of="enrollment",
        keeps="id enrollment kind payload at created_at happening state leased_until attempts done_at",
        because="Its payload is what Temporal gets: ids and words of the plan. The walk has yet to hear that it ends.",
    ),
    Keep(
        table=SenderHarmRow,
        column="send",
        of="send",
        keeps="send kind sender at",
        because="Counts complaints about our sender; names nobody.",
    ),
    Empty(
        table=ProviderEventRow,
        column="send",
        of="send",
        values=_none("address_key"),
        keeps="provider id kind word outcome at recorded_at send happening message_id",
        because="A second telling must be known as one.",
    ),
    Empty(
        table=IncomingMailRow,
        column="send",
        of="send",
        values=_none("raw", "reason"),
        keeps="key mailbox kind outcome recorded_at uid uidvalidity send happening",
        because="A mail that is still in the mailbox must be known as one that was read.",
    ),
    Empty(
        table=EnrollmentRow,
        column="candidate",
        of="candidate",
        # A once-key is a field of theirs, and their open walks through a sequence must differ in it.
        values={"cause": GONE, "once_key": EnrollmentRow.id, "application": None},
        keeps="id sequence candidate n version state enrolled_at recorded_at event shift_seconds ended_at end_name"
        " path",
        because="The walk ends by it, and reports still count it.",
    ),
    Keep(
        table=BulkPersonRow,
        column="candidate",
        of="candidate",
        keeps="bulk number candidate enrollment reason",
        because="Ids: the list must not begin anew.",
    ),
    Keep(
        table=PrivacyRequestRow,
        column="candidate",
        of="candidate",
        keeps="id candidate kind state asked_by asked_at due_at done_at told detail",
        because="Proves that the person was erased, when, and who asked for it.",
    ),
    Delete(table=AtsApplicationRow, column="id", of="application"),
    Delete(table=ApplicationRow, column="candidate", of="candidate"),
    Delete(table=AtsPersonRow, column="candidate", of="candidate"),
    Empty(
        table=HappeningRow,
        column="candidate",
        of="candidate",
        # A dedupe key may hold an address; the id is made from it, so a second telling is still known.
        values={"detail": {}, "evidence": {}, "event": None, "dedupe_key": HappeningRow.id},
        keeps="id kind at recorded_at verdict candidate enrollment send step link",
        because="A second telling must be known as one.",
    ),
    Empty(
        table=ConsentRow,
        column="candidate",
        of="candidate",
        values={"source": GONE, "text": "", "proof": None},
        keeps="id candidate purpose state basis at recorded_at expires_at language text_hash",
        because="Proves that mails were rightly sent, and stopped; the hash still tells which wording it was.",
    ),
    Empty(
        table=MergeRow,
        column="gone",
        of="candidate",
        values={"cause": GONE, "profile": {}, "given": []},
        keeps="gone kept at recorded_at",
        because="An old id still leads to the erased person, so that nobody takes it for a new one.",
    ),
    Empty(
        table=CandidateRow,
        column="id",
        of="candidate",
        values={
            **_none("first_name", "last_name", "email", "email_key", "locale", "timezone", "country", "city"),
            **_none("seniority", "source", "stage", "owner_recruiter", "joined_on", "last_contacted_on"),
            "score": 0,
            "score_rest": 0.0,
            "score_at": None,
            "skills": [],
            "custom": {},
        },
        keeps="id recorded_at erased_at",
        because="The id is what all other rows refer to; it says nothing about the person.",
    ),
)
