"""What a record said before it was merged, and what the other one has of it.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite takes no new column without a default, and no release has merged anybody yet.
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.add_column(sa.Column("profile", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("given", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.drop_column("given")
        batch_op.drop_column("profile")
