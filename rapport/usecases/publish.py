"""Publishing: what git holds becomes what new walks start on; nothing that people are on is changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import CursorResult, select, update

from rapport.dsl.plan import canonical
from rapport.errors import Refused
from rapport.store.columns import Row
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.published import (
    THE_PROJECT,
    LiveMailRow,
    LiveProjectRow,
    LiveSequenceRow,
    MailTextRow,
    ProjectRow,
    VersionRow,
)
from rapport.usecases.segment_recount import recount_if_changed

Change: TypeAlias = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSequence:
    """One checked and compiled sequence; `version` is its hash, `plan` and `start` are plain JSON."""

    plan: Mapping[str, Any]
    start: Mapping[str, Any]
    title: str
    owner: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A checked folder of sequences; mails are named by (name, language), where '' is the mail's own file."""

    project: Mapping[str, Any]
    sequences: Mapping[str, PublishedSequence]
    mails: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What a publication did; `absent` are live sequences that it does not hold: they stay live.

    `recount` says that segments mean something else now, and that everybody is decided about anew by the worker.
    """

    project: Change
    sequences: Mapping[str, Change]
    mails: Mapping[tuple[str, str], Change]
    absent: tuple[str, ...] = field(default=())
    recount: bool = False


async def publish(store: Store, publication: Publication, *, commit: str, at: datetime) -> PublishReport:
    """Store all contents and move all live pointers, or nothing; doing it again changes nothing.

    Refused when somebody else publishes at the same moment.
    """
    async with store.write() as tx:
        project = await _publish_project(tx, publication.project, commit, at)
        return PublishReport(
            project=project,
            recount=await recount_if_changed(tx, publication.project, at=at),
            sequences={
                name: await _publish_sequence(tx, name, sequence, commit, at)
                for name, sequence in sorted(publication.sequences.items())
            },
            mails={
                name: await _publish_mail(tx, name, source, commit, at)
                for name, source in sorted(publication.mails.items())
            },
            absent=await _absent(tx, publication),
        )


async def _publish_project(tx: Tx, source: Mapping[str, Any], commit: str, at: datetime) -> Change:
    digest = hashlib.sha256(canonical(source)).hexdigest()
    await insert_once(tx, ProjectRow(hash=digest, source=dict(source), commit=commit, recorded_at=at))
    pointer = LiveProjectRow(id=THE_PROJECT, hash=digest, moved_at=at)
    return await _point(tx, pointer, {"id": THE_PROJECT}, "hash")


async def _publish_sequence(tx: Tx, name: str, sequence: PublishedSequence, commit: str, at: datetime) -> Change:
    row = VersionRow(
        sequence=name,
        hash=sequence.version,
        plan=dict(sequence.plan),
        start=dict(sequence.start),
        title=sequence.title,
        owner=sequence.owner,
        commit=commit,
        recorded_at=at,
    )
    if not await insert_once(tx, row):
        await _retitle(tx, row)
    pointer = LiveSequenceRow(sequence=name, version=sequence.version, moved_at=at)
    return await _point(tx, pointer, {"sequence": name}, "version")


async def _retitle(tx: Tx, row: VersionRow) -> None:
    """A title and an owner are no part of the version: the newest ones hold for it."""
    this = (VersionRow.sequence == row.sequence) & (VersionRow.hash == row.hash)
    await tx.execute(update(VersionRow).where(this).values(title=row.title, owner=row.owner))


async def _publish_mail(tx: Tx, name: tuple[str, str], source: str, commit: str, at: datetime) -> Change:
    mail, language = name
    digest = hashlib.sha256(source.encode()).hexdigest()
    text = MailTextRow(name=mail, language=language, hash=digest, source=source, commit=commit, recorded_at=at)
    await insert_once(tx, text)
    pointer = LiveMailRow(name=mail, language=language, hash=digest, moved_at=at)
    return await _point(tx, pointer, {"name": mail, "language": language}, "hash")


async def _point(tx: Tx, pointer: Row, which: Mapping[str, Any], content: str) -> Change:
    """Move a live pointer by compare-and-set: only from where we saw it."""
    table = type(pointer)
    wanted = getattr(pointer, content)
    seen = await tx.scalar(select(getattr(table, content)).filter_by(**which))
    if seen == wanted:
        return "unchanged"
    if seen is None:
        moved = await insert_once(tx, pointer)
    else:
        change = {content: wanted, "moved_at": getattr(pointer, "moved_at")}  # noqa: B009  # three tables, one way
        result = await tx.execute(update(table).filter_by(**which, **{content: seen}).values(change))
        moved = isinstance(result, CursorResult) and result.rowcount == 1
    if not moved:
        raise Refused(
            reason="moved_meanwhile", message="Somebody else has published at the same moment.", hint="Publish again."
        )
    return "new" if seen is None else "changed"


async def _absent(tx: Tx, publication: Publication) -> tuple[str, ...]:
    live = (await tx.scalars(select(LiveSequenceRow.sequence).order_by(LiveSequenceRow.sequence))).all()
    return tuple(name for name in live if name not in publication.sequences)
