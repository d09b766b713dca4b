"""The HTTP side in front of the services, on an embedded database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from session_service.db import history
from session_service.db.config import DatabaseConfig
from tests.gateway.web.serving import Door, door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> DatabaseConfig:
    config = DatabaseConfig.from_setting("", tmp_path)
    history.upgrade(config)
    return config


@pytest.fixture
async def web(database: DatabaseConfig, tmp_path: Path) -> AsyncIterator[Door]:
    async with door(database, tmp_path / "keys") as running:
        yield running
