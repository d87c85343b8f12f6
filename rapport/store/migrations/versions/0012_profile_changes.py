"""Profiles: which fields changed and why, and stages as the lifecycle has them.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("profile_changes_candidate_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("profile_changes_key")),
    )
    op.create_index("profile_changes_by_person", "profile_changes", ["candidate", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("profile_changes")
