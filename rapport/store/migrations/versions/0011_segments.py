"""Segments: when time may move somebody, and who is still to be decided about anew.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segment_dues",
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("segment_dues_candidate_known")),
        sa.PrimaryKeyConstraint("candidate", name=op.f("segment_dues_key")),
    )
    op.create_index("segment_dues_by_time", "segment_dues", ["at"], unique=False)
    op.create_table(
        "segment_recounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meaning", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.String(length=200), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("segment_recounts_key")),
    )
    under_way = sa.text("ended_at IS NULL")
    op.create_index(
        "segment_recounts_open",
        "segment_recounts",
        ["id"],
        unique=False,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    # Segments were not watched before: whoever has published some has everybody decided about once.
    op.execute(
        "INSERT INTO segment_recounts (meaning, recorded_at, cursor, people, moved)"
        " SELECT '', moved_at, '', 0, 0 FROM live_project"
    )


def downgrade() -> None:
    op.drop_table("segment_recounts")
    op.drop_table("segment_dues")
