"""Which database is used, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from pathlib import Path

EMBEDDED_FILE: Final = "practice.db"
_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
}


@dataclass(frozen=True, slots=True)
class DatabaseConfig:
    """A database and the limits around it.

    Parameters
    ----------
    url
        Where it is, with the driver's name.
    connections
        Connections at once, each with a thread; SQLite has one of them for writing.
    max_waiting
        Units of work that may wait for a connection; more are refused at once.
    busy_timeout_s
        How long SQLite waits for another process to finish writing.
    connect_timeout_s
        How long PostgreSQL may take to take a connection.
    statement_timeout_s
        Longest single statement on PostgreSQL.
    """

    url: URL
    connections: int = 6
    max_waiting: int = 256
    busy_timeout_s: float = 5.0
    connect_timeout_s: float = 3.0
    statement_timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if self.url.drivername not in _DRIVERS.values():
            raise ValueError(f"{self.url.drivername!r} is no database that is supported")
        if self.is_embedded and not self.url.database:
            raise ValueError("an SQLite database needs a file")
        for name in ("busy_timeout_s", "connect_timeout_s", "statement_timeout_s", "max_waiting"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)} is not positive")
        if self.connections < 2:
            raise ValueError(
                f"connections={self.connections}: SQLite needs one to read, one to write"
            )

    @classmethod
    def from_setting(cls, database_url: str, data_dir: Path) -> Self:
        """Return the database that a setting names; empty means a file in the data folder.

        Raises
        ------
        ValueError
            When it is no address of a supported database; the text never has the password.
        """
        if not database_url:
            return cls(URL.create(_DRIVERS["sqlite"], database=str(data_dir / EMBEDDED_FILE)))
        try:
            url = make_url(database_url)
        except (ArgumentError, ValueError):
            raise ValueError("not of the form postgresql://user:password@host/database") from None
        if url.drivername not in _DRIVERS:
            raise ValueError(f"{url.drivername!r} is neither postgresql nor sqlite")
        return cls(url.set(drivername=_DRIVERS[url.drivername]))

    @property
    def is_embedded(self) -> bool:
        """Whether it is a file of this program and not a server."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """Where it is, without the password."""
        return str(self.url.database) if self.is_embedded else str(self.url)
