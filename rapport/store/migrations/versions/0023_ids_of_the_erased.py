"""Of people who were erased before, what an ATS calls them and their applications goes as well.

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ERASED = "candidate IN (SELECT id FROM candidates WHERE erased_at IS NOT NULL)"
_THEIRS = f"(SELECT id FROM applications WHERE {_ERASED})"


def upgrade() -> None:
    there = sa.text("application IS NOT NULL")
    op.create_index(
        "enrollments_by_application", "enrollments", ["application"], sqlite_where=there, postgresql_where=there
    )
    op.execute(f"UPDATE enrollments SET once_key = id WHERE {_ERASED}")
    op.execute(f"UPDATE enrollments SET application = NULL WHERE {_ERASED} OR application IN {_THEIRS}")
    op.execute(f"DELETE FROM ats_applications WHERE id IN {_THEIRS}")
    op.execute(f"DELETE FROM applications WHERE {_ERASED}")
    op.execute(f"DELETE FROM ats_people WHERE {_ERASED}")


def downgrade() -> None:
    op.drop_index("enrollments_by_application", "enrollments")
