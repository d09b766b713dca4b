"""Connections that keep what the rest relies on: foreign keys, durable commits, honest locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, create_engine, event

if TYPE_CHECKING:
    from session_service.db.config import DatabaseConfig

#: Execution option of connections that will write.
WRITES: Final = "practice_writes"


def make_engine(config: DatabaseConfig) -> Engine:
    """Return an engine; nothing is connected yet."""
    return _sqlite_engine(config) if config.is_embedded else _postgresql_engine(config)


def _postgresql_engine(config: DatabaseConfig) -> Engine:
    timeout_ms = round(config.statement_timeout_s * 1000)
    return create_engine(
        config.url,
        pool_size=config.connections,
        max_overflow=0,
        pool_timeout=config.connect_timeout_s,
        pool_pre_ping=True,  # a restarted server is noticed before the work and not by it
        connect_args={
            "application_name": "practice",
            "connect_timeout": max(2, round(config.connect_timeout_s)),
            "options": f"-c statement_timeout={timeout_ms} -c lock_timeout={timeout_ms}"
            " -c timezone=utc -c synchronous_commit=on",
        },
    )


def _sqlite_engine(config: DatabaseConfig) -> Engine:
    engine = create_engine(config.url, pool_size=config.connections, max_overflow=0)
    pragmas = (
        "PRAGMA journal_mode=WAL",
        # A commit that was answered is on the disk, even if the power fails right after.
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA busy_timeout={round(config.busy_timeout_s * 1000)}",
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own idea of transactions is off
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail without waiting.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
