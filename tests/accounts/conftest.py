"""The persistence services behind a real gRPC server, on databases of both kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.serving import Clock, Served, served
from tests.persistence.stores import empty_store, postgresql_server, store_config

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from session_service.db.config import DatabaseConfig

__all__ = ["empty_store", "postgresql_server", "store_config"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(
    store_config: DatabaseConfig, tmp_path: Path, clock: Clock
) -> AsyncIterator[Served]:
    async with served(store_config, tmp_path / "keys", clock) as running:
        yield running
