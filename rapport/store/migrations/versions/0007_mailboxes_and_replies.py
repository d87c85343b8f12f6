"""Mailboxes that we read, what became of each mail in them, and replies on their way to recruiters.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("mailboxes_key")),
    )
    op.create_table(
        "incoming_mails",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("mailbox", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("send", sa.BigInteger(), nullable=True),
        sa.Column("happening", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["happening"], ["happenings.id"], name=op.f("incoming_mails_happening_known")),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("incoming_mails_send_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("incoming_mails_key")),
    )
    with op.batch_alter_table("incoming_mails", schema=None) as batch_op:
        batch_op.create_index("incoming_mails_by_outcome", ["outcome", "recorded_at"], unique=False)

    op.create_table(
        "forwards",
        sa.Column("happening", sa.String(length=200), nullable=False),
        sa.Column("recruiter", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["happening"], ["happenings.id"], name=op.f("forwards_happening_known")),
        sa.PrimaryKeyConstraint("happening", name=op.f("forwards_key")),
    )
    with op.batch_alter_table("forwards", schema=None) as batch_op:
        batch_op.create_index("forwards_by_state", ["state", "next_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("forwards", schema=None) as batch_op:
        batch_op.drop_index("forwards_by_state")

    op.drop_table("forwards")
    with op.batch_alter_table("incoming_mails", schema=None) as batch_op:
        batch_op.drop_index("incoming_mails_by_outcome")

    op.drop_table("incoming_mails")
    op.drop_table("mailboxes")
