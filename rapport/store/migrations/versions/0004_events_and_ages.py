"""Which event a happening is about, and how old the answers to the API's callers are, each with an index.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ABOUT_EVENT = sa.text("event IS NOT NULL")
# What is about an event, as of this release.
_KINDS = ("event_changed", "event_cancelled", "registered_for_event", "attended", "cancelled_registration")


def upgrade() -> None:
    with op.batch_alter_table("happenings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event", sa.String(length=200), nullable=True))
    happenings = sa.table("happenings", sa.column("kind"), sa.column("event"), sa.column("detail", sa.JSON()))
    named = happenings.c.detail["event"].as_string()
    op.execute(
        happenings.update().where(happenings.c.kind.in_(_KINDS), named.is_not(None), named != "").values(event=named)
    )
    with op.batch_alter_table("happenings", schema=None) as batch_op:
        batch_op.create_index(
            "happenings_by_event",
            ["event", "at"],
            unique=False,
            sqlite_where=_ABOUT_EVENT,
            postgresql_where=_ABOUT_EVENT,
        )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index("idempotency_by_age", ["recorded_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index("idempotency_by_age")
    with op.batch_alter_table("happenings", schema=None) as batch_op:
        batch_op.drop_index("happenings_by_event", sqlite_where=_ABOUT_EVENT, postgresql_where=_ABOUT_EVENT)
        batch_op.drop_column("event")
