"""Which promise of the model an IntegrityError is about, by the name that the model gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table
    from sqlalchemy.exc import IntegrityError

_UNIQUE: Final = re.compile(r"UNIQUE constraint failed: (?P<columns>[\w., ]+)")
_CHECK: Final = re.compile(r"CHECK constraint failed: (?P<name>\w+)")


def constraint_of(error: IntegrityError, metadata: MetaData) -> str | None:
    """Return the name of the constraint that was violated, or None when it is not told.

    PostgreSQL names it; SQLite names the columns of a unique one.
    """
    diagnostics: Any = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        name: str | None = diagnostics.constraint_name
        return name
    text = str(error.orig)
    if found := _CHECK.search(text):
        return found["name"]
    if found := _UNIQUE.search(text):
        return _unique_name(found["columns"].split(", "), metadata)
    return None


def _unique_name(columns: list[str], metadata: MetaData) -> str | None:
    table = metadata.tables.get(columns[0].partition(".")[0])
    if table is None:
        return None
    wanted = {column.partition(".")[2] for column in columns}
    for name, names in _unique_sets(table):
        if names == wanted:
            return name
    return None


def _unique_sets(table: Table) -> list[tuple[str, set[str]]]:
    promises: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
        table.primary_key,
        *(item for item in table.constraints if isinstance(item, UniqueConstraint)),
        *(index for index in table.indexes if index.unique),
    ]
    return [(str(item.name), {column.name for column in item.columns}) for item in promises]
