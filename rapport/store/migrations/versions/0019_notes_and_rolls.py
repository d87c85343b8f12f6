"""What each application's note told last, and how far the roll of each ATS was called.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ats_connections", sa.Column("roll", sa.Text(), nullable=False, server_default=""))
    op.add_column("ats_applications", sa.Column("noted", sa.String(64), nullable=True))
    op.add_column("ats_applications", sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ats_applications_by_note", "ats_applications", ["connection", "noted_at"], unique=False)
    # Notes that were written before are kept up to date as well.
    op.execute(
        "UPDATE ats_applications SET noted = '', noted_at = (SELECT MAX(done_at) FROM ats_errands"
        " WHERE ats_errands.kind = 'history_note' AND ats_errands.subject = ats_applications.id)"
        " WHERE id IN (SELECT subject FROM ats_errands WHERE kind = 'history_note' AND state = 'done')"
    )


def downgrade() -> None:
    op.drop_index("ats_applications_by_note", table_name="ats_applications")
    op.drop_column("ats_applications", "noted_at")
    op.drop_column("ats_applications", "noted")
    op.drop_column("ats_connections", "roll")
