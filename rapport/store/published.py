"""What is live, and what was: versions, texts, the project; inserts are for `rapport.usecases.publish`."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from rapport.errors import NotFound
from rapport.store.database import Tx
from rapport.store.tables.published import (
    THE_PROJECT,
    LiveMailRow,
    LiveProjectRow,
    LiveSequenceRow,
    MailTextRow,
    ProjectRow,
    VersionRow,
)


async def live_project_hash(tx: Tx) -> str:
    """Which project.yaml holds now; NotFound before the first publish."""
    pointer = await tx.get(LiveProjectRow, THE_PROJECT, populate_existing=True)
    if pointer is None:
        raise NotFound(kind="published project", name="project.yaml", hint="Run `rapport publish sequences`.")
    return pointer.hash


async def project(tx: Tx, project_hash: str) -> ProjectRow:
    """One state of project.yaml."""
    return await tx.get_one(ProjectRow, project_hash)


async def version(tx: Tx, sequence: str, version_hash: str) -> VersionRow:
    """One version of a sequence."""
    return await tx.get_one(VersionRow, (sequence, version_hash))


async def live_version(tx: Tx, sequence: str) -> VersionRow | None:
    """The version that new walks start on; None when the sequence was never published."""
    return await tx.scalar(_LIVE.where(LiveSequenceRow.sequence == sequence))


async def live_versions(tx: Tx) -> Sequence[VersionRow]:
    """The live version of every sequence, by name."""
    return (await tx.scalars(_LIVE.order_by(LiveSequenceRow.sequence))).all()


async def live_hashes(tx: Tx) -> Mapping[str, str]:
    """Which version of every sequence is live, by the sequence's name, in the order of names."""
    return {row.sequence: row.version for row in await tx.execute(_LIVE_HASHES)}


async def live_text(tx: Tx, mail: str, language: str) -> MailTextRow | None:
    """The text that a mail has now in a language (empty: the mail's own file); None when there is none."""
    return await tx.scalar(_LIVE_TEXT.where(LiveMailRow.name == mail, LiveMailRow.language == language))


async def live_texts(tx: Tx, mail: str) -> Sequence[MailTextRow]:
    """The texts that a mail has now, in all languages."""
    return (await tx.scalars(_LIVE_TEXT.where(LiveMailRow.name == mail).order_by(LiveMailRow.language))).all()


_LIVE = select(VersionRow).join(
    LiveSequenceRow, (LiveSequenceRow.sequence == VersionRow.sequence) & (LiveSequenceRow.version == VersionRow.hash)
)
_LIVE_HASHES = select(LiveSequenceRow.sequence, LiveSequenceRow.version).order_by(LiveSequenceRow.sequence)
_LIVE_TEXT = select(MailTextRow).join(
    LiveMailRow,
    (LiveMailRow.name == MailTextRow.name)
    & (LiveMailRow.language == MailTextRow.language)
    & (LiveMailRow.hash == MailTextRow.hash),
)
