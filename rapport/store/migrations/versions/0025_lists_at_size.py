"""Lists are read along an index, whatever they are narrowed by; what browsers said of themselves is gone from events.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_HAS_OWNER = sa.text("owner_recruiter IS NOT NULL")
_IS_REPLY = sa.text("kind = 'replied'")
# Clicks and opens said it before there were visits, which an hourly sweep looked for in all events ever since.
_WITHOUT_AGENT = {
    "sqlite": "json_remove(evidence, '$.agent')",
    "postgresql": "(CAST(evidence AS jsonb) - 'agent')::json",
}
_SAYS_AGENT = {
    "sqlite": "json_extract(evidence, '$.agent') IS NOT NULL",
    "postgresql": "evidence ->> 'agent' IS NOT NULL",
}


def upgrade() -> None:
    op.create_index(
        "candidates_by_owner",
        "candidates",
        ["owner_recruiter", "id"],
        unique=False,
        sqlite_where=_HAS_OWNER,
        postgresql_where=_HAS_OWNER,
    )
    op.create_index("tags_by_tag", "tags", ["tag", "candidate"], unique=False)
    op.drop_index("pool_members_by_pool", table_name="pool_members")
    op.create_index("pool_members_by_pool", "pool_members", ["pool", "candidate", "expires_at"], unique=False)
    op.drop_index("sends_by_state", table_name="sends")
    op.create_index("sends_by_state", "sends", ["state", "id"], unique=False)
    op.create_index(
        "happenings_replied",
        "happenings",
        ["at", "id"],
        unique=False,
        sqlite_where=_IS_REPLY,
        postgresql_where=_IS_REPLY,
    )
    dialect = op.get_bind().dialect.name
    op.execute(
        f"UPDATE happenings SET evidence = {_WITHOUT_AGENT[dialect]}"  # noqa: S608  # words of this file
        f" WHERE kind IN ('opened', 'clicked') AND {_SAYS_AGENT[dialect]}"
    )


def downgrade() -> None:
    op.drop_index("happenings_replied", table_name="happenings")
    op.drop_index("sends_by_state", table_name="sends")
    op.create_index("sends_by_state", "sends", ["state", "at"], unique=False)
    op.drop_index("pool_members_by_pool", table_name="pool_members")
    op.create_index("pool_members_by_pool", "pool_members", ["pool", "candidate"], unique=False)
    op.drop_index("tags_by_tag", table_name="tags")
    op.drop_index("candidates_by_owner", table_name="candidates")
