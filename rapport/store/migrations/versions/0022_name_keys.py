"""What other systems call a person has its keyed hash beside it, as addresses have.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import context, op

from rapport.errors import ConfigurationError
from rapport.ids import address_key, name_key

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
    pepper = _pepper()
    keys = [{"key": name_key(system, value, pepper), "system": system, "value": value} for system, value in names]
    op.get_bind().execute(sa.text("UPDATE identities SET key = :key WHERE system = :system AND value = :value"), keys)


def _pepper() -> bytes:
    """The key that addresses were hashed with: by another one, nobody who was erased would ever be known again."""
    pepper: bytes = context.config.attributes["pepper"]
    known = sa.text("SELECT email, email_key FROM candidates WHERE email_key IS NOT NULL LIMIT 1")
    for email, key in op.get_bind().execute(known):
        if address_key(email, pepper) != key:
            raise ConfigurationError(
                "RAPPORT_SECRET_KEY is not the one that this store was written with.",
                hint="Set it to that of your workers, and try again; nothing was changed.",
            )
    return pepper


def downgrade() -> None:
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_column("key")
