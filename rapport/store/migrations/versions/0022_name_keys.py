"""What other systems call a person has its keyed hash beside it, as addresses have.

Revision: 0022, after 0021.
"""

import hashlib
import hmac

import sqlalchemy as sa
from alembic import context, op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("key", sa.String(64), nullable=True))
    _fill()
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.alter_column("key", existing_type=sa.String(64), nullable=False)
    # Of erasures that were under way, this was still to be done.
    op.execute(
        "INSERT INTO suppressions (key, scope, reason, at, recorded_at)"
        " SELECT identities.key, 'name', 'erased', erased_at, erased_at"
        " FROM identities JOIN candidates ON candidates.id = identities.candidate WHERE erased_at IS NOT NULL"
        " ON CONFLICT DO NOTHING"
    )
    op.execute("DELETE FROM identities WHERE candidate IN (SELECT id FROM candidates WHERE erased_at IS NOT NULL)")


def _fill() -> None:
    names = op.get_bind().execute(sa.text("SELECT system, value FROM identities")).all()
    if not names:
        return
    pepper = context.config.attributes["pepper"]
    keys = [{"key": _key(system, value, pepper), "system": system, "value": value} for system, value in names]
    op.get_bind().execute(sa.text("UPDATE identities SET key = :key WHERE system = :system AND value = :value"), keys)


def _key(system: str, value: str, pepper: bytes) -> str:
    return hmac.digest(pepper, f"name\n{system}\n{value}".encode(), hashlib.sha256).hex()


def downgrade() -> None:
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_column("key")
