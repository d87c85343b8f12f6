"""Members of a pool are found by the pool.

Revision: 0013, after 0012.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("pool_members_by_pool", "pool_members", ["pool", "candidate"], unique=False)


def downgrade() -> None:
    op.drop_index("pool_members_by_pool", table_name="pool_members")
