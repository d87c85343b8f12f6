"""A ledger of consent whose proofs nobody rewrites either, by whatever statement.

Revision: 0020, after 0019.
"""

from collections.abc import Sequence

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_MESSAGE = "the ledger of consent is append-only"
# Erasure empties a proof. `INSERT OR REPLACE` deletes without asking a trigger on deletes; TRUNCATE asks none on rows.
_SQLITE = (
    "CREATE TRIGGER consents_proven BEFORE UPDATE OF proof ON consents"
    " WHEN NEW.proof IS NOT NULL AND NEW.proof IS NOT OLD.proof"
    f" BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER consents_once BEFORE INSERT ON consents"
    " WHEN EXISTS (SELECT 1 FROM consents WHERE id = NEW.id)"
    f" BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)
_POSTGRES = (
    "CREATE TRIGGER consents_proven BEFORE UPDATE ON consents FOR EACH ROW"
    " WHEN (NEW.proof IS NOT NULL AND NEW.proof::text IS DISTINCT FROM OLD.proof::text)"
    " EXECUTE FUNCTION consents_append_only()",
    "CREATE TRIGGER consents_kept BEFORE TRUNCATE ON consents"
    " FOR EACH STATEMENT EXECUTE FUNCTION consents_append_only()",
)


def upgrade() -> None:
    for statement in _POSTGRES if _is_postgres() else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    names: Sequence[str] = ("consents_proven", "consents_kept") if _is_postgres() else ("consents_proven", "consents_once")
    for name in names:
        op.execute(f"DROP TRIGGER {name}{' ON consents' if _is_postgres() else ''}")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
