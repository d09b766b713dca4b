"""Fixtures: a server of one's own, and a client of one with the contract's limits.

All tests here share one event loop: grpc.aio's completion queue outlives the loop of a single test.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.serving.live import LiveClient, ServerFactory, connect, embedded_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.standalone import EmbeddedServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/serving/" in item.nodeid and inspect.iscoroutinefunction(
            getattr(item, "function", None)
        ):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def serve(tmp_path: Path) -> ServerFactory:
    """Return a factory of servers on free ports; limits are named as in `ServingConfig`."""
    return partial(embedded_server, tmp_path)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[EmbeddedServer]:
    """A server with the contract's limits, for tests that leave it as it was."""
    async with embedded_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def client(shared_server: EmbeddedServer) -> AsyncIterator[LiveClient]:
    """A client of the shared server."""
    async with connect(shared_server) as live_client:
        yield live_client
