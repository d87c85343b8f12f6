"""Events of mail providers, and proofs that may be used once.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_events",
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send", sa.BigInteger(), nullable=True),
        sa.Column("happening", sa.String(length=200), nullable=True),
        sa.Column("address_key", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["happening"], ["happenings.id"], name=op.f("provider_events_happening_known")),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("provider_events_send_known")),
        sa.PrimaryKeyConstraint("provider", "id", name=op.f("provider_events_key")),
    )
    with op.batch_alter_table("provider_events", schema=None) as batch_op:
        batch_op.create_index("provider_events_by_outcome", ["outcome", "recorded_at"], unique=False)

    op.create_table(
        "provider_proofs",
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "proof", name=op.f("provider_proofs_key")),
    )
    with op.batch_alter_table("provider_proofs", schema=None) as batch_op:
        batch_op.create_index("provider_proofs_by_age", ["recorded_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("provider_proofs", schema=None) as batch_op:
        batch_op.drop_index("provider_proofs_by_age")

    op.drop_table("provider_proofs")
    with op.batch_alter_table("provider_events", schema=None) as batch_op:
        batch_op.drop_index("provider_events_by_outcome")

    op.drop_table("provider_events")
