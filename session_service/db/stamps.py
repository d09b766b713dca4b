"""Triggers that keep ``created_at`` and ``updated_at``, whoever writes to a table.

``op`` is the module ``alembic.op``, as a revision has it.
"""

from __future__ import annotations

from typing import Any

_FUNCTION = """
CREATE FUNCTION practice_keep_stamps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := OLD.created_at;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_stamps BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION practice_keep_stamps()
"""
# The update inside fires no trigger: recursive_triggers is off unless a connection asks for it.
_SQLITE = """
CREATE TRIGGER {table}_stamps AFTER UPDATE ON {table} FOR EACH ROW
BEGIN
    UPDATE {table} SET created_at = OLD.created_at,
        updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
    WHERE rowid = NEW.rowid;
END
"""


def create_stamp_function(op: Any) -> None:
    """Make what the triggers of PostgreSQL call; once, in the first revision."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)


def drop_stamp_function(op: Any) -> None:
    """Undo `create_stamp_function`."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION practice_keep_stamps()")


def create_stamp_trigger(op: Any, table: str) -> None:
    """Keep a table's stamps from now on; dropping the table drops the trigger."""
    template = _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE
    op.execute(template.format(table=table))
