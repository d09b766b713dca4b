"""What every revision makes tables of; a revision in use may rely on it, so it only ever grows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from session_service.db.stamps import create_stamp_trigger


def create_table(table: str, *parts: Any, key: str = "id") -> None:
    """Make a table with a UUID key and stamps that the database keeps."""
    keys = [sa.Column("id", sa.Uuid, nullable=False)] if key == "id" else []
    op.create_table(
        table,
        *keys,
        *parts,
        instant("created_at", is_stamp=True),
        instant("updated_at", is_stamp=True),
        sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
    )
    create_stamp_trigger(op, table)


def create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    """Make a unique index over the rows that meet a condition."""
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def instant(name: str, *, nullable: bool = False, is_stamp: bool = False) -> sa.Column[Any]:
    """Return a column for an instant; a stamp is set by the database's clock."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    now = (
        "clock_timestamp()" if is_postgresql else "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
    )
    default = sa.text(now) if is_stamp else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def reference(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column that refers to another table (``users.id``)."""
    key = sa.ForeignKey(target, name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid, key, nullable=nullable)


def rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """Return a condition that every row is held to, under the name that the model gives it."""
    return sa.CheckConstraint(condition, name=f"ck_{table}_{name}")
