"""Requests about people's data, and a ledger of consent that nobody rewrites.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Erasure empties `source`, `text` and `proof`, and a merge moves entries to the person who stays. What was agreed to,
# when, and until when is never changed, and nothing is deleted.
_FIXED = ("id", "purpose", "state", "basis", "at", "recorded_at", "expires_at", "language", "text_hash")
_MESSAGE = "the ledger of consent is append-only"
_SQLITE = (
    "CREATE TRIGGER consents_stay BEFORE DELETE ON consents"
    f" BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER consents_fixed BEFORE UPDATE ON consents WHEN "
    + " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _FIXED)
    + " OR NEW.text NOT IN ('', OLD.text) OR NEW.source NOT IN ('erased', OLD.source)"
    + f" BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)
_POSTGRES = (
    "CREATE FUNCTION consents_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$",
    "CREATE TRIGGER consents_stay BEFORE DELETE ON consents"
    " FOR EACH ROW EXECUTE FUNCTION consents_append_only()",
    "CREATE TRIGGER consents_fixed BEFORE UPDATE ON consents FOR EACH ROW WHEN ("
    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _FIXED)
    + " OR NEW.text NOT IN ('', OLD.text) OR NEW.source NOT IN ('erased', OLD.source))"
    + " EXECUTE FUNCTION consents_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("privacy_requests_candidate_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("privacy_requests_key")),
    )
    op.create_index("privacy_requests_by_person", "privacy_requests", ["candidate", "asked_at"], unique=False)
    op.create_index("privacy_requests_untold", "privacy_requests", ["told"], unique=False)
    for statement in _POSTGRES if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    table = " ON consents" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER consents_fixed{table}")
    op.execute(f"DROP TRIGGER consents_stay{table}")
    if table:
        op.execute("DROP FUNCTION consents_append_only()")
    op.drop_table("privacy_requests")
