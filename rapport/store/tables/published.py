"""What was published from git: insert-only contents by hash, and the pointers that say what is live."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word

THE_PROJECT = 1  # the one row of `live_project`


class ProjectRow(Row):
    """One state of project.yaml."""

    __tablename__ = "projects"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    source: Mapped[dict[str, Any]]
    commit: Mapped[str]
    recorded_at: Mapped[datetime]


class LiveProjectRow(Row):
    """Which project.yaml holds now."""

    __tablename__ = "live_project"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[Hash]
    moved_at: Mapped[datetime]


class VersionRow(Row):
    """One version of a sequence: the compiled plan that its walks are pinned to."""

    __tablename__ = "versions"

    sequence: Mapped[Word] = mapped_column(primary_key=True)
    hash: Mapped[Hash] = mapped_column(primary_key=True)
    plan: Mapped[dict[str, Any]]
    start: Mapped[dict[str, Any]]
    title: Mapped[str]
    owner: Mapped[Word]
    commit: Mapped[str]
    recorded_at: Mapped[datetime]


class LiveSequenceRow(Row):
    """Which version new walks of a sequence start on."""

    __tablename__ = "live_sequences"

    sequence: Mapped[Word] = mapped_column(primary_key=True)
    version: Mapped[Hash]
    moved_at: Mapped[datetime]


class MailTextRow(Row):
    """One text of one mail in one language (empty: the mail's own file, without a language in its name)."""

    __tablename__ = "mail_texts"

    name: Mapped[Word] = mapped_column(primary_key=True)
    language: Mapped[Word] = mapped_column(primary_key=True)
    hash: Mapped[Hash] = mapped_column(primary_key=True)
    source: Mapped[str]
    commit: Mapped[str]
    recorded_at: Mapped[datetime]


class LiveMailRow(Row):
    """Which text a mail has now, and from which commit."""

    __tablename__ = "live_mails"

    name: Mapped[Word] = mapped_column(primary_key=True)
    language: Mapped[Word] = mapped_column(primary_key=True)
    hash: Mapped[Hash]
    moved_at: Mapped[datetime]
