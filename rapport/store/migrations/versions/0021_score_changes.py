"""The ledger of scores says what each entry did: added, subtracted or set how many points.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score_entries", sa.Column("how", sa.String(200), nullable=True))
    op.add_column("score_entries", sa.Column("points", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("score_entries", "points")
    op.drop_column("score_entries", "how")
