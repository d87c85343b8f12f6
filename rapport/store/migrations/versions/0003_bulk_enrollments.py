"""Bulk enrollments and their lists of people.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NOT_ENDED = sa.text("state != 'ended'")


def upgrade() -> None:
    op.create_table(
        "bulk_enrollments",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("end", sa.String(length=200), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("bulk_enrollments_key")),
    )
    with op.batch_alter_table("bulk_enrollments", schema=None) as batch_op:
        batch_op.create_index(
            "bulk_already", ["asked"], unique=True, sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED
        )
        batch_op.create_index("bulk_untold", ["told"], unique=False)

    op.create_table(
        "bulk_people",
        sa.Column("bulk", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["bulk"], ["bulk_enrollments.id"], name=op.f("bulk_people_bulk_known")),
        sa.PrimaryKeyConstraint("bulk", "number", name=op.f("bulk_people_key")),
    )
    with op.batch_alter_table("bulk_people", schema=None) as batch_op:
        batch_op.create_index("bulk_people_once", ["bulk", "candidate"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("bulk_people", schema=None) as batch_op:
        batch_op.drop_index("bulk_people_once")

    op.drop_table("bulk_people")
    with op.batch_alter_table("bulk_enrollments", schema=None) as batch_op:
        batch_op.drop_index("bulk_untold")
        batch_op.drop_index("bulk_already", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED)

    op.drop_table("bulk_enrollments")
