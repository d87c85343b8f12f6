"""The kinds of columns that our tables are made of, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: stored in UTC, read back aware, and never guessed from a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; ValueError for a datetime that does not say where it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value.isoformat()} is naive; give it a time zone before it is stored"
            raise ValueError(message)
        instant = value.astimezone(UTC)
        # SQLite stores text; without the offset it compares as text in the order of time.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Read an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(MappedAsDataclass, DeclarativeBase, kw_only=True, repr=False, eq=False):
    """A row of a table: typed when it is made, silent in logs (`repr` shows no column), equal only to itself."""

    # Every constraint has a name, so that a later migration can change it.
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_known",
            "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it once
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(),
        list[Any]: JSON(),
        bytes: LargeBinary(),
        str: Text(),
    }


# A number that the database counts up; SQLite counts only columns of type INTEGER.
Counted = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
# Hex of SHA-256.
Hash = Annotated[str, mapped_column(String(64))]
# Ids and words of the company's own catalog.
Word = Annotated[str, mapped_column(String(200))]
