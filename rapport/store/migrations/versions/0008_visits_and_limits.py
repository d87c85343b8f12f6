"""Visits that wait to be judged, turns at mail domains, and senders that were stopped.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=200), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("network", sa.String(length=200), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("visits_enrollment_known")),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("visits_send_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("visits_key")),
    )
    waits, tells = sa.text("due_at IS NOT NULL"), sa.text("told = true")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("visits_of_send", ["send", "seen_at"], unique=False)
        batch_op.create_index("visits_waiting", ["due_at"], unique=False, sqlite_where=waits, postgresql_where=waits)
        batch_op.create_index("visits_that_tell", ["seen_at"], unique=False, sqlite_where=tells, postgresql_where=tells)

    op.create_table(
        "deferrals",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("deferrals_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("deferrals_key")),
    )
    op.create_table(
        "sender_stops",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("harm", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sender", name=op.f("sender_stops_key")),
    )
    op.create_table(
        "sender_harms",
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("sender_harms_send_known")),
        sa.PrimaryKeyConstraint("send", "kind", name=op.f("sender_harms_key")),
    )
    with op.batch_alter_table("sender_harms", schema=None) as batch_op:
        batch_op.create_index("sender_harms_by_sender", ["sender", "kind", "at"], unique=False)

    turn = sa.text("slot_at IS NOT NULL")
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.add_column(sa.Column("domain", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("sender", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("slot_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("slot_try", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(
            "sends_by_turn", ["domain", "slot_at"], unique=False, sqlite_where=turn, postgresql_where=turn
        )
        batch_op.create_index("sends_by_sender", ["sender", "recorded_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.drop_index("sends_by_sender")
        batch_op.drop_index("sends_by_turn")
        for name in ("slot_try", "slot_at", "sender", "domain"):
            batch_op.drop_column(name)

    op.drop_table("sender_harms")
    op.drop_table("sender_stops")
    op.drop_table("deferrals")
    op.drop_table("visits")
