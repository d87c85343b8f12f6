"""How Alembic runs our migrations: on the connection that `rapport.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from rapport.store.columns import UtcDateTime
from rapport.store.schema import METADATA


def _spell(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write instants as plain columns: a migration stays true when our code moves on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=_spell,
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
