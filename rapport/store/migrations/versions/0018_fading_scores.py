"""Scores that fade: when each last changed, and what rounding left over.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("candidates", sa.Column("score_rest", sa.Double(), nullable=False, server_default="0"))
    op.add_column("candidates", sa.Column("score_at", sa.DateTime(timezone=True), nullable=True))
    # Whoever has a score without an entry has had it since we know them.
    op.execute(
        "UPDATE candidates SET score_at = COALESCE("
        "(SELECT MAX(at) FROM score_entries WHERE score_entries.candidate = candidates.id), recorded_at)"
        " WHERE score <> 0"
    )


def downgrade() -> None:
    op.drop_column("candidates", "score_at")
    op.drop_column("candidates", "score_rest")
