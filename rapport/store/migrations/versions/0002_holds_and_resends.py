"""Walks that stand still until a person decides, and mails that were sent again.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("holds_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("holds_key")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index("holds_by_state", ["state", "enrollment"], unique=False)
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resent_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.drop_column("resent_at")
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_index("holds_by_state")
    op.drop_table("holds")
