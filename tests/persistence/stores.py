"""The same tests on SQLite and on PostgreSQL: import `store_config` into a conftest."""

from __future__ import annotations

import dataclasses
import uuid
from typing import TYPE_CHECKING

import pytest

from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.database import Database
from tests.persistence import postgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

KINDS = ("sqlite", "postgresql")


def patient(config: DatabaseConfig) -> DatabaseConfig:
    """Return a database on a machine that may be busy with other things."""
    return dataclasses.replace(config, connect_timeout_s=100.0, statement_timeout_s=100.0)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.PostgreSQL]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=KINDS)
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseConfig:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return DatabaseConfig.from_setting("", tmp_path)
    server: postgresql.PostgreSQL = request.getfixturevalue("postgresql_server")
    return patient(DatabaseConfig.from_setting(server.new_database(uuid.uuid4().hex), tmp_path))


@pytest.fixture
def store_config(empty_store: DatabaseConfig) -> DatabaseConfig:
    """A database of each kind with every table."""
    history.upgrade(empty_store)
    return empty_store


@pytest.fixture
async def database(store_config: DatabaseConfig) -> AsyncIterator[Database]:
    opened = Database(store_config)
    yield opened
    await opened.close()
