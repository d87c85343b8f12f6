"""What has still to be told to walks is found apart from all that ever was.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("state IN ('waiting', 'leased')")


def upgrade() -> None:
    op.create_index(
        "deliveries_open", "deliveries", ["id"], unique=False, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )
    op.drop_index("deliveries_by_state", table_name="deliveries")


def downgrade() -> None:
    op.create_index("deliveries_by_state", "deliveries", ["state", "id"], unique=False)
    op.drop_index("deliveries_open", table_name="deliveries")
