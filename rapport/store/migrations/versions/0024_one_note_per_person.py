"""The note in an ATS is one for each person there, and a roll on which many are missing is remembered.

Revision: 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ats_connections", sa.Column("hidden_after", sa.Text(), nullable=True))
    op.drop_index("ats_applications_by_note", table_name="ats_applications")
    with op.batch_alter_table("ats_applications", schema=None) as batch_op:
        batch_op.drop_column("noted_at")
        batch_op.drop_column("noted")
    # Notes of single applications stay as they are: only who applies from now on gets one for all of them.
    op.add_column("ats_people", sa.Column("noted", sa.String(64), nullable=True))
    op.add_column("ats_people", sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ats_people_by_note", "ats_people", ["connection", "noted_at"], unique=False)
    op.execute(
        "UPDATE ats_errands SET subject = (SELECT person FROM ats_applications"
        " WHERE ats_applications.id = ats_errands.subject)"
        " WHERE kind = 'history_note' AND state <> 'done' AND subject IN (SELECT id FROM ats_applications)"
    )


def downgrade() -> None:
    op.drop_index("ats_people_by_note", table_name="ats_people")
    with op.batch_alter_table("ats_people", schema=None) as batch_op:
        batch_op.drop_column("noted_at")
        batch_op.drop_column("noted")
    op.add_column("ats_applications", sa.Column("noted", sa.String(64), nullable=True))
    op.add_column("ats_applications", sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ats_applications_by_note", "ats_applications", ["connection", "noted_at"], unique=False)
    with op.batch_alter_table("ats_connections", schema=None) as batch_op:
        batch_op.drop_column("hidden_after")
