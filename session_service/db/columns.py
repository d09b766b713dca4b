"""Column types and mixins that every table shares."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    FetchedValue,
    MetaData,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

from practice.identifiers import uuid7

if TYPE_CHECKING:
    from enum import Enum as PythonEnum

    from sqlalchemy.sql.compiler import SQLCompiler

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: JSON, in PostgreSQL's binary form where there is one.
JSON_VALUE: Final = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant; aware in Python, timestamptz on PostgreSQL, UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse local times, which nobody could compare."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class utc_now(FunctionElement[datetime]):  # noqa: N801 - an SQL function, named like one
    """The database's own clock."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(utc_now, "sqlite")
def _utc_now_sqlite(_element: utc_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(utc_now)
def _utc_now_postgresql(_element: utc_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


def choice(kind: type[PythonEnum], name: str) -> Enum:
    """Return a column type for an enum: its values as text, checked by the database."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [str(member.value) for member in members],
    )


class Base(DeclarativeBase):
    """Every table: names of constraints, and types by annotation."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), uuid.UUID: Uuid()}  # noqa: RUF012 - read once


class Keyed:
    """A key that sorts by time, made by the program so that a client may make it, too."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)


class Stamped:
    """When a row was made and last changed; the database's triggers keep both."""

    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(
        server_default=utc_now(), server_onupdate=FetchedValue()
    )


class SoftDeleted:
    """A row that is gone for everyone, but kept."""

    deleted_at: Mapped[datetime | None] = mapped_column()

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.deleted_at is not None


def rule(name: str, condition: str) -> CheckConstraint:
    """Return a named condition that the database holds every row to."""
    return CheckConstraint(condition, name=name)
