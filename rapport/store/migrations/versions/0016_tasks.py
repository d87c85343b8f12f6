"""Tasks by an id of their own, also without a walk; conversations; stages as the lifecycle has them.

Revision: 0016, after 0015.
"""

import base64
import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WORD = sa.String(length=200)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _stages()
    known = _tasks_with_candidates()
    op.drop_table("tasks")
    op.create_table(
        "tasks",
        sa.Column("id", _WORD, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("assignee", _WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("candidate", _WORD, nullable=True),
        sa.Column("enrollment", sa.Text(), nullable=True),
        sa.Column("step", _WORD, nullable=True),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("tasks_candidate_known")),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("tasks_enrollment_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("tasks_key")),
        sa.UniqueConstraint("key", name=op.f("tasks_key_unique")),
    )
    op.create_index("tasks_by_assignee", "tasks", ["assignee", "state"], unique=False)
    op.create_index("tasks_by_person", "tasks", ["candidate"], unique=False)
    op.create_index("tasks_by_step", "tasks", ["enrollment", "step"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", _WORD, nullable=False),
        sa.Column("candidate", _WORD, nullable=False),
        sa.Column("recruiter", _WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("event", _WORD, nullable=True),
        sa.Column("task", _WORD, nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("conversations_candidate_known")),
        sa.ForeignKeyConstraint(["event"], ["calendar_events.id"], name=op.f("conversations_event_known")),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name=op.f("conversations_task_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("conversations_key")),
    )
    op.create_index("conversations_by_person", "conversations", ["candidate", "at"], unique=False)
    tasks = sa.table("tasks", *(sa.column(name, kind) for name, kind in _COLUMNS.items()))
    for row in known:
        key = f"{row['enrollment']}/{row['step']}"
        op.execute(tasks.insert().values(id=_task_id(key), key=key, **row))


def downgrade() -> None:
    op.drop_table("conversations")
    tasks = sa.table("tasks", *(sa.column(name, kind) for name, kind in _COLUMNS.items()))
    before = {name: kind for name, kind in _COLUMNS.items() if name not in ("id", "key", "candidate")}
    walks = sa.select(*(tasks.c[name] for name in before)).where(tasks.c.enrollment.is_not(None))
    known = [dict(row) for row in op.get_bind().execute(walks).mappings()]
    op.drop_table("tasks")
    op.create_table(
        "tasks",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", _WORD, nullable=False),
        sa.Column("assignee", _WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("tasks_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("tasks_key")),
    )
    old = sa.table("tasks", *(sa.column(name, kind) for name, kind in before.items()))
    for row in known:
        op.execute(old.insert().values(**row))


_COLUMNS = {
    "id": _WORD,
    "key": sa.Text(),
    "candidate": _WORD,
    "enrollment": sa.Text(),
    "step": _WORD,
    "assignee": _WORD,
    "title": sa.Text(),
    "due_at": _MOMENT,
    "state": _WORD,
    "at": _MOMENT,
    "recorded_at": _MOMENT,
}


def _tasks_with_candidates() -> list[dict[str, object]]:
    tasks = sa.table("tasks", *(sa.column(n, k) for n, k in _COLUMNS.items() if n not in ("id", "key", "candidate")))
    walks = sa.table("enrollments", sa.column("id"), sa.column("candidate", _WORD))
    found = sa.select(tasks, walks.c.candidate).join(walks, walks.c.id == tasks.c.enrollment)
    return [dict(row) for row in op.get_bind().execute(found).mappings()]


def _task_id(key: str) -> str:
    """As `rapport.ids.task_id` makes it."""
    digest = hashlib.sha256(b"task\n" + key.encode()).digest()[:15]
    return "t_" + base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _stages() -> None:
    """A stage was what the ATS called it; the words of before become those of the lifecycle."""
    people = sa.table("candidates", sa.column("stage"))
    same = ("awareness", "consideration", "applicant", "in-process", "hired", "rejected", "alumni")
    for before, after in (("applied", "applicant"), ("withdrawn", "consideration")):
        op.execute(people.update().where(people.c.stage == before).values(stage=after))
    other = people.c.stage.is_not(None) & people.c.stage.not_in(same)
    op.execute(people.update().where(other).values(stage="in-process"))
