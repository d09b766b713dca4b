"""What only TimescaleDB does; runs wherever the extension can be loaded."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from session_service.db import history, timescale
from session_service.db.config import DatabaseConfig
from session_service.db.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.persistence.postgresql import PostgreSQL


@pytest.fixture
def connection(postgresql_server: PostgreSQL, tmp_path: Path) -> Iterator[Connection]:
    address = postgresql_server.new_database(uuid.uuid4().hex)
    config = DatabaseConfig.from_setting(address, tmp_path)
    history.upgrade(config)
    with make_engine(config).connect() as connected:
        yield connected
    connected.engine.dispose()


def test_hypertables_where_the_extension_loads(connection: Connection) -> None:
    if not timescale.is_loadable(connection):
        pytest.skip("this PostgreSQL has no TimescaleDB")
    names = text("SELECT hypertable_name FROM timescaledb_information.hypertables ORDER BY 1")
    found = connection.execute(names).scalars().all()
    assert {"beat_metrics", "window_metrics"} <= set(found)
    assert timescale.is_installed(connection)


def test_partitions_where_it_does_not(connection: Connection) -> None:
    if timescale.is_loadable(connection):
        pytest.skip("this PostgreSQL has TimescaleDB")
    assert not timescale.is_installed(connection)
    kind = text("SELECT relkind FROM pg_class WHERE relname = 'window_metrics'")
    assert connection.execute(kind).scalar_one() in {"p", b"p"}
