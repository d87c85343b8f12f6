"""Further addresses, names in other systems, and merges of people.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("addresses_candidate_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("addresses_key")),
    )
    op.create_table(
        "identities",
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("identities_candidate_known")),
        sa.PrimaryKeyConstraint("system", "value", name=op.f("identities_key")),
    )
    op.create_table(
        "merges",
        sa.Column("gone", sa.String(length=200), nullable=False),
        sa.Column("kept", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gone"], ["candidates.id"], name=op.f("merges_gone_known")),
        sa.ForeignKeyConstraint(["kept"], ["candidates.id"], name=op.f("merges_kept_known")),
        sa.PrimaryKeyConstraint("gone", name=op.f("merges_key")),
    )
    for table, column in (("addresses", "candidate"), ("identities", "candidate"), ("merges", "kept")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(f"{table}_by_{'kept' if column == 'kept' else 'person'}", [column], unique=False)


def downgrade() -> None:
    op.drop_table("merges")
    op.drop_table("identities")
    op.drop_table("addresses")
